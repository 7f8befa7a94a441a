#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tracepoints by perf_event_open(2), on every processor: records in shared buffers, one a processor. The
 * kernel filters them. All is gone with the descriptors.
 */
struct perf_events;

/* A tracepoint that is wanted. */
struct perf_wish {
	int64_t id;	    /* tracefs_event_id() */
	const char *filter; /* as for tracefs, "ret == -98" */
	uint64_t registers; /* of the program, a bit each; 0: none */
	uint32_t stack;	    /* bytes from the top of its stack, a multiple of 8; 0: none */
};

struct perf_sample {
	size_t wish; /* which one */
	int32_t pid,
		thread;	  /* in the caller's pid namespace; not above 0: not visible in it */
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	const uint8_t *record; /* the tracepoint's own */
	size_t record_size;
	const uint64_t *registers; /* those wanted, lowest bit first; NULL: not told */
	const uint8_t *stack;
	size_t stack_size; /* of it, what could be read */
};

/* NULL with a sentence. */
struct perf_events *perf_events_open(const struct perf_wish *wishes, size_t count,
				     struct error *error);
void perf_events_close(struct perf_events *events);

/* Can be read when there is something to take. */
int perf_events_descriptor(const struct perf_events *events);

/* Hands over what there is, processor by processor; ends early when `take` returns false. */
void perf_events_take(struct perf_events *events,
		      bool (*take)(void *context, const struct perf_sample *sample),
		      void *context);

/* Records that found no room. */
uint64_t perf_events_lost(struct perf_events *events);
