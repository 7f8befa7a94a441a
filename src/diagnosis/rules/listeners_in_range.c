#include "base/language.h"
#include "diagnosis/remedy.h"

/* Ports from here on are nobody's to register (RFC 6335, section 6): a listener there let the system
 * choose, as RPC services do. Below it somebody expects the service on its port. */
enum { FIRST_DYNAMIC = 49152, LISTENERS_SHOWN = 4 };

/* The ports that are listened on, lie in the range and are not reserved. */
static void find_ports(const struct netns *netns, struct port_set *found)
{
	struct port_range range = netns->settings.range;

	port_set_each(port, &netns->listening[PROTOCOL_TCP]) {
		if (port < FIRST_DYNAMIC && port_range_contains(range, (uint16_t)port) &&
		    !port_set_has(&netns->settings.reserved, (uint16_t)port))
			port_set_add(found, (uint16_t)port);
	}
}

/* Who listens on the port, for the reader to recognise it; NULL: not seen. */
static const struct process *listener(const struct snapshot *snapshot, uint32_t netns,
				      uint16_t port)
{
	snapshot_each_holding(holding, snapshot, netns)
		if (holding->key.protocol == PROTOCOL_TCP &&
		    holding->key.state == SOCKET_LISTEN && port_set_has(&holding->ports, port))
			return snapshot_owner(snapshot, holding);
	return NULL;
}

/* "8080 (java), 9090" */
static const char *describe(struct diagnosis *diagnosis, uint32_t netns,
			    const struct port_set *ports)
{
	const char *text = "", *separator = "";
	unsigned shown = 0;

	port_set_each(port, ports) {
		const struct process *process =
			listener(diagnosis->snapshot, netns, (uint16_t)port);

		if (shown++ == LISTENERS_SHOWN)
			return arena_print(&diagnosis->arena, "%s, ...", text);
		if (process && process->name)
			text = arena_print(&diagnosis->arena, "%s%s%d (%s)", text, separator,
					   port, process->name);
		else
			text = arena_print(&diagnosis->arena, "%s%s%d", text, separator, port);
		separator = ", ";
	}
	return text;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   const struct port_set *ports)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);

	remark->subject = arena_print(&diagnosis->arena, "tcp range %u-%u",
				      settings->range.first, settings->range.last);
	remark->title = arena_print(
		&diagnosis->arena,
		P_("%s listener sits in the ephemeral port range: %s",
		   "%s listeners sit in the ephemeral port range: %s", ports->count),
		words_count(diagnosis, ports->count), describe(diagnosis, netns, ports));
	remark->reason = _(
		"while such a service is down, an outgoing connection may take its port, and "
		"the service then fails to start with EADDRINUSE; reserve the ports that are "
		"fixed");
	rule_add_evidence(remark, "listeners", ports->count, "ports");
	remedy_reserve(diagnosis, remark, netns, ports);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct netns *netns = &diagnosis->snapshot->namespaces[i];
		struct port_set ports = { 0 };

		if (!port_range_known(netns->settings.range) ||
		    !netns->settings.reserved_known || !diagnosis->namespaces[i].connections)
			continue;
		find_ports(netns, &ports);
		if (ports.count)
			report(rule, diagnosis, i, &ports);
		port_set_free(&ports);
	}
}

const struct rule rule_listeners_in_range = {
	.id = "listeners_in_range",
	.title = N_("Services listen on ports of the ephemeral range"),
	.systems = RULE_LINUX,
	.check = check,
};
