#include "source/windows/log/channel.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "source/artefact/windows/event_xml.h"
#include "source/windows/log/wevtapi.h"
#include "system/clock.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <windows.h>

/* A day has some hundreds of them; of what never ends the newest are enough. */
enum { MOST_RECORDS = 10000 };

/* What the thread works with: nothing of it is anybody else's. Who is the second to leave it frees it. */
struct task {
	struct wevtapi_route route;
	wchar_t *channel, *xpath;
	unsigned patience_ms;
	struct channel_reading *reading;
	volatile LONG users;
};

/* ---- the question ---- */

/* "2026-11-28T03:00:00.000Z", as Event Viewer writes it into its filters */
static void print_time(char *text, size_t size, int64_t time_ms)
{
	uint64_t filetime = filetime_from_unix_ms(time_ms);
	FILETIME file = { (DWORD)filetime, (DWORD)(filetime >> 32) };
	SYSTEMTIME at = { 0 };

	FileTimeToSystemTime(&file, &at);
	snprintf(text, size, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", at.wYear, at.wMonth,
		 at.wDay, at.wHour, at.wMinute, at.wSecond, at.wMilliseconds);
}

/*
 * By provider: with the numbers, too, it would have more than the 20 expressions that are allowed (learn.microsoft.com,
 * "Consuming Events"). Which numbers matter is known where events are taken.
 */
static wchar_t *xpath_of(const struct channel_request *request)
{
	struct arena arena = { 0 };
	const char *text = "", *provider;
	char time[32];
	wchar_t *wide;

	for (size_t i = 0; (provider = event_provider(i)); i++)
		text = arena_print(&arena, "%s%s@Name='%s'", text, i ? " or " : "", provider);
	text = arena_print(&arena, "Provider[%s]", text);
	if (request->since_ms) {
		print_time(time, sizeof time, request->since_ms);
		text = arena_print(&arena, "%s and TimeCreated[@SystemTime>='%s']", text,
				   time);
	}
	if (request->after)
		text = arena_print(&arena, "%s and EventRecordID>%llu", text,
				   (unsigned long long)request->after);
	text = arena_print(&arena, "*[System[%s]]", text);
	wide = wide_of(text);
	arena_free(&arena);
	return wide;
}

/* ---- in the thread ---- */

static void feed(void *context, const char *xml, size_t size)
{
	event_xml_feed(context, xml, size);
}

static struct event_answer ask(struct task *task, struct event_query query,
			       void (*take)(void *context, struct event_record *record),
			       void *context)
{
	struct event_xml *xml = memory_zeroed(1, sizeof *xml);
	struct event_answer answer;

	xml->take = take;
	xml->context = context;
	query.path = task->channel;
	query.feed = feed;
	query.context = xml;
	event_query_run(&task->route, &query, &answer);
	event_xml_end(xml);
	free(xml);
	return answer;
}

static void take_mark(void *context, struct event_record *record)
{
	*(struct channel_mark *)context =
		(struct channel_mark){ record->number, record->time_ms };
}

static void take_record(void *context, struct event_record *record)
{
	struct channel_reading *reading = context;

	array_reserve(reading->records, reading->count, reading->capacity);
	reading->records[reading->count++] = *record;
}

/* The ends first: what comes meanwhile is found by whoever asks for what is behind the last. */
static void work(struct task *task)
{
	struct channel_reading *reading = task->reading;
	int64_t deadline_ms = clock_monotonic_ms() + task->patience_ms;
	struct event_query query = { .xpath = L"*", .most = 1, .deadline_ms = deadline_ms };

	query.newest_first = true;
	reading->answer = ask(task, query, take_mark, &reading->last);
	if (reading->answer.end == QUERY_REFUSED ||
	    (reading->answer.end == QUERY_FAILED && !reading->last.number))
		return;
	query.newest_first = false;
	ask(task, query, take_mark, &reading->first);
	query = (struct event_query){
		.xpath = task->xpath,
		.newest_first = true,
		.most = MOST_RECORDS,
		.deadline_ms = deadline_ms,
	};
	reading->answer = ask(task, query, take_record, reading);
}

static void leave(struct task *task, bool with_reading)
{
	if (InterlockedDecrement(&task->users))
		return;
	if (with_reading)
		channel_reading_free(task->reading);
	free(task->channel);
	free(task->xpath);
	free(task);
}

static DWORD WINAPI run(void *context)
{
	struct task *task = context;

	work(task);
	leave(task, true);
	return 0;
}

/* ---- whoever asks ---- */

static struct task *make_task(const struct wevtapi_route *route,
			      const struct channel_request *request)
{
	struct task *task = memory_zeroed(1, sizeof *task);

	task->route = *route;
	task->channel = wide_of(request->channel);
	task->xpath = xpath_of(request);
	task->patience_ms = request->patience_ms;
	task->reading = memory_zeroed(1, sizeof *task->reading);
	task->users = 2;
	return task;
}

struct channel_reading *channel_read(const struct wevtapi_route *route,
				     const struct channel_request *request)
{
	struct task *task = make_task(route, request);
	struct channel_reading *reading = task->reading;
	HANDLE thread = CreateThread(NULL, 0, run, task, 0, NULL);
	bool answered;

	if (!thread) { /* then it has to be waited for */
		task->users = 1;
		work(task);
		answered = true;
	} else {
		answered =
			WaitForSingleObject(thread, 2 * request->patience_ms) == WAIT_OBJECT_0;
		CloseHandle(thread);
	}
	if (!answered)
		reading = memory_zeroed(1, sizeof *reading);
	reading->answered = answered;
	leave(task, !answered);
	return reading;
}

void channel_reading_free(struct channel_reading *reading)
{
	if (!reading)
		return;
	free(reading->records);
	free(reading);
}
