#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "source/services.h"
#include "source/windows/services/registry.h"
#include "system/windows/wide.h"

#include <stdlib.h>

/*
 * Machines that whoever runs this has connected to by remote desktop: each is a key below Servers; those typed last are values
 * of Default, MRU0 to MRU9, which have a port where it is another.
 */
#define CLIENT L"Software\\Microsoft\\Terminal Server Client\\"

enum { MOST_TYPED = 10 };

static void take_server(void *context, const WCHAR *name)
{
	char *host = wide_to_text(name);

	services_add_host(context, SERVICE_LOGIN, host, SERVICE_RDP,
			  "HKCU\\Software\\Microsoft\\Terminal Server Client\\Servers");
	free(host);
}

void services_read_logins(const struct services_route *route, struct services *services)
{
	for (WCHAR i = 0; i < MOST_TYPED; i++) {
		const WCHAR name[] = { L'M', L'R', L'U', (WCHAR)(L'0' + i), 0 };
		const char *host = registry_text(route, HKEY_CURRENT_USER, CLIENT L"Default",
						 name, &services->arena);

		if (host)
			services_add_host(
				services, SERVICE_LOGIN, host, SERVICE_RDP,
				"HKCU\\Software\\Microsoft\\Terminal Server Client\\Default");
	}
	registry_each_key(route, HKEY_CURRENT_USER, CLIENT L"Servers", take_server, services);
}
