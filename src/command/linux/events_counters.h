#pragma once

#include "base/error.h"
#include "snapshot/snapshot.h"
#include "source/counters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_groups;
struct events_request;

/*
 * Counters of the kernel among the events: all that are not zero, and, while it goes on, those that have moved.
 */
enum { EVENTS_COLUMNS = 32 };

struct events_counters {
	const struct events_request *request;
	struct event_groups *groups; /* that take them */
	struct snapshot snapshot;    /* host, namespaces, gaps */
	bool counted;
	const char *why_not; /* they are not looked at; NULL: they are */

	/* the rest is its own */
	int64_t *values; /* of the last look, by namespace and column */
	struct counter_column columns[EVENTS_COLUMNS];
	size_t column_count;
};

/* -1 with a sentence if the namespace that was named cannot be read. */
int events_counters_read(struct events_counters *counters, struct error *error);

/* What has moved since; only where they are counted. */
void events_counters_look(struct events_counters *counters);
void events_counters_free(struct events_counters *counters);
