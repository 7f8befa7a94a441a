#pragma once

#include "base/error.h"
#include "source/linux/trace/failure_seen.h"

/*
 * Failing calls by perf events of the kernel's tracepoints, where BPF is not to be had. They tell less: see
 * the remarks of failures_perf_open()'s coverage. Process and namespace are looked up when the record is
 * read, which is too late for a process that has ended.
 */
struct failures_perf;

/* NULL with the reason in `error`. */
struct failures_perf *failures_perf_open(const struct failures_wanted *wanted,
					 struct failure_coverage coverage[FAILURE_KIND_COUNT],
					 struct error *error);
void failures_perf_close(struct failures_perf *watch);

/* Can be read when there is something to take. */
int failures_perf_descriptor(const struct failures_perf *watch);

void failures_perf_take(struct failures_perf *watch, failures_take take, void *context);
uint64_t failures_perf_lost(const struct failures_perf *watch);

/* Calls that failed in the right way, but whose arguments the record did not have. */
uint64_t failures_perf_unclear(const struct failures_perf *watch);
unsigned failures_perf_slows_calls_ns(const struct failures_perf *watch);
