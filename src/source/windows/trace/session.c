#include "source/windows/trace/session.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/trace/etw_route.h"
#include "system/windows/error_text.h"

#include <stdlib.h>
#include <wchar.h>

static const wchar_t prefix[] = L"portroom-";

/* EVENT_TRACE_PROPERTIES, and room behind it for both names as long as the system makes them. */
struct properties {
	EVENT_TRACE_PROPERTIES trace;
	wchar_t name[SESSION_PATH], file[SESSION_PATH];
};

/* So many sessions there may be, and since Windows 10 more on some systems; who asks for more than there may be is refused
 * (learn.microsoft.com, "QueryAllTracesW function"). */
enum { USUAL_SESSIONS = 64, MOST_SESSIONS = 4096, QUERY_TRIES = 4 };

static void clear(struct properties *properties)
{
	*properties = (struct properties){
		.trace = {
			.Wnode = { .BufferSize = sizeof *properties,
				   .Flags = WNODE_FLAG_TRACED_GUID },
			.LoggerNameOffset = offsetof(struct properties, name),
			.LogFileNameOffset = offsetof(struct properties, file),
		},
	};
}

/* ---- what others have left ---- */

/* A number that another process has got meanwhile keeps the session until that one ends. */
static bool is_orphan(const wchar_t *name)
{
	size_t length = wcslen(prefix);
	wchar_t *end;
	unsigned long pid;
	HANDLE process;
	bool ended;

	if (wcsncmp(name, prefix, length))
		return false;
	pid = wcstoul(name + length, &end, 10);
	if (!pid || *end || pid == GetCurrentProcessId())
		return false;
	process = OpenProcess(SYNCHRONIZE, FALSE, pid);
	if (!process)
		return GetLastError() == ERROR_INVALID_PARAMETER;
	ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
	CloseHandle(process);
	return ended;
}

static void stop_by_name(const struct etw_route *route, const wchar_t *name)
{
	struct properties properties;

	clear(&properties);
	(void)route->control(0, name, &properties.trace, EVENT_TRACE_CONTROL_STOP);
}

/* The error; `count` is of those that there are. Where they are more than there is room for, that many are told. */
static ULONG query_all(const struct etw_route *route, struct properties *all, ULONG room,
		       ULONG *count)
{
	EVENT_TRACE_PROPERTIES **each = memory_zeroed(room, sizeof *each);
	ULONG result;

	for (ULONG i = 0; i < room; i++) {
		clear(&all[i]);
		each[i] = &all[i].trace;
	}
	*count = 0;
	result = route->query_all(each, room, count);
	free(each);
	return result;
}

static void stop_orphans(const struct etw_route *route)
{
	ULONG room = 0, count = USUAL_SESSIONS, result = ERROR_MORE_DATA;
	struct properties *all = NULL;

	if (!route->query_all)
		return;
	/* Between two questions somebody else may start one. */
	for (int i = 0; i < QUERY_TRIES && result == ERROR_MORE_DATA && count > room &&
			count <= MOST_SESSIONS;
	     i++) {
		room = count;
		all = memory_resize(all, room, sizeof *all);
		result = query_all(route, all, room, &count);
	}
	if (!result || result == ERROR_MORE_DATA)
		for (ULONG i = 0; i < count && i < room; i++)
			if (is_orphan(all[i].name))
				stop_by_name(route, all[i].name);
	free(all);
}

/* ---- starting ---- */

/*
 * The times of events are those of the performance counter, which the consumer turns into the system's. Buffers of 64 KiB, at
 * most 8 MiB of them, that are handed over once a second at the latest.
 */
static void describe(struct properties *properties, const struct session_file *file)
{
	enum { QPC = 1, BUFFER_KIB = 64, BUFFERS_LEAST = 8, BUFFERS_MOST = 128 };
	EVENT_TRACE_PROPERTIES *trace = &properties->trace;

	clear(properties);
	trace->Wnode.ClientContext = QPC;
	trace->BufferSize = BUFFER_KIB;
	trace->MinimumBuffers = BUFFERS_LEAST;
	trace->MaximumBuffers = BUFFERS_MOST;
	trace->FlushTimer = 1;
	trace->LogFileMode = EVENT_TRACE_REAL_TIME_MODE;
	if (file) {
		trace->LogFileMode = EVENT_TRACE_FILE_MODE_CIRCULAR;
		trace->MaximumFileSize = file->most_mib;
		wcscpy(properties->file, file->path);
	} else {
		trace->LogFileNameOffset = 0;
	}
}

static int refuse(ULONG number, struct error *error)
{
	switch (number) {
	case ERROR_ACCESS_DENIED:
		return error_set(error,
				 _("event tracing: %s; run as administrator, or as a member "
				   "of the group Performance Log Users"),
				 error_text(number));
	case ERROR_NO_SYSTEM_RESOURCES:
		return error_set(error,
				 _("event tracing: no session is left; logman query -ets "
				   "lists them, logman stop NAME -ets ends one (error %lu)"),
				 number);
	default:
		return error_set(error, _("event tracing: %s"), error_text(number));
	}
}

int session_start(struct session *session, const struct etw_route *route,
		  const struct session_file *file, struct error *error)
{
	struct properties properties;
	TRACEHANDLE handle = 0;
	ULONG result;

	*session = (struct session){ .route = route };
	swprintf(session->name, SESSION_NAME, L"%ls%lu", prefix, GetCurrentProcessId());
	stop_orphans(route);
	describe(&properties, file);
	result = route->start(&handle, session->name, &properties.trace);
	if (result == ERROR_ALREADY_EXISTS) {
		/* Of an earlier process that had our number. */
		stop_by_name(route, session->name);
		describe(&properties, file);
		result = route->start(&handle, session->name, &properties.trace);
	}
	if (result)
		return refuse(result, error);
	session->handle = handle;
	session->runs = true;
	return 0;
}

/* ---- what is gathered ---- */

/* EVENT_FILTER_EVENT_ID, evntprov.h of Windows 8.1; the headers of this compiler do not have it. */
enum { FILTER_BY_ID = (int)0x80000200, MOST_IDS = 64 };

struct id_filter {
	BOOLEAN in;
	UCHAR reserved;
	USHORT count;
	USHORT ids[MOST_IDS];
};

unsigned long session_enable(const struct session *session,
			     const struct session_provider *provider)
{
	struct id_filter ids = { .in = TRUE, .count = (USHORT)provider->id_count };
	EVENT_FILTER_DESCRIPTOR filter = {
		.Ptr = (uintptr_t)&ids,
		.Size = (ULONG)(offsetof(struct id_filter, ids) +
				provider->id_count * sizeof ids.ids[0]),
		.Type = (ULONG)FILTER_BY_ID,
	};
	ENABLE_TRACE_PARAMETERS parameters = { .Version = ENABLE_TRACE_PARAMETERS_VERSION_2,
					       .EnableFilterDesc = &filter,
					       .FilterDescCount = 1 };
	const struct etw_route *route = session->route;
	bool by_id = route->takes_ids && provider->id_count && provider->id_count <= MOST_IDS;
	const GUID *guid = (const GUID *)provider->guid;
	ULONG result;

	for (size_t i = 0; by_id && i < provider->id_count; i++)
		ids.ids[i] = provider->ids[i];
	result = route->enable(session->handle, guid, EVENT_CONTROL_CODE_ENABLE_PROVIDER,
			       TRACE_LEVEL_INFORMATION, provider->keywords, 0, 0,
			       by_id ? &parameters : NULL);
	if (!result && provider->rundown)
		(void)route->enable(session->handle, guid, EVENT_CONTROL_CODE_CAPTURE_STATE,
				    TRACE_LEVEL_INFORMATION, provider->keywords, 0, 0, NULL);
	return result;
}

/* ---- while it runs ---- */

static ULONG control(struct session *session, ULONG code)
{
	struct properties properties;
	ULONG result;

	clear(&properties);
	result = session->route->control(session->handle, NULL, &properties.trace, code);
	/* That of a session with more to say than fits is told all the same. */
	if (!result || result == ERROR_MORE_DATA) {
		session->events_lost = properties.trace.EventsLost;
		session->buffers_lost = (uint64_t)properties.trace.RealTimeBuffersLost +
					properties.trace.LogBuffersLost;
	}
	return result;
}

bool session_query(struct session *session)
{
	return control(session, EVENT_TRACE_CONTROL_QUERY) != ERROR_WMI_INSTANCE_NOT_FOUND;
}

void session_stop(struct session *session)
{
	if (!session->runs)
		return;
	session->runs = false;
	(void)control(session, EVENT_TRACE_CONTROL_STOP);
}
