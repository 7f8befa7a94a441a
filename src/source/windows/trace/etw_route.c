#include "source/windows/trace/etw_route.h"

#include "system/windows/library.h"
#include "system/windows/wine.h"

/* GetVersionExW() says no more than 6.2 to programs that name no later system in their manifest. */
static bool is_at_least_8_1(void)
{
	LONG(WINAPI * get_version)(RTL_OSVERSIONINFOW * version);
	RTL_OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof version };

	if (!library_find(get_version, "ntdll.dll", "RtlGetVersion") || get_version(&version))
		return false;
	return version.dwMajorVersion > 6 ||
	       (version.dwMajorVersion == 6 && version.dwMinorVersion >= 3);
}

#define FIND(pointer, name)                                                                   \
	(library_find(pointer, "sechost.dll", name) ||                                        \
	 library_find(pointer, "advapi32.dll", name))

bool etw_route_find(struct etw_route *route)
{
	*route = (struct etw_route){
		.takes_ids = is_at_least_8_1(),
		.is_wine = wine_version() != NULL,
	};
	(void)FIND(route->query_all, "QueryAllTracesW");
	return FIND(route->start, "StartTraceW") && FIND(route->control, "ControlTraceW") &&
	       FIND(route->enable, "EnableTraceEx2") && FIND(route->open, "OpenTraceW") &&
	       FIND(route->process, "ProcessTrace") && FIND(route->close, "CloseTrace");
}
