/*
 * A stand-in for what sechost.dll has of event tracing, and Wine by name only. All else it has is Wine's (sechost.def). Its
 * folder is the machine: what is in it outlives the program that started a session, as sessions do.
 *
 *     PORTROOM_STANDIN_ETW        the folder
 *         sessions\NAME           there while a session of that name runs
 *         events                  EVENT_HEADER and payload, one behind the other, as in a trace; a test may add to it.
 *                                 Each gets the time at which it is delivered
 *         file.etl                what a session into a file leaves there
 *         log                     each call, a line
 *     PORTROOM_STANDIN_ETW_WRONG  what goes wrong, words with commas between them:
 *         denied: StartTrace fails with 5        full: with 1450
 *         closed: OpenTrace fails with 5, as Wine's does
 *         no-afd, no-tcpip: EnableTraceEx2 fails with 5 for that provider
 *         lost=N: so many events are lost
 *         ended: the session is ended by somebody else once its events are delivered
 *         stuck: ProcessTrace returns only when the trace is closed
 *
 * Only events of providers that were enabled are delivered, by level, keywords and numbers. As Windows hands over its buffers by
 * a timer, the first are delivered a moment after the last provider was enabled, or when the session ends: what is in the file
 * beforehand is there for all providers.
 */
#define _WMI_SOURCE_ /* its functions are ours, and imported from nowhere */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include <evntcons.h>
#include <evntrace.h>

enum { HANDED_OVER_MS = 200 };
enum { HEADER = 80, PROVIDERS = 8, IDS = 64, FILTER_BY_ID = (int)0x80000200, PATHS = 1024 };

static const GUID lost_guid = {
	0x6a399ae0, 0x4bc6, 0x4de9, { 0x87, 0x0b, 0x36, 0x57, 0xf8, 0x94, 0x7e, 0x7e }
};

struct provider {
	GUID guid;
	UCHAR level;
	ULONGLONG any;
	unsigned id_count;
	USHORT ids[IDS];
};

/* A program has one session of its own at most. */
static struct {
	wchar_t name[PATHS], file[PATHS];
	struct provider providers[PROVIDERS];
	volatile unsigned provider_count;
	volatile ULONGLONG enabled_ms; /* when the last of them was */
	EVENT_TRACE_LOGFILEW trace;
	volatile LONG closed;
} own;

enum { SESSION = 0x5e5510, TRACE = 0x7ace };

/* ---- what it is told to do wrong ---- */

static unsigned long told(const char *word)
{
	const char *words = getenv("PORTROOM_STANDIN_ETW_WRONG");
	size_t length = strlen(word);

	for (const char *at = words; at && *at; at += strcspn(at, ","), at += *at == ',')
		if (!strncmp(at, word, length) && strchr(",=", at[length]))
			return at[length] == '=' ? strtoul(at + length + 1, NULL, 10) : 1;
	return 0;
}

/* ---- the folder ---- */

static void path_of(wchar_t path[PATHS], const wchar_t *name)
{
	if (!GetEnvironmentVariableW(L"PORTROOM_STANDIN_ETW", path, PATHS / 2))
		wcscpy(path, L"C:\\portroom-standin-etw");
	wcscat(path, L"\\");
	wcsncat(path, name, PATHS / 2 - 2);
}

static void session_path(wchar_t path[PATHS], const wchar_t *name)
{
	wchar_t relative[PATHS] = L"sessions\\";

	wcsncat(relative, name, PATHS / 4);
	path_of(path, relative);
}

static bool runs(const wchar_t *name)
{
	wchar_t path[PATHS];

	session_path(path, name);
	return *name && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void note(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

static void note(const char *format, ...)
{
	wchar_t path[PATHS];
	va_list list;
	FILE *file;

	path_of(path, L"log");
	file = _wfopen(path, L"ab");
	if (!file)
		return;
	va_start(list, format);
	vfprintf(file, format, list);
	va_end(list);
	fputc('\n', file);
	fclose(file);
}

/* ---- sessions ---- */

static wchar_t *text_at(EVENT_TRACE_PROPERTIES *properties, ULONG offset)
{
	return (wchar_t *)((char *)properties + offset);
}

static bool starts(const wchar_t *path)
{
	HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

	if (file == INVALID_HANDLE_VALUE)
		return false;
	CloseHandle(file);
	return true;
}

static void copy_into_file(void)
{
	wchar_t from[PATHS];

	path_of(from, L"file.etl");
	if (*own.file && !CopyFileW(from, own.file, FALSE))
		note("copy failed: %lu", GetLastError());
}

ULONG WINAPI StartTraceW(TRACEHANDLE *session, LPCWSTR name,
			 EVENT_TRACE_PROPERTIES *properties)
{
	bool to_file = !(properties->LogFileMode & EVENT_TRACE_REAL_TIME_MODE);
	ULONG result = told("denied") ? ERROR_ACCESS_DENIED :
		       told("full")   ? ERROR_NO_SYSTEM_RESOURCES :
					0;
	wchar_t path[PATHS];

	note("start %ls mode 0x%lx size %lu", name, properties->LogFileMode,
	     properties->MaximumFileSize);
	if (result)
		return result;
	if (properties->Wnode.BufferSize < sizeof *properties ||
	    !properties->LoggerNameOffset || (to_file && !properties->LogFileNameOffset))
		return ERROR_BAD_LENGTH;
	session_path(path, name);
	if (!starts(path))
		return ERROR_ALREADY_EXISTS;
	wcscpy(own.name, name);
	wcscpy(own.file, to_file ? text_at(properties, properties->LogFileNameOffset) : L"");
	own.provider_count = 0;
	copy_into_file();
	*session = SESSION;
	return 0;
}

ULONG WINAPI ControlTraceW(TRACEHANDLE session, LPCWSTR name,
			   EVENT_TRACE_PROPERTIES *properties, ULONG code)
{
	const wchar_t *which = name ? name : session == SESSION ? own.name : L"";
	wchar_t path[PATHS];

	if (code == EVENT_TRACE_CONTROL_STOP)
		note("stop %ls", which);
	if (!runs(which))
		return ERROR_WMI_INSTANCE_NOT_FOUND;
	properties->EventsLost = told("lost");
	if (code != EVENT_TRACE_CONTROL_STOP)
		return 0;
	if (!wcscmp(which, own.name))
		copy_into_file();
	session_path(path, which);
	DeleteFileW(path);
	return 0;
}

ULONG WINAPI QueryAllTracesW(EVENT_TRACE_PROPERTIES **sessions, ULONG size, ULONG *count)
{
	WIN32_FIND_DATAW found;
	wchar_t pattern[PATHS];
	HANDLE find;

	*count = 0;
	path_of(pattern, L"sessions\\*");
	find = FindFirstFileW(pattern, &found);
	if (find == INVALID_HANDLE_VALUE)
		return 0;
	do {
		if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY || *count == size)
			continue;
		wcscpy(text_at(sessions[*count], sessions[*count]->LoggerNameOffset),
		       found.cFileName);
		++*count;
	} while (FindNextFileW(find, &found));
	FindClose(find);
	return 0;
}

/* ---- providers ---- */

static void take_filter(struct provider *provider, const ENABLE_TRACE_PARAMETERS *parameters)
{
	const EVENT_FILTER_DESCRIPTOR *filter = parameters->EnableFilterDesc;
	const unsigned char *bytes = (const unsigned char *)(uintptr_t)filter->Ptr;
	USHORT count;

	if (parameters->Version != 2 || parameters->FilterDescCount != 1 ||
	    filter->Type != (ULONG)FILTER_BY_ID)
		return;
	memcpy(&count, bytes + 2, sizeof count);
	if (!bytes[0] || count > IDS || filter->Size < 4 + count * sizeof provider->ids[0])
		return;
	memcpy(provider->ids, bytes + 4, count * sizeof provider->ids[0]);
	provider->id_count = count;
}

ULONG WINAPI EnableTraceEx2(TRACEHANDLE session, LPCGUID guid, ULONG code, UCHAR level,
			    ULONGLONG any, ULONGLONG all, ULONG timeout_ms,
			    ENABLE_TRACE_PARAMETERS *parameters)
{
	struct provider *provider = &own.providers[own.provider_count];

	(void)all;
	(void)timeout_ms;
	if (session != SESSION || own.provider_count == PROVIDERS)
		return ERROR_INVALID_PARAMETER;
	if ((guid->Data1 == 0xe53c6823 && told("no-afd")) ||
	    (guid->Data1 == 0x2f07e2ee && told("no-tcpip")))
		return ERROR_ACCESS_DENIED;
	if (code != EVENT_CONTROL_CODE_ENABLE_PROVIDER) {
		note("state of %08lx", guid->Data1);
		return 0;
	}
	*provider = (struct provider){ .guid = *guid, .level = level, .any = any };
	if (parameters)
		take_filter(provider, parameters);
	note("enable %08lx level %u keywords 0x%llx ids %u", guid->Data1, level, any,
	     provider->id_count);
	own.enabled_ms = GetTickCount64();
	own.provider_count++;
	return 0;
}

static bool is_wanted(const EVENT_HEADER *event)
{
	const EVENT_DESCRIPTOR *about = &event->EventDescriptor;

	for (unsigned i = 0; i < own.provider_count; i++) {
		const struct provider *provider = &own.providers[i];
		bool listed = !provider->id_count;

		if (memcmp(&provider->guid, &event->ProviderId, sizeof(GUID)) != 0)
			continue;
		for (unsigned j = 0; j < provider->id_count; j++)
			listed = listed || provider->ids[j] == about->Id;
		if (listed && about->Level <= provider->level &&
		    (!provider->any || about->Keyword & provider->any))
			return true;
	}
	return false;
}

/* ---- delivery ---- */

static void deliver(EVENT_HEADER *header, void *payload, size_t size)
{
	EVENT_RECORD record = { .UserContext = own.trace.Context };
	FILETIME now;

	GetSystemTimeAsFileTime(&now);
	header->Flags = EVENT_HEADER_FLAG_64_BIT_HEADER;
	header->TimeStamp.LowPart = now.dwLowDateTime;
	header->TimeStamp.HighPart = (LONG)now.dwHighDateTime;
	record.EventHeader = *header;
	record.UserData = payload;
	record.UserDataLength = (USHORT)size;
	own.trace.EventRecordCallback(&record);
}

static void deliver_lost(void)
{
	EVENT_HEADER header = { .ProviderId = lost_guid, .EventDescriptor = { .Opcode = 32 } };

	deliver(&header, NULL, 0);
}

/* What has come to the file since the last look. */
static void deliver_new(long *from)
{
	unsigned char record[65536];
	wchar_t path[PATHS];
	FILE *file;
	USHORT size;

	path_of(path, L"events");
	file = _wfopen(path, L"rb");
	if (!file)
		return;
	fseek(file, *from, SEEK_SET);
	while (fread(record, sizeof size, 1, file) == 1) {
		EVENT_HEADER header;

		memcpy(&size, record, sizeof size);
		if (size < HEADER ||
		    fread(record + sizeof size, size - sizeof size, 1, file) != 1)
			break;
		*from += size;
		memcpy(&header, record, HEADER);
		if (is_wanted(&header))
			deliver(&header, record + HEADER, size - HEADER);
	}
	fclose(file);
}

TRACEHANDLE WINAPI OpenTraceW(EVENT_TRACE_LOGFILEW *trace)
{
	note("open %ls mode 0x%lx", trace->LoggerName, trace->ProcessTraceMode);
	if (told("closed") || !runs(trace->LoggerName)) {
		SetLastError(told("closed") ? ERROR_ACCESS_DENIED :
					      ERROR_WMI_INSTANCE_NOT_FOUND);
		return (TRACEHANDLE)(uintptr_t)INVALID_HANDLE_VALUE;
	}
	own.trace = *trace;
	own.closed = 0;
	return TRACE;
}

/* Nothing is delivered before somebody has asked for it. */
static bool is_due(bool running)
{
	return own.provider_count &&
	       (!running || GetTickCount64() >= own.enabled_ms + HANDED_OVER_MS);
}

ULONG WINAPI ProcessTrace(TRACEHANDLE *traces, ULONG count, FILETIME *from, FILETIME *to)
{
	bool running = true;
	long at = 0;

	(void)from;
	(void)to;
	if (count != 1 || traces[0] != TRACE)
		return ERROR_INVALID_HANDLE;
	while (running && !own.closed) {
		running = runs(own.name);
		if (is_due(running))
			deliver_new(&at);
		if (at && told("lost"))
			deliver_lost();
		if (at && told("ended")) {
			wchar_t path[PATHS];

			session_path(path, own.name);
			DeleteFileW(path);
		}
		Sleep(running ? 20 : 0);
	}
	while (told("stuck") && !own.closed)
		Sleep(20);
	note("delivered");
	return 0;
}

ULONG WINAPI CloseTrace(TRACEHANDLE trace)
{
	note("close");
	if (trace != TRACE)
		return ERROR_INVALID_HANDLE;
	own.closed = 1;
	return 0;
}
