#pragma once

#include <stdint.h>

struct snapshot;
struct walked_process;

/*
 * Adds the process to the snapshot with all that /proc tells of it. If it has ended since the walk,
 * or its pid belongs to another one by now, only the pid is known.
 * Returns its index in snapshot->processes.
 */
uint32_t process_read(struct snapshot *snapshot, int proc,
		      const struct walked_process *walked);
