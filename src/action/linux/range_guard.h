#pragma once

#include "action/linux/range_files.h"
#include "action/linux/range_record.h"

#include <sys/types.h>

/*
 * The process that rolls a try back at its deadline, whatever becomes of whoever began it: it has a session of its own,
 * no terminal, and everything it needs open from the start.
 */
struct range_guard {
	pid_t pid;
	int go, answer; /* pipes to and from it; -1: closed */
};

/* It waits; nothing is guarded yet. -1 with a sentence. */
int range_guard_start(struct range_guard *guard, const struct range_files *files,
		      const struct range_folder *folder, struct error *error);

/* The record, which names the guard's pid, is there: from now on it counts. */
int range_guard_go(struct range_guard *guard, struct error *error);

/* There is nothing to guard after all. */
void range_guard_cancel(struct range_guard *guard);

void range_guard_close(struct range_guard *guard);
