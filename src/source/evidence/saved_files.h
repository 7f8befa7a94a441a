#pragma once

#include "base/error.h"
#include "source/source.h"

struct artefact_input;
struct dossier;

/*
 * Several files of portroom save from one machine: the latest is the snapshot, the earlier ones become points of its series.
 * What other files told of the machine's past (logs, events, traces) joins it.
 */
struct saved_files {
	const struct source_request *request;
	struct snapshot *snapshots;
	char **names;
	size_t count, capacity;
};

/* 0, or -1 with a sentence; what was read before stays. */
int saved_files_add(struct saved_files *files, const struct artefact_input *input,
		    struct error *error);

/* The latest goes into the snapshot of `dossier`, which has what the other files told; of the others their points. */
void saved_files_join(struct saved_files *files, const struct dossier *dossier);

void saved_files_free(struct saved_files *files);
