#pragma once

#include "source/windows/log/channel.h"

#include <stdint.h>

struct snapshot;
struct wevtapi_route;

/*
 * What this machine's own log says that bears on ports (4227, 4231, 4266 and what goes with them), into snapshot->evidence, as
 * what a file tells, but marked as the machine's own. A log that cannot be read is a gap: that it has no event is no proof of
 * health. The log is System, in which drivers and services write.
 */
struct logged_request {
	int64_t since_ms;	   /* 0: of whatever time */
	struct channel_mark after; /* only what came behind it; number 0: all */
	unsigned patience_ms;	   /* so long it may take; no answer at all takes twice that */
};

/* The log's last record, for whoever asks later for what came since; number 0: not known, or there is none. `route` is NULL
 * where this Windows has none. */
struct channel_mark logged_take(const struct wevtapi_route *route,
				const struct logged_request *request,
				struct snapshot *snapshot);

/* The same of this Windows. */
struct channel_mark logged_ask(const struct logged_request *request,
			       struct snapshot *snapshot);

/* For a verdict, which waits for little. */
void logged_read(struct snapshot *snapshot, int64_t since_ms);
