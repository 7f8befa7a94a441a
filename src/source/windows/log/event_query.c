#include "source/windows/log/event_query.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/log/wevtapi.h"
#include "system/clock.h"
#include "system/windows/error_text.h"

#include <stdlib.h>

/*
 * An event has at most 64 KiB of data (learn.microsoft.com, "EventWrite function"), which as text takes several times as much;
 * what is larger than this limit is no event.
 */
enum {
	FIRST_BATCH = 4, /* who asks for what is new wants few; each is twice the one before */
	BATCH = 64,
	FIRST_BYTES = 16 * 1024,
	MOST_BYTES = 4 * 1024 * 1024,
	RENDER_TRIES = 4,    /* it cannot grow, but whoever says so need not know */
	WAIT_MS = 10 * 1000, /* for the next batch, where there is no deadline */
};

struct asking {
	const struct wevtapi_route *route;
	const struct event_query *query;
	struct event_answer *answer;
	wchar_t *wide;
	char *text;
	DWORD wide_bytes;
	size_t text_bytes;
	bool has_all;
};

/* ---- one event ---- */

static void hand_on(struct asking *asking, DWORD bytes)
{
	int length = (int)(bytes / sizeof *asking->wide), size;

	while (length && !asking->wide[length - 1])
		length--;
	if (asking->text_bytes < 3 * (size_t)length + 1) { /* of one unit at most three */
		asking->text_bytes = 3 * (size_t)length + 1;
		asking->text = memory_resize(asking->text, asking->text_bytes, 1);
	}
	size = WideCharToMultiByte(CP_UTF8, 0, asking->wide, length, asking->text,
				   (int)asking->text_bytes, NULL, NULL);
	if (size <= 0) {
		asking->answer->unread++;
		return;
	}
	asking->answer->events++;
	asking->has_all =
		!asking->query->feed(asking->query->context, asking->text, (size_t)size);
}

static bool grow(struct asking *asking, DWORD bytes)
{
	if (bytes <= asking->wide_bytes || bytes > MOST_BYTES)
		return false;
	asking->wide_bytes = bytes;
	asking->wide = memory_resize(asking->wide, bytes, 1);
	return true;
}

static void render(struct asking *asking, EVT_HANDLE event)
{
	DWORD used = 0, properties = 0;

	for (int i = 0; i < RENDER_TRIES; i++) {
		if (asking->route->render(NULL, event, EvtRenderEventXml, asking->wide_bytes,
					  asking->wide, &used, &properties)) {
			hand_on(asking, used < asking->wide_bytes ? used : asking->wide_bytes);
			return;
		}
		if (GetLastError() != ERROR_INSUFFICIENT_BUFFER || !grow(asking, used))
			break;
	}
	asking->answer->unread++;
}

/* ---- all of them ---- */

static bool is_enough(const struct asking *asking)
{
	const struct event_answer *answer = asking->answer;

	return !asking->has_all && asking->query->most &&
	       answer->events + answer->unread >= asking->query->most;
}

/* Whether there may be more. */
static bool take_batch(struct asking *asking, EVT_HANDLE *events, DWORD count)
{
	for (DWORD i = 0; i < count; i++) {
		if (is_enough(asking))
			asking->answer->end = QUERY_MOST;
		else if (!asking->has_all)
			render(asking, events[i]);
		asking->route->close(events[i]);
	}
	return asking->answer->end == QUERY_WHOLE && !asking->has_all;
}

/* Milliseconds; 0: none is left. */
static DWORD time_left(const struct asking *asking)
{
	int64_t left;

	if (!asking->query->deadline_ms)
		return WAIT_MS;
	left = asking->query->deadline_ms - clock_monotonic_ms();
	return left <= 0 ? 0 : left < WAIT_MS ? (DWORD)left : WAIT_MS;
}

static void stop(struct asking *asking, enum event_query_end end, DWORD error)
{
	asking->answer->end = end;
	asking->answer->error = error;
}

static void take_all(struct asking *asking, EVT_HANDLE results)
{
	EVT_HANDLE events[BATCH];
	DWORD count, left, room = FIRST_BATCH;

	for (;; room = room < BATCH ? 2 * room : BATCH) {
		left = time_left(asking);
		if (!left) {
			stop(asking, QUERY_LATE, ERROR_TIMEOUT);
			return;
		}
		count = 0;
		SetLastError(ERROR_SUCCESS);
		if (!asking->route->next(results, room, events, left, 0, &count)) {
			DWORD error = GetLastError();

			if (error == ERROR_TIMEOUT)
				stop(asking, QUERY_LATE, error);
			else if (error != ERROR_NO_MORE_ITEMS)
				stop(asking, QUERY_FAILED, error);
			return;
		}
		if (count > room) {
			stop(asking, QUERY_FAILED, ERROR_INVALID_DATA);
			return;
		}
		if (!count || !take_batch(asking, events, count))
			return;
	}
}

void event_query_run(const struct wevtapi_route *route, const struct event_query *query,
		     struct event_answer *answer)
{
	struct asking asking = { .route = route, .query = query, .answer = answer };
	DWORD flags =
		(query->is_file ? EvtQueryFilePath : EvtQueryChannelPath) |
		(query->newest_first ? EvtQueryReverseDirection : EvtQueryForwardDirection);
	EVT_HANDLE results;

	*answer = (struct event_answer){ .end = QUERY_WHOLE };
	SetLastError(ERROR_SUCCESS);
	results = route->query(NULL, query->path, query->xpath, flags);
	if (!results) {
		stop(&asking, QUERY_REFUSED, GetLastError());
		return;
	}
	grow(&asking, FIRST_BYTES);
	take_all(&asking, results);
	route->close(results);
	free(asking.wide);
	free(asking.text);
}

/* ---- what became of it ---- */

/* Numbers of winerror.h; those of the event log begin with 1500 and 15000. */
static const struct {
	unsigned long error;
	const char *of_channel, *of_file; /* NULL: as the other */
	const char *remedy;		  /* of a channel */
} known[] = {
	{ ERROR_ACCESS_DENIED, N_("access is denied"), NULL,
	  N_("run it as administrator, or as a member of Event Log Readers") },
	{ ERROR_EVENTLOG_FILE_CORRUPT, N_("the log is spoilt"),
	  N_("Windows cannot read it: the log was not closed when it was copied, or is spoilt; "
	     "export it on that machine: wevtutil epl System System.evtx"),
	  NULL },
	{ ERROR_INVALID_DATA, N_("the log is spoilt"),
	  N_("Windows cannot read it: the log was not closed when it was copied, or is spoilt; "
	     "export it on that machine: wevtutil epl System System.evtx"),
	  NULL },
	{ ERROR_EVT_CHANNEL_NOT_FOUND, N_("there is no log of that name"), NULL, NULL },
	{ ERROR_EVT_INVALID_QUERY, N_("this Windows does not take the question"), NULL, NULL },
	{ RPC_S_SERVER_UNAVAILABLE, N_("the service Windows Event Log does not run"), NULL,
	  N_("start it: sc start EventLog") },
	{ RPC_S_UNKNOWN_IF, N_("the service Windows Event Log does not run"), NULL,
	  N_("start it: sc start EventLog") },
	{ ERROR_TIMEOUT, N_("the service Windows Event Log does not answer in time"), NULL,
	  NULL },
	{ ERROR_SUCCESS, N_("the event log of Windows is not available"), NULL, NULL },
};

const char *event_query_why(const struct event_answer *answer, bool is_file)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].error == answer->error)
			return is_file && known[i].of_file ? _(known[i].of_file) :
							     _(known[i].of_channel);
	return error_text(answer->error);
}

const char *event_query_remedy(const struct event_answer *answer, bool is_file)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].error == answer->error && known[i].remedy && !is_file)
			return _(known[i].remedy);
	return NULL;
}
