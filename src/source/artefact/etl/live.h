#pragma once

#include "source/artefact/etl/failed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Calls that fail, from events that a live session hands over: one pass, in the order of time, in memory that has an end.
 * The reader of files has two passes, and the same parts (afd.h, tcpip.h, failed.h, eprocess.h, names.h).
 *
 * TCP/IP tells what it finds no port for within the call, and AFD tells that call when it ends: what the former tells waits
 * for a moment, so that both become one. What AFD tells waits for nothing.
 */
struct etw_live;

enum { ETW_LIVE_WAITS_MS = 200, ETW_LIVE_NAME = 64 };

struct etw_live *etw_live_new(void);
void etw_live_free(struct etw_live *live);

/* `now_ms` is of any clock that only goes forward. Times of events are 100 ns, since whenever. Whether it was a call that
 * failed. */
bool etw_live_take(struct etw_live *live, const struct etw_event *event, int64_t now_ms);

struct etw_told {
	struct failed_call failed;
	uint32_t pid; /* 0: not known */
	char name
		[ETW_LIVE_NAME]; /* of its program, where an event told that it began; "" else */
};

struct etw_told_list {
	struct etw_told *items;
	size_t count, capacity; /* the caller frees items */
};

/* Hands over what need not wait any more, oldest first, behind what is in the list; all of it, where no more will come. */
void etw_live_hand_over(struct etw_live *live, int64_t now_ms, bool all,
			struct etw_told_list *list);

/* Whether something waits: then it is worth to ask again in ETW_LIVE_WAITS_MS. */
bool etw_live_waits(const struct etw_live *live);

struct etw_live_counts {
	uint64_t
		dropped; /* failing calls that there was no room for, because nobody took them */
	uint64_t unread;     /* calls of a form that is not known */
	uint64_t lost_notes; /* how often the system told that it had lost events */
};

struct etw_live_counts etw_live_counts(const struct etw_live *live);
