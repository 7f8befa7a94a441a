#pragma once

#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * Processes of the machine: one look at all of them (NtQuerySystemInformation), details of those that are asked for.
 */
struct processes;

/* Never NULL; without the look, processes have numbers only, and a gap of the snapshot says so. */
struct processes *processes_open(struct snapshot *snapshot);
void processes_close(struct processes *processes);

/* Who there was at the look. */
size_t processes_seen(const struct processes *processes);
int32_t processes_seen_pid(const struct processes *processes, size_t index);

/* Index into the snapshot's processes, added when it is first asked for, described as far as that is allowed. pid > 0. */
uint32_t processes_index(struct processes *processes, int32_t pid);
