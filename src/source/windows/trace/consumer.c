#include "source/windows/trace/consumer.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/etl/event.h"
#include "source/windows/trace/etw_route.h"
#include "source/windows/trace/session.h"
#include "system/clock.h"
#include "system/windows/error_text.h"

#include <assert.h>
#include <stdlib.h>

enum { DRAIN_MS = 5000 };

static_assert(sizeof(EVENT_HEADER) == ETW_HEADER, "as event.h has it");

struct consumer {
	const struct etw_route *route;
	TRACEHANDLE trace;
	HANDLE thread;
	HANDLE news; /* an event: something came, or no more will */
	CRITICAL_SECTION lock;
	struct etw_live *live; /* the lock's */
	volatile LONG ended;
};

/* ---- the thread ---- */

static VOID WINAPI take_record(EVENT_RECORD *record)
{
	struct consumer *consumer = record->UserContext;
	struct etw_event event;
	bool failed;

	etw_event_live(&event, (const uint8_t *)&record->EventHeader, record->UserData,
		       record->UserDataLength);
	EnterCriticalSection(&consumer->lock);
	failed = etw_live_take(consumer->live, &event, clock_monotonic_ms());
	LeaveCriticalSection(&consumer->lock);
	if (failed)
		SetEvent(consumer->news);
}

static DWORD WINAPI run(void *context)
{
	struct consumer *consumer = context;
	TRACEHANDLE trace = consumer->trace;
	ULONG result = consumer->route->process(&trace, 1, NULL, NULL);

	InterlockedExchange(&consumer->ended, 1);
	SetEvent(consumer->news);
	return result;
}

/* ---- its life ---- */

/* Some systems start a session and give nobody its events. */
static int refuse(const struct etw_route *route, DWORD number, struct error *error)
{
	if (route->is_wine)
		return error_set(error,
				 _("event tracing is not available: Wine has its "
				   "functions by name only: %s"),
				 error_text(number));
	if (number == ERROR_ACCESS_DENIED)
		return error_set(error,
				 _("event tracing: %s; run as administrator, or as a member "
				   "of the group Performance Log Users"),
				 error_text(number));
	return error_set(error,
			 _("event tracing is not available: its events cannot be read: %s"),
			 error_text(number));
}

static int open_trace(struct consumer *consumer, const struct session *session,
		      struct error *error)
{
	EVENT_TRACE_LOGFILEW trace = {
		.LoggerName = (wchar_t *)session->name,
		.ProcessTraceMode =
			PROCESS_TRACE_MODE_REAL_TIME | PROCESS_TRACE_MODE_EVENT_RECORD,
		.EventRecordCallback = take_record,
		.Context = consumer,
	};

	consumer->trace = consumer->route->open(&trace);
	if (consumer->trace == (TRACEHANDLE)(uintptr_t)INVALID_HANDLE_VALUE)
		return refuse(consumer->route, GetLastError(), error);
	consumer->thread = CreateThread(NULL, 0, run, consumer, 0, NULL);
	if (consumer->thread)
		return 0;
	error_set(error, _("event tracing: %s"), error_text(GetLastError()));
	consumer->route->close(consumer->trace);
	return -1;
}

struct consumer *consumer_open(const struct session *session, struct error *error)
{
	struct consumer *consumer = memory_zeroed(1, sizeof *consumer);

	consumer->route = session->route;
	consumer->live = etw_live_new();
	consumer->news = CreateEventW(NULL, FALSE, FALSE, NULL);
	InitializeCriticalSection(&consumer->lock);
	if (!open_trace(consumer, session, error))
		return consumer;
	DeleteCriticalSection(&consumer->lock);
	CloseHandle(consumer->news);
	etw_live_free(consumer->live);
	free(consumer);
	return NULL;
}

/* ProcessTrace() returns when the session has ended and all of it is read. Where it does not, CloseTrace() asks it to
 * (learn.microsoft.com, "CloseTrace function"). */
void consumer_drain(struct consumer *consumer)
{
	if (WaitForSingleObject(consumer->thread, DRAIN_MS) == WAIT_OBJECT_0)
		return;
	(void)consumer->route->close(consumer->trace);
	consumer->trace = 0;
	(void)WaitForSingleObject(consumer->thread, DRAIN_MS);
}

/* A thread that the system does not give back keeps what it works on, until the program ends. */
void consumer_close(struct consumer *consumer)
{
	if (!consumer)
		return;
	consumer_drain(consumer);
	if (consumer->trace)
		(void)consumer->route->close(consumer->trace);
	if (WaitForSingleObject(consumer->thread, 0) != WAIT_OBJECT_0)
		return;
	CloseHandle(consumer->thread);
	CloseHandle(consumer->news);
	DeleteCriticalSection(&consumer->lock);
	etw_live_free(consumer->live);
	free(consumer);
}

/* ---- the reader's side ---- */

void consumer_wait(struct consumer *consumer, int timeout_ms, intptr_t ending)
{
	HANDLE events[] = { consumer->news, (HANDLE)ending };
	bool waits;

	EnterCriticalSection(&consumer->lock);
	waits = etw_live_waits(consumer->live);
	LeaveCriticalSection(&consumer->lock);
	/* What waits becomes ready by itself. */
	if (waits && timeout_ms > ETW_LIVE_WAITS_MS / 4)
		timeout_ms = ETW_LIVE_WAITS_MS / 4;
	if (timeout_ms > 0)
		(void)WaitForMultipleObjects(ending ? 2 : 1, events, FALSE, (DWORD)timeout_ms);
}

void consumer_take(struct consumer *consumer, bool all, struct etw_told_list *list)
{
	EnterCriticalSection(&consumer->lock);
	etw_live_hand_over(consumer->live, clock_monotonic_ms(), all, list);
	LeaveCriticalSection(&consumer->lock);
}

bool consumer_has_ended(const struct consumer *consumer)
{
	return consumer->ended != 0;
}

struct etw_live_counts consumer_counts(struct consumer *consumer)
{
	struct etw_live_counts counts;

	EnterCriticalSection(&consumer->lock);
	counts = etw_live_counts(consumer->live);
	LeaveCriticalSection(&consumer->lock);
	return counts;
}
