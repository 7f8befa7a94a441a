#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stdint.h>

struct dossier;

/*
 * The handles of one process, one by one. A socket is a File whose name begins with \Device\Afd. Tools list only files by
 * themselves: how many handles there are is known where there are other kinds among them.
 */
struct handle_count {
	int32_t pid; /* 0: none is open */
	uint64_t handles, sockets;
	bool all_kinds;
};

/* Ends the one before. */
void handle_count_begin(struct handle_count *count, struct dossier *dossier, int32_t pid,
			struct span name);
void handle_count_add(struct handle_count *count, struct span type, struct span name);
void handle_count_found(struct handle_count *count, struct span text); /* one of a search */
void handle_count_end(struct handle_count *count, struct dossier *dossier);
