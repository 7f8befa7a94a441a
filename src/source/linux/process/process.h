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

/* Whether there is one with this number and beginning, and it is no zombie. */
bool process_still_runs(int proc, int32_t pid, uint64_t start_ticks);

/* A process that was noted while it did something. */
struct noted_process {
	int32_t pid;	   /* 0: it has none here */
	uint64_t start_ns; /* since boot; 0: not known */
	const char *name;  /* NULL: not known */
	int64_t user;	   /* -1: not known */
	uint64_t cgroup;   /* inode number in the unified hierarchy; 0: not known */
};

/* Adds it: if it still runs, as above; else with what was noted. */
uint32_t process_add_noted(struct snapshot *snapshot, struct process_reader *reader,
			   const struct noted_process *noted);
