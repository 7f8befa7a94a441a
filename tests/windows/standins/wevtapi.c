/*
 * A stand-in for wevtapi.dll, whose functions Wine has by name only. It serves events from files of XML, one <Event> behind the
 * other, the oldest first:
 *
 *     PORTROOM_STANDIN_EVENTS   a folder: System.xml is the log System, CASE.evtx.xml what a file CASE.evtx has
 *     PORTROOM_STANDIN_WEVTAPI  what it does wrong, words with commas between them:
 *         none, denied, missing, stopped: EvtQuery has no answer: error 0 (as Wine), 5, 15007, 1722
 *         hang: EvtQuery does not return
 *         break=N: EvtNext fails with 1500 where N events were handed out
 *         endless: it never comes to an end
 *         growing: EvtRender wants more room each time, twice
 *         spoilt=N: the record with that number cannot be rendered
 *
 * A file is read anew by each query, so that a test may add events. It is as strict as the documentation: paths are whole,
 * questions have at most 20 comparisons, handles belong to the thread that made the query.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <winevt.h>

enum { RESULTS = 0x52455355, EVENT = 0x4556454e, COMPARISONS_MOST = 20 };

struct event {
	int kind;
	DWORD thread;
	char *xml;
	unsigned long long number;
	int renderings;
};

struct results {
	int kind;
	DWORD thread;
	char *text, *query;
	struct {
		char *begin, *end;
	} * events;
	size_t count, at;
	bool reverse;
};

/* ---- what it is told to do wrong ---- */

/* Whether the word is among them; its number, where it has one, else 1. */
static unsigned long long told(const char *word)
{
	const char *words = getenv("PORTROOM_STANDIN_WEVTAPI");
	size_t length = strlen(word);

	for (const char *at = words; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, word, length) && strchr(",=", at[length]))
			return at[length] == '=' ? strtoull(at + length + 1, NULL, 10) : 1;
	return 0;
}

static void *fail(DWORD error)
{
	SetLastError(error);
	return NULL;
}

/* ---- texts ---- */

static char *narrow(const wchar_t *wide)
{
	int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
	char *text = calloc(1, (size_t)size + 1);

	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
	return text;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size;

	if (!file)
		return NULL;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	size = (long)fread(text, 1, (size_t)size, file);
	fclose(file);
	return text;
}

/* What stands behind the words, up to one of the ends; "": nothing does. */
static void value_after(const char *from, const char *words, const char *ends, char *value,
			size_t size)
{
	const char *at = strstr(from, words);

	*value = '\0';
	if (at)
		snprintf(value, size, "%.*s", (int)strcspn(at + strlen(words), ends),
			 at + strlen(words));
}

static unsigned long long number_of(const char *xml)
{
	char value[32];

	value_after(xml, "<EventRecordID>", "<", value, sizeof value);
	return strtoull(value, NULL, 10);
}

/* ---- the question ---- */

static bool is_of_provider(const char *query, const char *xml)
{
	char name[128], wanted[160];

	if (!strstr(query, "@Name="))
		return true;
	value_after(strstr(xml, "<Provider"), "Name=", " />", name, sizeof name);
	name[strcspn(name + 1, "'\"") + 1] = '\0';
	snprintf(wanted, sizeof wanted, "@Name='%s'", name + 1);
	return strstr(query, wanted) != NULL;
}

static bool is_wanted(const char *query, char *xml)
{
	char since[64], after[32], time[64];

	value_after(query, "@SystemTime>='", "'", since, sizeof since);
	value_after(query, "EventRecordID>", "] ", after, sizeof after);
	value_after(xml, "SystemTime=", " />", time, sizeof time);
	/* To the millisecond: "'2026-11-28T03:00:00.000" */
	if (*since && strncmp(time + 1, since, 23) < 0)
		return false;
	if (*after && number_of(xml) <= strtoull(after, NULL, 10))
		return false;
	return is_of_provider(query, xml);
}

static int count_comparisons(const char *query)
{
	int count = 0;

	for (; *query; query++)
		count += *query == '=' || (*query == '>' && query[1] != '=');
	return count;
}

static void find_events(struct results *results)
{
	char *at = results->text, *end;

	while ((at = strstr(at, "<Event ")) && (end = strstr(at, "</Event>"))) {
		char kept = end[8];

		end[8] = '\0';
		if (is_wanted(results->query, at)) {
			results->events =
				realloc(results->events,
					(results->count + 1) * sizeof *results->events);
			results->events[results->count].begin = at;
			results->events[results->count++].end = end + 8;
		}
		end[8] = kept;
		at = end + 8;
	}
}

/* ---- the functions ---- */

static char *find_text(const char *path, DWORD flags)
{
	const char *folder = getenv("PORTROOM_STANDIN_EVENTS"), *name = strrchr(path, '\\');
	bool is_whole = (path[0] && path[1] == ':' && path[2] == '\\') ||
			(!strncmp(path, "\\\\", 2) && path[2] != '?');
	char file[1024];

	if ((flags & EvtQueryFilePath) && !is_whole)
		return fail(ERROR_INVALID_NAME);
	snprintf(file, sizeof file, "%s\\%s.xml", folder ? folder : ".",
		 (flags & EvtQueryFilePath) && name ? name + 1 : path);
	SetLastError((flags & EvtQueryFilePath) ? ERROR_FILE_NOT_FOUND :
						  ERROR_EVT_CHANNEL_NOT_FOUND);
	return read_file(file);
}

EVT_HANDLE WINAPI EvtQuery(EVT_HANDLE session, const wchar_t *path, const wchar_t *query,
			   DWORD flags)
{
	struct results *results;
	char *name = narrow(path), *text, *asked;

	(void)session;
	if (told("hang"))
		Sleep(INFINITE);
	if (told("none") || told("denied") || told("missing") || told("stopped"))
		return fail(told("none")    ? ERROR_SUCCESS :
			    told("denied")  ? ERROR_ACCESS_DENIED :
			    told("missing") ? ERROR_EVT_CHANNEL_NOT_FOUND :
					      RPC_S_SERVER_UNAVAILABLE);
	text = find_text(name, flags);
	free(name);
	if (!text)
		return NULL;
	asked = narrow(query);
	if (count_comparisons(asked) > COMPARISONS_MOST) {
		free(asked);
		free(text);
		return fail(ERROR_EVT_INVALID_QUERY);
	}
	results = calloc(1, sizeof *results);
	results->kind = RESULTS;
	results->thread = GetCurrentThreadId();
	results->text = text;
	results->query = asked;
	results->reverse = flags & EvtQueryReverseDirection;
	find_events(results);
	return results;
}

static struct event *make_event(const struct results *results, size_t at)
{
	struct event *event = calloc(1, sizeof *event);
	size_t place = results->reverse ? results->count - 1 - at : at;
	size_t length = (size_t)(results->events[place].end - results->events[place].begin);

	event->kind = EVENT;
	event->thread = results->thread;
	event->xml = calloc(1, length + 1);
	memcpy(event->xml, results->events[place].begin, length);
	event->number = number_of(event->xml);
	return event;
}

BOOL WINAPI EvtNext(EVT_HANDLE handle, DWORD count, EVT_HANDLE *events, DWORD timeout_ms,
		    DWORD flags, DWORD *returned)
{
	struct results *results = handle;

	(void)timeout_ms, (void)flags;
	*returned = 0;
	if (results->kind != RESULTS || results->thread != GetCurrentThreadId())
		return fail(ERROR_INVALID_HANDLE) != NULL;
	if (results->at == results->count && results->count && told("endless"))
		results->at = 0;
	while (*returned < count && results->at < results->count) {
		if (told("break") && results->at == told("break"))
			break;
		events[(*returned)++] = make_event(results, results->at++);
	}
	if (*returned)
		return TRUE;
	return fail(results->at < results->count ? ERROR_EVENTLOG_FILE_CORRUPT :
						   ERROR_NO_MORE_ITEMS) != NULL;
}

BOOL WINAPI EvtRender(EVT_HANDLE context, EVT_HANDLE handle, DWORD flags, DWORD size,
		      void *buffer, DWORD *used, DWORD *properties)
{
	struct event *event = handle;
	DWORD bytes = 2 * (DWORD)MultiByteToWideChar(CP_UTF8, 0, event->xml, -1, NULL, 0);

	(void)context;
	*properties = 0;
	if (event->kind != EVENT || event->thread != GetCurrentThreadId() ||
	    flags != EvtRenderEventXml)
		return fail(ERROR_INVALID_HANDLE) != NULL;
	if (told("spoilt") && told("spoilt") == event->number)
		return fail(ERROR_INVALID_DATA) != NULL;
	*used = bytes;
	if (told("growing") && event->renderings < 2) {
		*used = size + 100 * (DWORD)++event->renderings;
		return fail(ERROR_INSUFFICIENT_BUFFER) != NULL;
	}
	if (bytes > size)
		return fail(ERROR_INSUFFICIENT_BUFFER) != NULL;
	MultiByteToWideChar(CP_UTF8, 0, event->xml, -1, buffer, (int)(size / 2));
	return TRUE;
}

BOOL WINAPI EvtClose(EVT_HANDLE handle)
{
	struct event *event = handle;
	struct results *results = handle;

	if (event->kind == EVENT) {
		free(event->xml);
		free(event);
	} else if (results->kind == RESULTS) {
		free(results->text);
		free(results->query);
		free(results->events);
		free(results);
	} else {
		return fail(ERROR_INVALID_HANDLE) != NULL;
	}
	return TRUE;
}
