#pragma once

#include "snapshot/snapshot.h"

#include <stdint.h>

/*
 * Who made a failing call: looked at when a process is met first, and kept, since whoever fails once fails often. Of one that
 * has ended by then there is what an event told. Only a few thousand are kept; then all are forgotten.
 */
struct failure_processes;

struct failure_processes *failure_processes_new(void);
void failure_processes_free(struct failure_processes *processes);

/* `name` as an event told it, "" if none did; `time_ms` when the call failed: a process that began later is another one. pid 0:
 * not known. Valid until the next call. */
const struct process *failure_process(struct failure_processes *processes, uint32_t pid,
				      const char *name, int64_t time_ms);
