#include "diagnosis/remedy.h"

#include "base/language.h"
#include "diagnosis/syn_timeout.h"

/*
 * Settings of the kernel that give room.
 */
void remedy_tw_reuse(struct diagnosis *diagnosis, struct finding *finding,
		     const struct destination *destination)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	struct capacity_query query = remedy_query(destination);
	struct capacity_change change = { .tw_reuse = REUSE_ON };
	int delay = netns->settings.tw_reuse_delay_ms;
	bool far = !netns_has_address(netns, &destination->destination);

	if (!destination->states[SOCKET_TIME_WAIT] || netns->settings.tw_reuse == 1)
		return;
	if (netns->settings.timestamps == 0) {
		rule_add_useless(finding,
				 _("tcp_tw_reuse: needs TCP timestamps, which are off here "
				   "(tcp_timestamps=0)"));
		return;
	}
	remedy_add_with_room(
		diagnosis, finding, &query, &change,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("net.ipv4.tcp_tw_reuse=1: connect() may take over ports in "
				  "TIME_WAIT after %d ms"),
				delay < 0 ? 1000 : delay),
			.command = remedy_sysctl(diagnosis, destination->netns,
						 "net.ipv4.tcp_tw_reuse=1"),
			.risk = far ? _("only where the peer uses TCP timestamps too, which "
					"cannot be seen from here") :
				      NULL,
		});
}

void remedy_reserve(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns,
		    const struct port_set *ports)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	struct port_set all = { 0 };
	const char *list;

	port_set_add_all(&all, &settings->reserved);
	port_set_add_all(&all, ports);
	list = port_set_print(&all, &diagnosis->arena);
	port_set_free(&all);
	rule_add_remedy(
		finding,
		remedy_aside(_("reserve these ports: no outgoing connection takes them then"),
			     remedy_sysctl(diagnosis, netns,
					   arena_print(&diagnosis->arena,
						       "net.ipv4.ip_local_reserved_ports=%s",
						       list))));
}

/* What the two settings below are lowered to: enough for a slow path, and a fraction of the default. */
enum { FIN_TIMEOUT_S = 10, SYN_RETRIES = 3 };

void remedy_fin_timeout(struct diagnosis *diagnosis, struct finding *finding,
			const struct destination *destination)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	struct remedy remedy;
	int now = netns->settings.fin_timeout_s;

	if (now >= 0 && now <= FIN_TIMEOUT_S)
		return;
	remedy = remedy_aside(
		arena_print(&diagnosis->arena,
			    _("net.ipv4.tcp_fin_timeout=%d: wait no longer than that many "
			      "seconds for the peer to close"),
			    FIN_TIMEOUT_S),
		remedy_sysctl(diagnosis, destination->netns,
			      arena_print(&diagnosis->arena, "net.ipv4.tcp_fin_timeout=%d",
					  FIN_TIMEOUT_S)));
	/* No room is promised: those that wait now go on waiting as long as they were told to. */
	remedy.risk = _("it counts for connections closed from now on; what a slower "
			"peer still sends is answered by a reset");
	rule_add_remedy(finding, remedy);
}

void remedy_syn_retries(struct diagnosis *diagnosis, struct finding *finding, uint32_t netns)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;

	if (settings->syn_retries <= SYN_RETRIES)
		return;
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("net.ipv4.tcp_syn_retries=%d: an attempt gives up after %d s "
				  "instead of %d s"),
				SYN_RETRIES,
				syn_timeout_s(SYN_RETRIES, settings->syn_linear_timeouts),
				syn_timeout_s(settings->syn_retries,
					      settings->syn_linear_timeouts)),
			.command = remedy_sysctl(diagnosis, netns,
						 arena_print(&diagnosis->arena,
							     "net.ipv4.tcp_syn_retries=%d",
							     SYN_RETRIES)),
			.room_before = -1,
			.room_after_min = -1,
			.room_after_max = -1,
			.risk = _("connections over a path that loses packets give up sooner, "
				  "too"),
		});
}

/* The widest range the kernel takes, of an even size: it refuses one that begins below
 * ip_unprivileged_port_start (Linux net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range()). */
static struct port_range widest(const struct netns_settings *settings)
{
	enum { LOWEST = 1024, HIGHEST = 65535 };
	int first =
		settings->unprivileged_start > LOWEST ? settings->unprivileged_start : LOWEST;

	if (first >= HIGHEST)
		return (struct port_range){ HIGHEST, HIGHEST };
	return (struct port_range){ (uint16_t)(first + first % 2), HIGHEST };
}

/* Services that are beside the range now and would be in it. What listens above 49151 let the system
 * choose its port (RFC 6335). */
static void find_services(const struct netns *netns, struct port_range wider,
			  struct port_set *found)
{
	enum { FIRST_DYNAMIC = 49152 };

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		port_set_each(port, &netns->listening[protocol]) {
			if (port_range_contains(wider, (uint16_t)port) &&
			    port < FIRST_DYNAMIC &&
			    !port_set_has(&netns->settings.reserved, (uint16_t)port))
				port_set_add(found, (uint16_t)port);
		}
}

/* Reserves the services' ports first: between the two commands somebody could take one. */
static const char *widening(struct diagnosis *diagnosis, uint32_t netns,
			    struct port_range wider, const struct port_set *services)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	const char *range =
		arena_print(&diagnosis->arena, "net.ipv4.ip_local_port_range='%u %u'",
			    wider.first, wider.last);
	struct port_set all = { 0 };

	if (!services->count || !settings->reserved_known)
		return remedy_sysctl(diagnosis, netns, range);
	port_set_add_all(&all, &settings->reserved);
	port_set_add_all(&all, services);
	range = arena_print(&diagnosis->arena, "net.ipv4.ip_local_reserved_ports=%s %s",
			    port_set_print(&all, &diagnosis->arena), range);
	port_set_free(&all);
	return remedy_sysctl(diagnosis, netns, range);
}

void remedy_wider_range(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[query->netns];
	struct port_range now = netns->settings.range, wider = widest(&netns->settings);
	struct port_set services = { 0 };
	struct capacity_change change = { .range = wider, .reserve = &services };

	if (port_range_size(now) >= port_range_size(wider))
		return;
	find_services(netns, wider, &services);
	remedy_add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = services.count ?
					_("widen the ephemeral port range, and reserve the ports "
					  "of services that listen in it") :
					_("widen the ephemeral port range"),
			.command = widening(diagnosis, query->netns, wider, &services),
			.lasts = _("until these are used up, too"),
			.risk = _(
				"services that are down just now are not seen: reserve their "
				"ports, too; firewalls may allow only the old range"),
		});
	port_set_free(&services);
}

void remedy_drop_reserved(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query, unsigned least_percent)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[query->netns].settings;
	unsigned reserved = diagnosis->namespaces[query->netns].anywhere.reserved;
	struct capacity_change change = { .without_reserved = true };

	if (!reserved || reserved * 100 < least_percent * port_range_size(settings->range))
		return;
	remedy_add_with_room(
		diagnosis, finding, query, &change,
		(struct remedy){
			.text = arena_print(
				&diagnosis->arena,
				_("drop reservations that nobody needs (%s of the range)"),
				words_ports(diagnosis, reserved)),
			.command = remedy_sysctl(diagnosis, query->netns,
						 "net.ipv4.ip_local_reserved_ports=''"),
			.risk = _("it drops them all: a service that relies on one may "
				  "find its port taken"),
		});
}
