#include "source/windows/log/channel.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "source/artefact/windows/event_xml.h"
#include "source/windows/log/wevtapi.h"
#include "system/clock.h"
#include "system/patience.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <windows.h>

/* A day has some hundreds of them; of what never ends the newest are enough. */
enum { MOST_RECORDS = 10000 };

/* Whoever follows a log whose service hangs asks again and again, and each question keeps a thread until it is answered. */
enum { MOST_UNANSWERED = 8 };
static LONG unanswered;

/* What the thread works with: nothing of it is anybody else's. */
struct task {
	struct wevtapi_route route;
	wchar_t *channel, *xpath;
	struct channel_mark after;
	unsigned patience_ms;
	bool begins_anew; /* the log was cleared since: nothing in it is known */
	bool has_all;
	struct channel_reading *reading;
	struct event_xml xml;
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
	text = arena_print(&arena, "*[System[%s]]", text);
	wide = wide_of(text);
	arena_free(&arena);
	return wide;
}

/* ---- in the thread ---- */

static bool feed(void *context, const char *xml, size_t size)
{
	struct task *task = context;

	event_xml_feed(&task->xml, xml, size);
	return !task->has_all;
}

/* What is taken is told by its address: it goes into the reading. */
static struct event_answer ask(struct task *task, struct event_query query,
			       void (*take)(void *context, struct event_record *record),
			       void *context)
{
	struct event_answer answer;

	task->xml = (struct event_xml){ .take = take, .context = context };
	query.path = task->channel;
	query.feed = feed;
	query.context = task;
	event_query_run(&task->route, &query, &answer);
	event_xml_end(&task->xml);
	return answer;
}

static struct channel_mark mark_of(const struct event_record *record)
{
	return (struct channel_mark){ record->number, record->time_ms };
}

static void take_mark(void *context, struct event_record *record)
{
	*(struct channel_mark *)context = mark_of(record);
}

static void take_record(void *context, struct event_record *record)
{
	struct channel_reading *reading = context;

	array_reserve(reading->records, reading->count, reading->capacity);
	reading->records[reading->count++] = *record;
}

/* The ends first: what comes meanwhile is found by whoever asks for what is behind the last. */
static void read_whole(struct task *task, int64_t deadline_ms)
{
	struct channel_reading *reading = task->reading;
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

/* ---- what is new ---- */

/* A log that was cleared may count from 1 again, and come by the same number. */
static bool is_cleared(const struct channel_mark *last, const struct channel_mark *known)
{
	return last->number < known->number ||
	       (last->number == known->number && last->time_ms != known->time_ms);
}

static void take_new(void *context, struct event_record *record)
{
	struct task *task = context;
	struct channel_reading *reading = task->reading;

	if (!reading->last.number) {
		reading->last = mark_of(record);
		task->begins_anew = is_cleared(&reading->last, &task->after);
	}
	if (!task->begins_anew && record->number <= task->after.number)
		task->has_all = true;
	else
		take_record(reading, record);
}

/*
 * One question without a condition, from the newest record back to the one that is known: where nothing is new that is a
 * single record. A condition could have the service look through the whole log for none.
 */
static void read_new(struct task *task, int64_t deadline_ms)
{
	const struct event_query query = {
		.xpath = L"*",
		.newest_first = true,
		.most = MOST_RECORDS,
		.deadline_ms = deadline_ms,
	};

	task->reading->answer = ask(task, query, take_new, task);
}

static void work(void *context)
{
	struct task *task = context;
	int64_t deadline_ms = clock_monotonic_ms() + task->patience_ms;

	if (task->after.number)
		read_new(task, deadline_ms);
	else
		read_whole(task, deadline_ms);
}

static void release(void *context)
{
	struct task *task = context;

	InterlockedDecrement(&unanswered);
	channel_reading_free(task->reading);
	free(task->channel);
	free(task->xpath);
	free(task);
}

/* ---- whoever asks ---- */

static struct task *make_task(const struct wevtapi_route *route,
			      const struct channel_request *request)
{
	struct task *task = memory_zeroed(1, sizeof *task);

	InterlockedIncrement(&unanswered);
	task->route = *route;
	task->channel = wide_of(request->channel);
	task->xpath = xpath_of(request);
	task->after = request->after;
	task->patience_ms = request->patience_ms;
	task->reading = memory_zeroed(1, sizeof *task->reading);
	return task;
}

struct channel_reading *channel_read(const struct wevtapi_route *route,
				     const struct channel_request *request)
{
	struct channel_reading *reading;
	struct task *task;

	if (unanswered >= MOST_UNANSWERED)
		return memory_zeroed(1, sizeof *reading);
	task = make_task(route, request);
	switch (patience_run(2 * request->patience_ms, work, release, task)) {
	case PATIENCE_OVER:
		return memory_zeroed(1, sizeof *reading);
	case PATIENCE_NO_THREAD: /* then it has to be waited for */
		work(task);
		break;
	case PATIENCE_DONE:
		break;
	}
	reading = task->reading;
	reading->answered = true;
	task->reading = NULL;
	release(task);
	return reading;
}

void channel_reading_free(struct channel_reading *reading)
{
	if (!reading)
		return;
	free(reading->records);
	free(reading);
}
