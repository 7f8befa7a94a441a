#pragma once

#include "base/arena.h"
#include "diagnosis/event.h"

/*
 * Events that are alike, each kind once. A log may have a million lines of one kind, and somebody who may write into it
 * lines of a million kinds: there is an end to how many are kept.
 */
enum { EVENT_GROUPS_MOST = 1024 };

struct event_groups {
	struct event
		*events; /* in the order in which the kinds were met, until they are sorted */
	size_t count, capacity;
	uint64_t rest; /* events of further kinds */
	struct arena arena;
};

/* Counts it; its texts are copied. */
void event_groups_take(struct event_groups *groups, const struct event *event);

/* By time of the latest, those without one last. */
void event_groups_sort(struct event_groups *groups);

void event_groups_free(struct event_groups *groups);
