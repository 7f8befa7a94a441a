#include "source/windows/netns/route_route.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"
#include "source/windows/netns/facts.h"
#include "source/windows/netns/opens.h"
#include "source/windows/netns/route.h"
#include "system/clock.h"

static void read_addresses(const struct route_route *functions, struct snapshot *snapshot,
			   struct netns *netns)
{
	struct source_report report = { .name = "iphlpapi_addresses", .sockets = -1 };
	double start = clock_monotonic_s();
	struct error error;

	report.used =
		!route_local_addresses(functions, &snapshot->arena, &netns->local_addresses,
				       &netns->local_address_count, &error);
	report.why_not = report.used ? NULL : arena_copy(&snapshot->arena, error.text);
	report.milliseconds = (clock_monotonic_s() - start) * 1e3;
	snapshot_add_source(snapshot, &report);
}

void facts_read(struct snapshot *snapshot, struct source_route *route)
{
	struct netns netns = netns_unread();
	struct route_route functions;

	netns.kind = NETNS_HOST;
	route_find(&functions);
	read_addresses(&functions, snapshot, &netns);
	netns.counters.active_opens = opens_read();
	snapshot_add_netns(snapshot, &netns);
	if (route)
		route_ask(&functions, route, netns.local_addresses, netns.local_address_count);
}
