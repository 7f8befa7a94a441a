#pragma once

#include "base/error.h"
#include "source/linux/trace/failure_seen.h"

/*
 * Failing calls by BPF programs (bpf/failures.bpf.c): all kinds, with process and namespace from the
 * kernel.
 */
struct failures_bpf;

/* NULL with errno set, unless something known stands in the way: bpf_obstacle(). */
struct failures_bpf *failures_bpf_open(const struct failures_wanted *wanted,
				       struct failure_coverage coverage[FAILURE_KIND_COUNT]);
void failures_bpf_close(struct failures_bpf *watch);

/* Can be read when there is something to take. */
int failures_bpf_descriptor(const struct failures_bpf *watch);

void failures_bpf_take(struct failures_bpf *watch, failures_take take, void *context);
uint64_t failures_bpf_lost(const struct failures_bpf *watch);
unsigned failures_bpf_slows_calls_ns(const struct failures_bpf *watch);
