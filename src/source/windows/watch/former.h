#pragma once

#include <stdint.h>

struct processes;
struct snapshot;

/*
 * Which process of an earlier look is which of a later one. Windows gives the number of a process that has ended to another
 * soon: who ended keeps its name and is not taken for its successor.
 */
struct formers {
	const struct snapshot *before;
	uint32_t *
		now; /* by index into before->processes; UINT32_MAX: it is not in the later look (yet) */
};

/* `before` must live as long; `now` is the caller's to free(). */
void formers_begin(struct formers *formers, const struct snapshot *before);

/* Those that both looks have, and those that may have left something in TIME_WAIT. */
void formers_match(struct formers *formers, struct snapshot *snapshot);

/* The process that had that pid when it was seen between the looks: index into the later look's, added if need be. */
uint32_t formers_index(struct formers *formers, struct snapshot *snapshot,
		       struct processes *processes, int32_t pid);
