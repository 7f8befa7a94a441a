#pragma once

#include "snapshot/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Failures that are alike: same process, call, destination and error, in one namespace. A program that has
 * no port left may fail a hundred thousand times a second; who reads along wants to see the first at once
 * and then how many there are, and never more lines than can be read.
 */
struct failure_group {
	struct failure failure; /* the latest; its text is the group's own */
	uint64_t untold;	/* how many since the group was last told */
};

struct failure_groups;

/* At most `lines` groups are told at once between two ticks, and at most as many by a tick. */
struct failure_groups *failure_groups_new(unsigned lines);
void failure_groups_free(struct failure_groups *groups);

/* Counts the failure. Returns its group if this one is the first and is to be told at once; else NULL. */
const struct failure_group *failure_groups_take(struct failure_groups *groups,
						const struct failure *failure);

/* Hands over the groups that have untold failures, those with most first, and forgets groups in which
 * nothing has happened for a minute. Returns how many failures are left untold for good, because they
 * are of too many groups. To be called every second or so. */
uint64_t failure_groups_tick(struct failure_groups *groups, int64_t now_ms,
			     void (*tell)(void *context, const struct failure_group *group),
			     void *context);
