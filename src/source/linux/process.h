#pragma once

#include <stdbool.h>
#include <stdint.h>

struct snapshot;
struct walked_process;

/* What does not change from process to process. Begins with { .proc = ... }; owns nothing: the names
 * live in the snapshot's arena. */
enum { PROCESS_USERS = 16 };

struct process_reader {
	int proc; /* a descriptor of /proc or of a copy of it */
	bool boot_asked;
	int64_t boot_time; /* seconds since 1970 UTC; -1: not known */
	struct process_user {
		int64_t user;
		const char *name;
		bool known;
	} users[PROCESS_USERS];
};

/*
 * Adds the process to the snapshot with all that /proc tells of it. If it has ended since the walk,
 * or its pid belongs to another one by now, only the pid is known.
 * Returns its index in snapshot->processes.
 */
uint32_t process_read(struct snapshot *snapshot, struct process_reader *reader,
		      const struct walked_process *walked);
