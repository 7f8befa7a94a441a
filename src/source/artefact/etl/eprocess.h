#pragma once

#include "base/index.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Which process an EPROCESS is: AFD names processes by the address of that structure in the kernel. When a process has
 * ended another may get the address, so that the time matters, too. Events may be learned from in any order.
 */
enum { EPROCESS_RECENT = 1024 };

struct eprocesses {
	struct index index;
	struct eprocess *items;
	size_t count, capacity;
	uint32_t recent[EPROCESS_RECENT]; /* where such an address was found last */
};

void eprocess_learn(struct eprocesses *all, uint64_t process, uint32_t pid, int64_t time);

/* The one that had it at that time: of those that were seen by then the latest. 0: none was. */
uint32_t eprocess_pid(const struct eprocesses *all, uint64_t process, int64_t time);

/* The first one that was seen with it, whenever. 0: none was. */
uint32_t eprocess_first_pid(const struct eprocesses *all, uint64_t process);

void eprocesses_free(struct eprocesses *all);
