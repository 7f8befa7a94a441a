#pragma once

#include "base/index.h"
#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dossier;

/*
 * A listing of the handles of Windows processes, one by one, on its way to sums: by process, and of each by type. Zero is empty.
 */
enum { HANDLE_TYPES_MOST = 128 };

struct handle_counts {
	struct counted_process {
		int32_t pid;
		const char *name; /* NULL: not told */
		int64_t total, sockets;
		int64_t unnamed_files; /* without a name, so that they may be sockets */
		uint32_t types[HANDLE_TYPES_MOST];
	} * processes;
	size_t process_count, process_capacity;
	struct index pid_index;
	struct counted_type {
		const char *name; /* of dossier_text(): the same text is the same pointer */
	} types[HANDLE_TYPES_MOST];
	size_t type_count;
	struct index type_index;
	uint64_t left_out; /* of more processes than there can be */
	bool files_only;   /* the listing has no others: what there is besides is not told */
};

/* Names as they stand in a listing. The object's is empty where none is told. */
struct handle_seen {
	int32_t pid;	     /* > 0 */
	struct span process; /* of its program; empty: not told */
	struct span type, object;
};

void handle_counts_add(struct handle_counts *counts, struct dossier *dossier,
		       const struct handle_seen *handle);

/* All were seen: the processes of the dossier get them, in place of what another listing said. Frees the counts. */
void handle_counts_finish(struct handle_counts *counts, struct dossier *dossier);
void handle_counts_free(struct handle_counts *counts);
