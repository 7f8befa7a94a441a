#include "diagnosis/range_plan.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/kubernetes.h"
#include "diagnosis/remedy.h"

/*
 * The limits are those of netsh (Microsoft, "Troubleshoot port exhaustion issues": the start port is 1025 or
 * higher, at least 255 ports, the end not beyond 65535), which keep a machine usable on Linux as well. Linux
 * itself refuses a range that begins below ip_unprivileged_port_start (net/ipv4/sysctl_net_ipv4.c,
 * ipv4_local_port_range()), and warns of an odd size: connect() and bind() each prefer one parity.
 */
enum {
	LOWEST = 1024, /* with --force */
	FIRST = 1025,  /* of the article */
	FEWEST = 255,  /* of the article */
	HIGHEST = 65535,
};

static int refuse_first(const struct range_wish *wish, const struct netns_settings *settings,
			struct error *error)
{
	if (wish->first < LOWEST)
		return error_set(
			error,
			_("first port %u: ports below %u are for the system's services and "
			  "never in the range; take %u or higher"),
			wish->first, LOWEST, FIRST);
	if (wish->first < FIRST && !wish->force)
		return error_set(
			error,
			_("first port %u: take %u or higher, as on Windows; --force takes %u"),
			wish->first, FIRST, LOWEST);
	if ((int64_t)wish->first < settings->unprivileged_start)
		return error_set(error,
				 _("first port %u: the kernel takes none below "
				   "net.ipv4.ip_unprivileged_port_start, which is %d"),
				 wish->first, settings->unprivileged_start);
	return 0;
}

static int refuse_size(const struct range_wish *wish, struct error *error)
{
	unsigned count = wish->last - wish->first + 1;

	if (wish->first > HIGHEST)
		return error_set(error, _("first port %u: ports end at %u"), wish->first,
				 HIGHEST);
	if (wish->last > HIGHEST)
		return error_set(error,
				 _("last port %u: ports end at %u; from %u on there are %u"),
				 wish->last, HIGHEST, wish->first, HIGHEST - wish->first + 1);
	if (wish->last < wish->first)
		return error_set(error, _("last port %u lies before the first, %u"),
				 wish->last, wish->first);
	if (count < FEWEST)
		return error_set(
			error,
			_("%u-%u is a range of %u: at least %u ports are needed, as on "
			  "Windows"),
			wish->first, wish->last, count, FEWEST);
	if (count % 2 && !wish->force)
		return error_set(
			error,
			_("%u-%u is a range of %u, an odd number: connect() and bind() each "
			  "prefer one half; end it at %u, or --force"),
			wish->first, wish->last, count,
			wish->last < HIGHEST ? wish->last + 1 : wish->last - 1);
	return 0;
}

/* Only sockets that asked for their port hold one outside the range they live in, and what serves one
 * cannot do without it. */
static bool is_service(const struct holding *holding)
{
	return holding->key.state == SOCKET_LISTEN || holding->key.state == SOCKET_BOUND ||
	       holding->key.state == SOCKET_UNCONNECTED;
}

static void claim(struct range_plan *plan, const struct port_set *reserved, uint16_t port)
{
	if (port_range_contains(plan->after, port) &&
	    !port_range_contains(plan->before, port) && !port_set_has(reserved, port))
		port_set_add(&plan->services, port);
}

/* Those that run, those that are enabled, and those that have nobody listening. */
static void find_services(struct range_plan *plan, const struct snapshot *snapshot)
{
	const struct netns *netns = &snapshot->namespaces[plan->netns];
	const struct port_set *reserved = &netns->settings.reserved;

	snapshot_each_holding(holding, snapshot, plan->netns) {
		if (is_service(holding))
			port_set_each(port, &holding->ports)
				claim(plan, reserved, (uint16_t)port);
	}
	for (size_t i = 0; i < snapshot->boot_socket_count && netns->of_init; i++)
		claim(plan, reserved, snapshot->boot_sockets[i].port);
	if (kubernetes_find(snapshot, plan->netns))
		for (unsigned port = kubernetes_node_ports.first;
		     port <= kubernetes_node_ports.last; port++)
			claim(plan, reserved, (uint16_t)port);
}

/* What is not seen cannot be kept out of the range. */
static int refuse_blind(const struct snapshot *snapshot, const struct range_wish *wish,
			struct error *error)
{
	const struct netns *netns = &snapshot->namespaces[wish->netns];

	if (!netns->settings.reserved_known)
		return error_set(error,
				 _("the reserved ports could not be read: nothing can be "
				   "added to them"));
	if ((!netns->tcp_read || !netns->udp_read) && !wish->force)
		return error_set(error,
				 _("not all sockets could be read, and a service among them "
				   "might come to lie in the range; --force goes on"));
	return 0;
}

static int settle_services(struct range_plan *plan, struct diagnosis *diagnosis,
			   const struct range_wish *wish, struct error *error)
{
	find_services(plan, diagnosis->snapshot);
	if (!plan->services.count)
		return 0;
	if (!wish->reserve)
		return error_set(
			error,
			P_("%u port of a service would be in the range (%s): a connection "
			   "could take it while the service restarts; --reserve adds it to "
			   "net.ipv4.ip_local_reserved_ports",
			   "%u ports of services would be in the range (%s): connections "
			   "could take them while the services restart; --reserve adds them "
			   "to net.ipv4.ip_local_reserved_ports",
			   plan->services.count),
			plan->services.count,
			port_set_print(&plan->services, &diagnosis->arena));
	port_set_add_all(&plan->reserved_after, &plan->services);
	plan->changes_reserved = true;
	return 0;
}

static unsigned usable(struct port_range range, const struct port_set *reserved)
{
	return port_range_size(range) -
	       port_set_count_between(reserved, range.first, range.last);
}

static int refuse_shrinking(const struct range_plan *plan, const struct range_wish *wish,
			    struct error *error)
{
	char before[32], after[32];

	if (plan->usable_after >= plan->usable_before || wish->shrink)
		return 0;
	return error_set(
		error,
		_("%u-%u would leave %s usable ports of the %s there are now; --shrink does it "
		  "all the same"),
		plan->after.first, plan->after.last, text_grouped(after, plan->usable_after),
		text_grouped(before, plan->usable_before));
}

static void count_left_outside(struct range_plan *plan, const struct snapshot *snapshot)
{
	struct port_set outside = { 0 };

	snapshot_each_holding(holding, snapshot, plan->netns) {
		if (holding->key.inbound)
			continue;
		port_set_each(port, &holding->ports)
			if (port_range_contains(plan->before, (uint16_t)port) &&
			    !port_range_contains(plan->after, (uint16_t)port))
				port_set_add(&outside, (uint16_t)port);
	}
	plan->left_outside = outside.count;
	port_set_free(&outside);
}

/* Rules that name just the old range, or a part of it that reaches to one of its ends: they were made for it. */
static bool names_old_range(const struct port_rule *rule, struct port_range old)
{
	return rule->range.first == old.first || rule->range.last == old.last;
}

static void find_rules(struct range_plan *plan, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->port_rule_count; i++) {
		const struct port_rule *rule = &snapshot->port_rules[i];

		if (rule->netns != plan->netns || !names_old_range(rule, plan->before) ||
		    (rule->range.first <= plan->after.first &&
		     rule->range.last >= plan->after.last))
			continue;
		if (plan->rule_count < RANGE_PLAN_RULES)
			plan->rules[plan->rule_count] = rule;
		plan->rule_count++;
	}
}

/* A destination that nobody is connected to: as if it were somewhere else. */
static struct capacity anywhere(struct port_map *map, uint32_t netns)
{
	struct capacity_query query = { .kind = CAPACITY_CONNECT, .netns = netns };

	return capacity_of(map, &query);
}

static void model_rooms(struct range_plan *plan, struct diagnosis *diagnosis)
{
	struct capacity_change change = { .range = plan->after, .reserve = &plan->services };
	struct port_map *before = port_map_new(diagnosis->snapshot, plan->netns, NULL);
	struct port_map *after = port_map_new(diagnosis->snapshot, plan->netns, &change);

	plan->anywhere_before = anywhere(before, plan->netns);
	plan->anywhere_after = anywhere(after, plan->netns);
	for (size_t i = 0;
	     i < diagnosis->destination_count && plan->room_count < RANGE_PLAN_ROOMS; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		struct capacity_query query = remedy_query(destination);

		if (destination->netns != plan->netns)
			continue;
		plan->rooms[plan->room_count++] = (struct range_room){
			.destination = destination,
			.before = capacity_of(before, &query),
			.after = capacity_of(after, &query),
		};
	}
	port_map_free(before);
	port_map_free(after);
}

int range_plan_make(struct range_plan *plan, struct diagnosis *diagnosis,
		    const struct range_wish *wish, struct error *error)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[wish->netns].settings;

	*plan = (struct range_plan){ .netns = wish->netns, .before = settings->range };
	if (diagnosis->snapshot->wsl_mirrored)
		return error_set(
			error,
			_("this is WSL with mirrored networking, where Windows has the "
			  "ports: set the range there, netsh int ipv4 set dynamicport "
			  "tcp start=%u num=%u"),
			wish->first,
			wish->last >= wish->first ? wish->last - wish->first + 1 : 0);
	if (!port_range_known(settings->range))
		return error_set(error, _("the range that is set now could not be read: there "
					  "would be no way back to it"));
	if (refuse_first(wish, settings, error) || refuse_size(wish, error) ||
	    refuse_blind(diagnosis->snapshot, wish, error))
		return -1;
	plan->after = (struct port_range){ (uint16_t)wish->first, (uint16_t)wish->last };
	port_set_add_all(&plan->reserved_before, &settings->reserved);
	port_set_add_all(&plan->reserved_after, &settings->reserved);
	if (settle_services(plan, diagnosis, wish, error))
		return -1;
	plan->usable_before = usable(plan->before, &plan->reserved_before);
	plan->usable_after = usable(plan->after, &plan->reserved_after);
	if (refuse_shrinking(plan, wish, error))
		return -1;
	count_left_outside(plan, diagnosis->snapshot);
	find_rules(plan, diagnosis->snapshot);
	model_rooms(plan, diagnosis);
	return 0;
}

void range_plan_free(struct range_plan *plan)
{
	port_set_free(&plan->services);
	port_set_free(&plan->reserved_before);
	port_set_free(&plan->reserved_after);
}

bool range_plan_changes(const struct range_plan *plan)
{
	return plan->before.first != plan->after.first ||
	       plan->before.last != plan->after.last || plan->changes_reserved;
}
