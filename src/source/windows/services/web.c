#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "source/services.h"
#include "source/windows/services/registry.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

/*
 * Proxies: of the user, as the settings of Windows have them; of services, as netsh winhttp show proxy does; of the environment.
 * And the machine's own source of updates, if the policy says so (learn.microsoft.com, "Manage additional Windows Update
 * settings": UseWUServer, WUServer).
 */
#define SETTINGS L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define SETTINGS_TEXT "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define UPDATES L"SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"
#define UPDATES_TEXT "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"

/* "proxy:8080", or one for each protocol: "http=proxy:8080;https=other:8443;socks=third". */
static void add_proxies(struct services *services, const char *text, const char *from)
{
	while (*text) {
		size_t length = strcspn(text, "; \t");
		char *one = arena_copy_length(&services->arena, text, length);
		const char *equals = strchr(one, '=');
		bool socks = !strncasecmp(one, "socks", 5);

		if (length)
			services_add_host(services, SERVICE_WEB, equals ? equals + 1 : one,
					  socks && equals ? SERVICE_SOCKS : SERVICE_HTTP,
					  from);
		text += length + (text[length] != '\0');
	}
}

static void read_user(const struct services_route *route, struct services *services)
{
	uint32_t enabled;
	const char *text;

	if (registry_number(route, HKEY_CURRENT_USER, SETTINGS, L"ProxyEnable", &enabled) &&
	    enabled) {
		text = registry_text(route, HKEY_CURRENT_USER, SETTINGS, L"ProxyServer",
				     &services->arena);
		if (text)
			add_proxies(services, text, SETTINGS_TEXT);
	}
	text = registry_text(route, HKEY_CURRENT_USER, SETTINGS, L"AutoConfigURL",
			     &services->arena);
	/* A script in a file is on no host. */
	if (text && !strncasecmp(text, "http", 4))
		services_add_host(services, SERVICE_WEB, text, SERVICE_HTTP,
				  SETTINGS_TEXT "\\AutoConfigURL");
}

static void read_services(const struct services_route *route, struct services *services)
{
	WINHTTP_PROXY_INFO info = { 0 };
	char *text;

	if (!route->proxy || !route->proxy(&info))
		return;
	if (info.dwAccessType == WINHTTP_ACCESS_TYPE_NAMED_PROXY && info.lpszProxy) {
		text = wide_to_text(info.lpszProxy);
		add_proxies(services, text, "netsh winhttp");
		free(text);
	}
	GlobalFree(info.lpszProxy);
	GlobalFree(info.lpszProxyBypass);
}

static void read_updates(const struct services_route *route, struct services *services)
{
	uint32_t used;
	const char *text;

	if (!registry_number(route, HKEY_LOCAL_MACHINE, UPDATES L"\\AU", L"UseWUServer",
			     &used) ||
	    !used)
		return;
	text = registry_text(route, HKEY_LOCAL_MACHINE, UPDATES, L"WUServer",
			     &services->arena);
	if (text)
		services_add_host(services, SERVICE_WEB, text, SERVICE_HTTP, UPDATES_TEXT);
}

void services_read_web(const struct services_route *route,
		       const char *(*environment)(const char *name), struct services *services)
{
	static const char *const names[] = { "http_proxy", "https_proxy" };

	read_user(route, services);
	read_services(route, services);
	/* Names of the environment have no case on Windows. */
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (environment(names[i]))
			services_add_host(services, SERVICE_WEB, environment(names[i]),
					  SERVICE_HTTP, names[i]);
	read_updates(route, services);
}
