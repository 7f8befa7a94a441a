#pragma once

#include "source/artefact/windows/event.h"
#include "source/windows/log/event_query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A log of this machine: what it has from some point on of the providers whose events bear on ports, and how far it reaches;
 * or, for whoever follows it, all that came behind a record that is known.
 *
 * The event log is a service, which may hang; whoever asks it does not: it is asked by a thread of its own (system/patience.h).
 * While some of these still wait for their answer, no more are made, and that is no answer either.
 */

/* A record, by which the log is found again. */
struct channel_mark {
	uint64_t number; /* 0: there is none */
	int64_t time_ms;
};

struct channel_request {
	const char *channel;
	int64_t since_ms; /* 0: from its beginning */
	struct channel_mark
		after; /* what came behind it, of whatever provider; number 0: all that is asked for else */
	unsigned patience_ms; /* so long it may take; no answer at all takes twice that */
};

struct channel_reading {
	bool answered; /* false: nothing else is told */
	struct event_answer answer;
	struct channel_mark first,
		last; /* of all records; `first` is not asked for with `after` */
	struct event_record *records; /* the newest first */
	size_t count, capacity;
};

/* Free it by channel_reading_free(). */
struct channel_reading *channel_read(const struct wevtapi_route *route,
				     const struct channel_request *request);
void channel_reading_free(struct channel_reading *reading);
