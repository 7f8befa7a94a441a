#pragma once

#include <stdbool.h>
#include <windows.h>

#include <evntcons.h>
#include <evntrace.h>

/*
 * Event Tracing for Windows, found by name. What controls sessions and reads them is in sechost.dll since Windows 8.1, and in
 * advapi32.dll before (learn.microsoft.com, requirements of StartTraceW and OpenTraceW): each is looked for in this order.
 */
struct etw_route {
	ULONG(WINAPI *start)
	(TRACEHANDLE *session, LPCWSTR name, EVENT_TRACE_PROPERTIES *properties);
	ULONG(WINAPI *control)
	(TRACEHANDLE session, LPCWSTR name, EVENT_TRACE_PROPERTIES *properties, ULONG code);
	ULONG(WINAPI *enable)
	(TRACEHANDLE session, LPCGUID provider, ULONG code, UCHAR level, ULONGLONG any,
	 ULONGLONG all, ULONG timeout_ms, ENABLE_TRACE_PARAMETERS *parameters);
	ULONG(WINAPI *query_all)
	(EVENT_TRACE_PROPERTIES **sessions, ULONG size,
	 ULONG *count); /* NULL: not to be had */
	TRACEHANDLE(WINAPI *open)(EVENT_TRACE_LOGFILEW *trace);
	ULONG(WINAPI *process)
	(TRACEHANDLE *traces, ULONG count, FILETIME *from, FILETIME *to);
	ULONG(WINAPI *close)(TRACEHANDLE trace);

	bool takes_ids; /* Windows 8.1 and later: the system leaves out events by their numbers */
	bool is_wine; /* which has all of it by name, and delivers nothing */
};

/* false: there is none. */
bool etw_route_find(struct etw_route *route);
