#include "source/windows/log/wevtapi.h"

#include "system/windows/library.h"

bool wevtapi_find(struct wevtapi_route *route)
{
	static const char library[] = "wevtapi.dll";

	return library_find(route->query, library, "EvtQuery") &&
	       library_find(route->next, library, "EvtNext") &&
	       library_find(route->render, library, "EvtRender") &&
	       library_find(route->close, library, "EvtClose");
}
