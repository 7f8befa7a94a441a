#include "source/windows/services/services_route.h"

#include "source/services.h"
#include "system/windows/library.h"

#include <stdlib.h>

void services_find(struct services_route *route)
{
	*route = (struct services_route){
		.value = RegGetValueW,
		.open_key = RegOpenKeyExW,
		.each_key = RegEnumKeyExW,
		.close_key = RegCloseKey,
	};
	(void)library_find(route->adapters, "iphlpapi.dll", "GetAdaptersAddresses");
	(void)library_find(route->join_information, "netapi32.dll", "NetGetJoinInformation");
	(void)library_find(route->controller, "netapi32.dll", "DsGetDcNameW");
	(void)library_find(route->free_buffer, "netapi32.dll", "NetApiBufferFree");
	(void)library_find(route->open_shares, "mpr.dll", "WNetOpenEnumW");
	(void)library_find(route->each_share, "mpr.dll", "WNetEnumResourceW");
	(void)library_find(route->close_shares, "mpr.dll", "WNetCloseEnum");
	(void)library_find(route->proxy, "winhttp.dll", "WinHttpGetDefaultProxyConfiguration");
}

void services_read_by(const struct services_route *route,
		      const char *(*environment)(const char *name), struct services *services)
{
	*services = (struct services){ 0 };
	services_read_names(route, services);
	services_read_directory(route, environment, services);
	services_read_shares(route, services);
	services_read_logins(route, services);
	services_read_web(route, environment, services);
}

static const char *environment_of(const char *name)
{
	return getenv(name);
}

void services_read(struct services *services)
{
	struct services_route route;

	services_find(&route);
	services_read_by(&route, environment_of, services);
}
