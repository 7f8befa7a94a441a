#pragma once

#include "action/windows/range.h"

/*
 * The process that rolls a try back at its deadline, whatever becomes of whoever began it: portroom itself, without a
 * console, told by a word that is in no help (RANGE_GUARD_WORD).
 */
#define RANGE_GUARD_WORD "guard"

struct range_guard {
	void *process, *go, *answer; /* handles; NULL: closed */
	uint32_t pid;
};

/* It waits; nothing is guarded yet. -1 with a sentence. */
int range_guard_start(struct range_guard *guard, struct error *error);

/* The record, which names the guard's pid, is there: from now on it counts. */
int range_guard_go(struct range_guard *guard, struct error *error);

/* There is nothing to guard after all. */
void range_guard_cancel(struct range_guard *guard);
void range_guard_close(struct range_guard *guard);

/* What the process does; its exit status. */
int range_guard_main(const struct range_tools *tools);

/* Its last act: sets back what the record tells, however long that takes, unless the record has been replaced by then. */
void range_guard_roll_back(const struct range_tools *tools, struct range_record *record);
