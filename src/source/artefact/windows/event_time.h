#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Times in event logs, in milliseconds since 1970. XML has them in UTC; what Windows writes for people is in the time zone of
 * that machine, in the form of its language, and then the order of day and month may not be told by the date itself.
 */
struct event_time {
	int64_t time_ms; /* 0: not understood, or ambiguous */
	bool is_local; /* of an unknown time zone: differences are right, the moment is not */
};

/* Which stands first of day and month; a date of which one is above 12 tells it for all in that file. */
enum event_order { ORDER_UNKNOWN, ORDER_DAY_FIRST, ORDER_MONTH_FIRST };

/* Whether it is a date with a time of day: numbers, of which two are joined by a colon. */
bool event_time_is(struct span text);

struct event_time event_time_read(struct span text, enum event_order *order);
