#include "source/linux/netns/facts.h"

#include "base/language.h"
#include "source/linux/firewall/port_rules.h"
#include "source/linux/nat/nat.h"
#include "source/linux/netns/route.h"
#include "source/linux/netns/settings.h"
#include "source/linux/proc_file.h"
#include "source/linux/reading.h"

static void read_addresses(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct netns *netns = &snapshot->namespaces[reading->netns];
	struct error error;

	if (route_local_addresses(&snapshot->arena, &netns->local_addresses,
				  &netns->local_address_count, &error))
		snapshot_add_gap(snapshot, GAP_ROOM, reading->netns,
				 _("addresses of this host"), error.text, NULL);
}

static void read_route(struct reading *reading)
{
	struct source_route *route = reading->request->route;
	bool six = route->own.family == FAMILY_IPV6;
	bool nonlocal_allowed =
		proc_file_number(reading->proc, six ? "sys/net/ipv6/ip_nonlocal_bind" :
						      "sys/net/ipv4/ip_nonlocal_bind") == 1;
	struct error error;

	if (reading->request->root) {
		if (route->destination.family && !route->own.family)
			route->why = _(
				"a copied /proc has no routes to ask; name the source with --src");
		return;
	}
	if (route_ask(route, nonlocal_allowed, &error))
		route->why = arena_copy(&reading->snapshot->arena, error.text);
}

void facts_read(struct reading *reading)
{
	settings_read(reading->snapshot, reading->netns, reading->proc, reading->settings);
	if (!reading->request->root)
		read_addresses(reading);
	if (reading->request->route && !reading->netns)
		read_route(reading);
	nat_read(reading);
	port_rules_read(reading);
}
