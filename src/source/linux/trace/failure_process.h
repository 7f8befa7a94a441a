#pragma once

#include "snapshot/snapshot.h"
#include "source/linux/process/process.h"
#include "source/linux/trace/failure_seen.h"

/*
 * Who made a failing call: read from /proc when a process is met first, and kept, since whoever fails once
 * fails often. Of one that has ended by then there is what the kernel noted at the call. Only a few
 * thousand are kept; then all are forgotten.
 */
enum { FAILURE_PROCESSES = 4096 };

struct failure_processes {
	struct snapshot known; /* its processes */
	struct process_reader reader;
	uint32_t index[2 * FAILURE_PROCESSES]; /* hash table: place in known.processes + 1 */
};

void failure_processes_free(struct failure_processes *processes);

/* Valid until the next call. */
const struct process *failure_process(struct failure_processes *processes,
				      const struct seen_failure *seen);
