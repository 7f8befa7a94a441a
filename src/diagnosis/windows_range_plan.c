#include "diagnosis/windows_range_plan.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/remedy.h"
#include "snapshot/dynamic_ports.h"

#include <stdlib.h>
#include <string.h>

/*
 * What netsh asks of a range (learn.microsoft.com, "Troubleshoot port exhaustion issues" and "The default dynamic port range for
 * TCP/IP has changed"): the start port is 1025 or higher, there are at least 255 ports, and none is beyond 65535.
 * Windows prefers no parity: an odd number of ports is like an even one.
 */
enum { FIRST = 1025, FEWEST = 255, HIGHEST = 65535 };

#define each_row(protocol, i)                                                                 \
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)                         \
		for (int i = 0; i < WINDOWS_FAMILIES; i++)

const char *windows_range_row_name(enum protocol protocol, int family)
{
	static const char *const names[PROTOCOL_COUNT][WINDOWS_FAMILIES] = {
		[PROTOCOL_TCP] = { "tcp ipv4", "tcp ipv6" },
		[PROTOCOL_UDP] = { "udp ipv4", "udp ipv6" },
	};

	return names[protocol][family];
}

static uint8_t family_of(int i)
{
	return i ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* ---- what netsh would refuse ---- */

static int refuse_numbers(const struct windows_range_wish *wish, const char *row,
			  struct error *error)
{
	if (wish->first < FIRST)
		return error_set(error, _("%s: first port %u: Windows takes none below %u"),
				 row, wish->first, FIRST);
	if (wish->first > HIGHEST)
		return error_set(error, _("%s: first port %u: ports end at %u"), row,
				 wish->first, HIGHEST);
	if (wish->last > HIGHEST)
		return error_set(
			error, _("%s: last port %u: ports end at %u; from %u on there are %u"),
			row, wish->last, HIGHEST, wish->first, HIGHEST - wish->first + 1);
	if (wish->last < wish->first)
		return error_set(error, _("%s: last port %u lies before the first, %u"), row,
				 wish->last, wish->first);
	if (wish->last - wish->first + 1 < FEWEST)
		return error_set(
			error,
			_("%s: %u-%u is a range of %u: Windows takes none of fewer than %u ports"),
			row, wish->first, wish->last, wish->last - wish->first + 1, FEWEST);
	return 0;
}

/* ---- what would do harm ---- */

static int refuse_blind(const struct snapshot *snapshot, const struct windows_range_wish *wish,
			enum protocol protocol, int i, struct error *error)
{
	const struct windows_range *now = &snapshot->windows->ranges[protocol][i];
	const struct netns *netns = &snapshot->namespaces[0];
	const char *row = windows_range_row_name(protocol, i);

	if (!port_range_known(now->range) || now->assumed || now->family_unsaid)
		return error_set(
			error,
			_("%s: the range that is set now is not known, and there "
			  "would be no way back to it: %.300s"),
			row, now->why_untold ? now->why_untold : _("netsh did not tell it"));
	if (!(protocol == PROTOCOL_TCP ? netns->tcp_read : netns->udp_read) && !wish->force)
		return error_set(
			error,
			_("%s: not all sockets could be read, and a service among them might "
			  "come to lie in the range; --force goes on"),
			row);
	return 0;
}

static unsigned usable(struct port_range range, const struct windows_range *now)
{
	return port_range_size(range) -
	       port_set_count_between(&now->excluded, range.first, range.last);
}

static int refuse_shrinking(const struct windows_range_row *row, const char *name,
			    const struct windows_range_wish *wish, struct error *error)
{
	char before[32], after[32];

	if (row->usable_after >= row->usable_before || wish->shrink)
		return 0;
	return error_set(error,
			 _("%s: %u-%u would leave %s usable ports of the %s there are now; "
			   "--shrink does it all the same"),
			 name, row->after.first, row->after.last,
			 text_grouped(after, row->usable_after),
			 text_grouped(before, row->usable_before));
}

/* ---- who sits there ---- */

static struct windows_range_row *row_of(struct windows_range_plan *plan,
					const struct holding *holding)
{
	return &plan->rows[holding->key.protocol][holding->key.local.family == FAMILY_IPV6];
}

/* Only sockets that asked for their port hold one outside the range they live in. */
static bool is_service(const struct holding *holding)
{
	return holding->key.state == SOCKET_LISTEN || holding->key.state == SOCKET_BOUND ||
	       holding->key.state == SOCKET_UNCONNECTED;
}

/* As they are found; several sockets may have one port. */
struct sitters {
	struct windows_range_sitter *items;
	size_t count, capacity;
	struct port_set known[PROTOCOL_COUNT][WINDOWS_FAMILIES];
};

static void add_sitter(struct sitters *sitters, const struct snapshot *snapshot,
		       const struct holding *holding, uint16_t port)
{
	const enum protocol protocol = (enum protocol)holding->key.protocol;
	const uint8_t family = holding->key.local.family;

	if (!port_set_add(&sitters->known[protocol][family == FAMILY_IPV6], port))
		return;
	array_reserve(sitters->items, sitters->count, sitters->capacity);
	sitters->items[sitters->count++] = (struct windows_range_sitter){
		.protocol = protocol,
		.family = family,
		.port = port,
		.process = snapshot_owner(snapshot, holding),
	};
}

static void keep_sitters(struct windows_range_plan *plan, struct sitters *sitters,
			 struct arena *arena)
{
	const size_t size = sitters->count * sizeof *sitters->items;

	plan->sitters =
		sitters->count ? memcpy(arena_alloc(arena, size), sitters->items, size) : NULL;
	plan->sitter_count = sitters->count;
	free(sitters->items);
	each_row(protocol, i)
	{
		port_set_free(&sitters->known[protocol][i]);
	}
}

static void find_sitters(struct windows_range_plan *plan, const struct snapshot *snapshot,
			 struct arena *arena)
{
	struct sitters sitters = { .count = 0 };

	snapshot_each_holding(holding, snapshot, 0) {
		const struct windows_range_row *row = row_of(plan, holding);
		const struct windows_range *now = windows_range_at(
			snapshot->windows, (enum protocol)holding->key.protocol,
			holding->key.local.family);

		if (!is_service(holding))
			continue;
		port_set_each(port, &holding->ports)
			if (port_range_contains(row->after, (uint16_t)port) &&
			    !port_range_contains(row->before, (uint16_t)port) &&
			    !port_set_has(&now->excluded, (uint16_t)port))
				add_sitter(&sitters, snapshot, holding, (uint16_t)port);
	}
	keep_sitters(plan, &sitters, arena);
}

/* netsh excludes no port that is in use: what sits there cannot be kept out while it runs. */
static int refuse_sitters(const struct windows_range_plan *plan, struct diagnosis *diagnosis,
			  const struct windows_range_wish *wish, struct error *error)
{
	enum { NAMED = 20 };
	const char *ports = "";

	if (!plan->sitter_count || wish->force)
		return 0;
	for (size_t i = 0; i < plan->sitter_count && i < NAMED; i++) {
		const struct windows_range_sitter *sitter = &plan->sitters[i];

		ports = arena_print(&diagnosis->arena, "%s%s%s %u", ports, i ? ", " : "",
				    protocol_name(sitter->protocol), sitter->port);
	}
	if (plan->sitter_count > NAMED)
		ports = arena_print(&diagnosis->arena, "%s, ...", ports);
	return error_set(
		error,
		P_("%zu port of a service would be in the range (%.300s): a connection could "
		   "take it while the service restarts; begin above it, or --force",
		   "%zu ports of services would be in the range (%.300s): connections could "
		   "take them while the services restart; begin above them, or --force",
		   plan->sitter_count),
		plan->sitter_count, ports);
}

static void count_left_outside(struct windows_range_plan *plan,
			       const struct snapshot *snapshot)
{
	snapshot_each_holding(holding, snapshot, 0) {
		const struct windows_range_row *row = row_of(plan, holding);

		if (holding->key.inbound)
			continue;
		port_set_each(port, &holding->ports)
			plan->left_outside +=
				port_range_contains(row->before, (uint16_t)port) &&
				!port_range_contains(row->after, (uint16_t)port);
	}
}

/* ---- what it gives ---- */

static struct capacity_query row_query(enum protocol protocol, int i)
{
	return (struct capacity_query){
		.kind = protocol == PROTOCOL_TCP ? CAPACITY_BIND : CAPACITY_UDP_BIND,
		.source = { .family = family_of(i) },
	};
}

static void model_rows(struct windows_range_plan *plan, struct port_map *before,
		       struct port_map *after)
{
	each_row(protocol, i)
	{
		struct windows_range_row *row = &plan->rows[protocol][i];
		const struct capacity_query query = row_query((enum protocol)protocol, i);

		if (!row->wanted)
			continue;
		row->room_before = capacity_of(before, &query);
		row->room_after = capacity_of(after, &query);
	}
}

static void model_destinations(struct windows_range_plan *plan,
			       const struct diagnosis *diagnosis, struct port_map *before,
			       struct port_map *after)
{
	for (size_t i = 0;
	     i < diagnosis->destination_count && plan->room_count < RANGE_PLAN_ROOMS; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		const struct capacity_query query = remedy_query(destination);

		if (!plan->rows[PROTOCOL_TCP][destination->source.family == FAMILY_IPV6]
			     .wanted)
			continue;
		plan->rooms[plan->room_count++] = (struct range_room){
			.destination = destination,
			.before = capacity_of(before, &query),
			.after = capacity_of(after, &query),
		};
	}
}

static void model_rooms(struct windows_range_plan *plan, struct diagnosis *diagnosis,
			struct port_range range)
{
	const struct capacity_change change = { .range = range };
	struct port_map *before = port_map_new(diagnosis->snapshot, 0, NULL);
	struct port_map *after = port_map_new(diagnosis->snapshot, 0, &change);

	model_rows(plan, before, after);
	model_destinations(plan, diagnosis, before, after);
	port_map_free(before);
	port_map_free(after);
}

/* ---- all of it ---- */

static int plan_row(struct windows_range_plan *plan, const struct snapshot *snapshot,
		    const struct windows_range_wish *wish, enum protocol protocol, int i,
		    struct error *error)
{
	const struct windows_range *now = &snapshot->windows->ranges[protocol][i];
	struct windows_range_row *row = &plan->rows[protocol][i];
	const char *name = windows_range_row_name(protocol, i);

	row->before = row->after = now->range;
	row->wanted = wish->rows[protocol][i];
	row->usable_before = row->usable_after = usable(now->range, now);
	if (!row->wanted)
		return 0;
	if (refuse_numbers(wish, name, error) ||
	    refuse_blind(snapshot, wish, protocol, i, error))
		return -1;
	row->after = (struct port_range){ (uint16_t)wish->first, (uint16_t)wish->last };
	row->usable_after = usable(row->after, now);
	return refuse_shrinking(row, name, wish, error);
}

int windows_range_plan_make(struct windows_range_plan *plan, struct diagnosis *diagnosis,
			    const struct windows_range_wish *wish, struct error *error)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	*plan = (struct windows_range_plan){ .sitter_count = 0 };
	each_row(protocol, i)
	{
		if (plan_row(plan, snapshot, wish, (enum protocol)protocol, i, error))
			return -1;
	}
	find_sitters(plan, snapshot, &diagnosis->arena);
	if (refuse_sitters(plan, diagnosis, wish, error))
		return -1;
	count_left_outside(plan, snapshot);
	model_rooms(plan, diagnosis,
		    (struct port_range){ (uint16_t)wish->first, (uint16_t)wish->last });
	return 0;
}

bool windows_range_plan_changes(const struct windows_range_plan *plan)
{
	each_row(protocol, i)
	{
		const struct windows_range_row *row = &plan->rows[protocol][i];

		if (row->before.first != row->after.first ||
		    row->before.last != row->after.last)
			return true;
	}
	return false;
}
