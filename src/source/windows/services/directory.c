#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "base/language.h"
#include "base/text.h"
#include "source/services.h"
#include "source/windows/services/registry.h"
#include "system/patience.h"
#include "system/windows/error_text.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

/*
 * Which domain controller this machine would use the locator tells (learn.microsoft.com, DsGetDcNameW): from what it remembers,
 * else it asks DNS and the controllers, which takes a port and time; so it is given that long and no longer. That a logon
 * works is no sign that a controller is reached: Windows keeps credentials ("Cached domain logon information").
 *
 * When group policy was processed last stands in the registry, as scripts that watch for it read it: the times of its own
 * entry in the list of extensions, which is the one of zeros.
 */
enum { LONGEST_MS = 5000 };

#define POLICY L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\"
#define POLICY_HISTORY                                                                        \
	"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\History"

/* What the thread works on: it is the thread's when the caller has given up. */
struct look {
	struct services_route route;
	NET_API_STATUS join_failed;
	NETSETUP_JOIN_STATUS joined;
	DWORD failed;
	char *domain, *controller; /* NULL: there is none, or it was not found */
};

static void ask(void *context)
{
	struct look *look = context;
	DOMAIN_CONTROLLER_INFOW *info = NULL;
	WCHAR *name = NULL;

	look->join_failed = look->route.join_information(NULL, &name, &look->joined);
	if (look->join_failed)
		return;
	look->domain = name ? wide_to_text(name) : NULL;
	if (name)
		look->route.free_buffer(name);
	if (look->joined != NetSetupDomainName)
		return;
	look->failed = look->route.controller(
		NULL, NULL, NULL, NULL, DS_DIRECTORY_SERVICE_REQUIRED | DS_RETURN_DNS_NAME,
		&info);
	if (look->failed)
		return;
	if (info->DomainControllerName)
		look->controller = wide_to_text(info->DomainControllerName);
	look->route.free_buffer(info);
}

static void release(void *context)
{
	struct look *look = context;

	free(look->domain);
	free(look->controller);
	free(look);
}

/* ---- controllers ---- */

/* "\\dc01.corp.example" */
static const char *without_slashes(const char *name)
{
	return name + strspn(name, "\\");
}

static void add_controller(struct services *services, const char *name, const char *from)
{
	static const uint16_t ports[] = { SERVICE_LDAP, SERVICE_KERBEROS, SERVICE_SMB };
	struct service service = {
		.kind = SERVICE_DIRECTORY,
		.protocol = PROTOCOL_TCP,
		.host = arena_copy(&services->arena, without_slashes(name)),
		.from = from,
	};

	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		service.port = ports[i];
		services_add(services, service);
	}
}

/* Of whoever runs this: who let them in. A machine of its own lets in by its own name, and so may an account of it. */
static void add_logon_server(struct services *services,
			     const char *(*environment)(const char *name))
{
	const char *server = environment("LOGONSERVER"), *own = environment("COMPUTERNAME");

	if (server && *without_slashes(server) &&
	    !(own && !strcasecmp(without_slashes(server), own)))
		add_controller(services, server, "LOGONSERVER");
}

/* ---- group policy ---- */

/* Where it was fetched from last. */
static void add_policy_server(const struct services_route *route, struct services *services)
{
	const char *server = registry_text(route, HKEY_LOCAL_MACHINE, POLICY L"History",
					   L"DCName", &services->arena);

	if (server)
		add_controller(services, server, POLICY_HISTORY);
}

static int64_t policy_time(const struct services_route *route, const WCHAR *high,
			   const WCHAR *low)
{
	static const WCHAR key[] =
		POLICY L"State\\Machine\\Extension-List\\{00000000-0000-0000-0000-000000000000}";
	uint32_t upper, lower;

	if (!registry_number(route, HKEY_LOCAL_MACHINE, key, high, &upper) ||
	    !registry_number(route, HKEY_LOCAL_MACHINE, key, low, &lower))
		return 0;
	return filetime_to_unix_ms(filetime_join(upper, lower));
}

static void note_policy(const struct services_route *route, struct services *services)
{
	int64_t began_ms = policy_time(route, L"startTimeHi", L"startTimeLo");
	int64_t ended_ms = policy_time(route, L"endTimeHi", L"endTimeLo");
	char began[32], ended[32];

	if (began_ms <= 0) {
		services_note(services,
			      _("the registry does not tell when group policy was last "
				"processed for this machine"));
		return;
	}
	text_time(began, began_ms);
	if (ended_ms >= began_ms)
		services_note(services,
			      arena_print(&services->arena,
					  _("group policy was last processed for this machine "
					    "at %s, in %lld s; whether it failed portroom "
					    "events tells (GroupPolicy 1129, 1053, 1054)"),
					  text_time(ended, ended_ms),
					  (long long)((ended_ms - began_ms + 999) / 1000)));
	else
		services_note(services,
			      arena_print(&services->arena,
					  _("group policy has been processed for this machine "
					    "since %s, and not to its end; portroom events "
					    "tells more (GroupPolicy 1129, 1053, 1054)"),
					  began));
}

/* ---- all of it ---- */

static void take(const struct services_route *route, const struct look *look,
		 const char *(*environment)(const char *name), struct services *services)
{
	if (look->join_failed) {
		services_note(services,
			      arena_print(&services->arena,
					  _("whether this machine belongs to a domain "
					    "is not known: %s"),
					  error_text(look->join_failed)));
		return;
	}
	if (look->joined != NetSetupDomainName) {
		services_note(services,
			      _("this machine belongs to no domain: it needs no domain "
				"controller"));
		return;
	}
	if (look->controller)
		add_controller(services, look->controller,
			       arena_print(&services->arena, "DsGetDcName: %s",
					   look->domain ? look->domain : ""));
	else
		services_note(
			services,
			arena_print(&services->arena,
				    _("no domain controller of %s was found: %s; a logon may "
				      "still work, by credentials that Windows keeps"),
				    look->domain ? look->domain : "?",
				    error_text(look->failed)));
	add_logon_server(services, environment);
	add_policy_server(route, services);
	note_policy(route, services);
}

void services_read_directory(const struct services_route *route,
			     const char *(*environment)(const char *name),
			     struct services *services)
{
	struct look *look;

	if (!route->join_information || !route->controller || !route->free_buffer) {
		services_note(services, _("this Windows does not tell whether it belongs to a "
					  "domain"));
		return;
	}
	look = memory_zeroed(1, sizeof *look);
	look->route = *route;
	switch (patience_run(LONGEST_MS, ask, release, look)) {
	case PATIENCE_DONE:
		take(route, look, environment, services);
		release(look);
		return;
	case PATIENCE_OVER:
		services_note(services,
			      _("no domain controller was found within 5 s; a logon may still "
				"work, by credentials that Windows keeps"));
		add_logon_server(services, environment);
		add_policy_server(route, services);
		note_policy(route, services);
		return;
	default:
		services_note(services, error_text(ERROR_NOT_ENOUGH_MEMORY));
		release(look);
	}
}
