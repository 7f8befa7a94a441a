#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

struct wevtapi_route;

/*
 * One question to the event log, of a channel or of a file: each event of the answer is handed on as XML in UTF-8. It takes no
 * longer than it may, and what it could not take is told.
 */
struct event_query {
	const wchar_t *path; /* "System"; of a file the whole path */
	bool is_file;
	const wchar_t *xpath; /* "*": all */
	bool newest_first;
	uint64_t most;	     /* events; 0: as many as there are */
	int64_t deadline_ms; /* of clock_monotonic_ms(); 0: none */
	bool (*feed)(void *context, const char *xml, size_t size); /* false: that was all */
	void *context;
};

enum event_query_end {
	QUERY_WHOLE,
	QUERY_MOST,    /* there may be more than `most` */
	QUERY_LATE,    /* time was over */
	QUERY_REFUSED, /* it was not answered at all: `error` */
	QUERY_FAILED,  /* it broke off: `error` */
	QUERY_ENDINGS,
};

struct event_answer {
	enum event_query_end end;
	unsigned long error;	 /* 0 of a refusal: there is no event log (Wine) */
	uint64_t events, unread; /* handed on; those that could not be rendered */
};

void event_query_run(const struct wevtapi_route *route, const struct event_query *query,
		     struct event_answer *answer);

/* Why it was refused or broke off, for people: valid until the next call of the same thread. What would help; NULL: not
 * known. */
const char *event_query_why(const struct event_answer *answer, bool is_file);
const char *event_query_remedy(const struct event_answer *answer, bool is_file);
