#include "diagnosis/capacity_windows.h"

#include "base/arena.h"
#include "base/language.h"
#include "diagnosis/port_map.h"
#include "snapshot/dynamic_ports.h"

/* Builds: Windows 10 began with 10240, Server 2016 with 14393; 0 and below: not known. */
enum { FIRST_WITH_AUTO_REUSE = 10240 };

struct windows_ports {
	struct port_range range;
	struct windows_use use;
	bool assumed_wrongly; /* it costs a pass over all holdings */
	uint8_t flags[65536];
};

enum { FAMILIES = 2 };

static struct windows_ports *ports_of(const struct port_map *map, enum protocol protocol,
				      uint8_t family)
{
	return &map->windows[protocol * FAMILIES + (family == FAMILY_IPV6)];
}

const uint8_t *capacity_windows_flags(const struct port_map *map,
				      const struct holding_key *key)
{
	return ports_of(map, (enum protocol)key->protocol, key->local.family)->flags;
}

struct windows_use capacity_windows_use(const struct port_map *map, enum protocol protocol,
					uint8_t family)
{
	return ports_of(map, protocol, family)->use;
}

/* ---- who has them ---- */

static void map_range(const struct port_map *map, struct windows_ports *ports,
		      enum protocol protocol, uint8_t family)
{
	const struct dynamic_ports now =
		dynamic_ports_of(map->snapshot, map->index, protocol, family);

	ports->assumed_wrongly =
		capacity_windows_assumed_wrongly(map->snapshot, protocol, family);
	ports->range = port_range_known(map->change.range) ? map->change.range : now.range;
	if (!port_range_known(ports->range))
		return;
	for (unsigned port = ports->range.first; port <= ports->range.last; port++)
		ports->flags[port] |= ELIGIBLE;
	if (map->change.reserve)
		port_set_each(port, map->change.reserve)
			ports->flags[port] &= (uint8_t)~ELIGIBLE;
	if (!map->change.without_reserved)
		port_set_each(port, now.reserved)
			ports->flags[port] &= (uint8_t)~ELIGIBLE;
}

static bool is_fixed(const struct holding_key *key)
{
	return key->state == SOCKET_LISTEN || key->state == SOCKET_BOUND || key->inbound ||
	       key->protocol == PROTOCOL_UDP;
}

static void map_holding(const struct port_map *map, const struct holding *holding)
{
	struct windows_ports *ports =
		ports_of(map, (enum protocol)holding->key.protocol, holding->key.local.family);
	bool fixed = is_fixed(&holding->key);

	port_set_each(port, &holding->ports) {
		uint8_t *flags = &ports->flags[port];

		if (port_map_closes(map, holding, (unsigned)port))
			continue;
		/* The same port and destination twice would be the same connection twice. */
		if (!fixed)
			*flags |= *flags & CONNECT_OWNED ? SHARED : CONNECT_OWNED;
		*flags |= fixed ? OWNED | BIND_OWNED : OWNED;
	}
}

static void add_up(struct windows_ports *ports)
{
	for (unsigned port = ports->range.first; port <= ports->range.last; port++) {
		uint8_t flags = ports->flags[port];

		if (!(flags & ELIGIBLE)) {
			ports->use.excluded++;
			continue;
		}
		ports->use.eligible++;
		ports->use.used += !!(flags & OWNED);
		ports->use.fixed += !!(flags & BIND_OWNED);
		ports->use.shared += !!(flags & SHARED);
	}
}

void capacity_windows_map(struct port_map *map)
{
	static const uint8_t families[FAMILIES] = { FAMILY_IPV4, FAMILY_IPV6 };

	map->windows = memory_zeroed((size_t)PROTOCOL_COUNT * FAMILIES, sizeof *map->windows);
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++)
			map_range(map, ports_of(map, protocol, families[i]), protocol,
				  families[i]);
	snapshot_each_holding(holding, map->snapshot, map->index)
		if (port_map_counts(map, holding, (enum protocol)holding->key.protocol))
			map_holding(map, holding);
	for (int i = 0; i < PROTOCOL_COUNT * FAMILIES; i++)
		if (port_range_known(map->windows[i].range))
			add_up(&map->windows[i]);
}

/* ---- what is not seen ---- */

uint32_t capacity_windows_unseen(const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	uint64_t counted = 0;

	if (snapshot->windows->bound_listed)
		return 0;
	for (size_t i = 0; i < facts->counted_count; i++)
		if (facts->counted[i].protocol == PROTOCOL_TCP &&
		    facts->counted[i].state == SOCKET_BOUND)
			counted += facts->counted[i].sockets;
	return counted && counted < UINT32_MAX ? (uint32_t)counted : UINT32_MAX;
}

bool capacity_windows_assumed_wrongly(const struct snapshot *snapshot, enum protocol protocol,
				      uint8_t family)
{
	/* A few programs bind to ports of their choice; a tenth of all connections do not. */
	enum { LEAST = 5, ONE_IN = 10 };
	unsigned inside = 0, outside = 0;

	if (!dynamic_ports_of(snapshot, 0, protocol, family).assumed)
		return false;
	snapshot_each_holding(holding, snapshot, 0) {
		const struct holding_key *key = &holding->key;
		struct port_range range;
		unsigned count;

		if (key->protocol != protocol || key->local.family != family ||
		    !key->remote_port || key->inbound)
			continue;
		range = dynamic_ports_of_holding(snapshot, holding).range;
		count = port_set_count_between(&holding->ports, range.first, range.last);
		inside += count;
		outside += holding->ports.count - count;
	}
	return outside >= LEAST && outside * ONE_IN >= inside + outside;
}

/* ---- why it is not exact, the strongest reason last ---- */

enum doubt {
	DOUBT_NONE,
	DOUBT_EXCLUDED,
	DOUBT_ASSUMED,
	DOUBT_SHARING,
	DOUBT_OLD,
	DOUBT_BOUND,
	DOUBT_CUT,
	DOUBT_WRONG
};

static const char *explain_doubt(enum doubt doubt, bool shared, bool sent)
{
	switch (doubt) {
	case DOUBT_EXCLUDED:
		return _("which ports are excluded was not told: netsh int ipv4 show "
			 "excludedportrange tcp");
	case DOUBT_ASSUMED:
		return _("the dynamic range was not told: the default, 49152 to 65535, is "
			 "assumed");
	case DOUBT_SHARING:
		return shared ? _("ports are shared between destinations here (auto-reuse); "
				  "how far that goes is not visible") :
				_("whether Windows would share ports between destinations "
				  "(auto-reuse) is not visible");
	case DOUBT_OLD:
		return _("before Windows 10 not all sockets were listed");
	case DOUBT_BOUND:
		return sent ? _("the listing does not show ports that are bound and have no "
				"connection") :
			      _("ports that are bound and have no connection could not be "
				"listed");
	case DOUBT_CUT:
		return sent ? _("the listing is not whole") :
			      _("not all sockets could be listed");
	case DOUBT_WRONG:
		return _("the dynamic range was not told, and it is not the default: "
			 "connections use ports beside it");
	default:
		return NULL;
	}
}

static void raise_doubt(enum doubt *doubt, enum doubt found, bool applies)
{
	if (applies && found > *doubt)
		*doubt = found;
}

static bool is_old(const struct windows *windows)
{
	return windows->build > 0 && windows->build < FIRST_WITH_AUTO_REUSE;
}

static void finish(const struct port_map *map, const struct capacity_query *query, bool udp,
		   struct capacity *capacity)
{
	const struct windows *windows = map->snapshot->windows;
	enum protocol protocol = udp ? PROTOCOL_UDP : PROTOCOL_TCP;
	uint8_t family =
		query->source.family ? query->source.family : query->destination.family;
	const struct dynamic_ports now =
		dynamic_ports_of(map->snapshot, map->index, protocol, family);
	bool changed = port_range_known(map->change.range);
	uint32_t unseen = udp ? 0 : capacity_windows_unseen(map->snapshot);
	enum doubt doubt = DOUBT_NONE;

	capacity->known = true;
	raise_doubt(&doubt, DOUBT_EXCLUDED, !now.reserved_known);
	raise_doubt(&doubt, DOUBT_ASSUMED, now.assumed && !changed);
	raise_doubt(&doubt, DOUBT_SHARING, capacity->room_min < capacity->room_max);
	/* What netstat left out, the tables and the handles of processes have. */
	raise_doubt(&doubt, DOUBT_OLD,
		    !udp && is_old(windows) && evidence_was_sent(&map->snapshot->evidence));
	raise_doubt(&doubt, DOUBT_BOUND, unseen);
	raise_doubt(&doubt, DOUBT_CUT, windows->listing_cut);
	raise_doubt(&doubt, DOUBT_WRONG,
		    !changed && ports_of(map, protocol, family)->assumed_wrongly);
	if (doubt >= DOUBT_OLD && doubt != DOUBT_BOUND)
		unseen = UINT32_MAX;
	capacity->room_min -= unseen < capacity->room_min ? unseen : capacity->room_min;
	capacity->uncertain = capacity->room_max - capacity->room_min;
	capacity->exact = doubt == DOUBT_NONE;
	capacity->why_not_exact =
		explain_doubt(doubt, ports_of(map, protocol, family)->use.shared > 0,
			      evidence_was_sent(&map->snapshot->evidence));
}

/* ---- what is left ---- */

/* Those with a connection to this destination that nothing else keeps from it already. */
static void take_tuples(const struct port_map *map, struct windows_ports *ports,
			const uint32_t *holdings, size_t count, struct capacity *capacity)
{
	for (size_t i = 0; i < count; i++) {
		const struct holding *holding = &map->snapshot->holdings[holdings[i]];

		if (!port_map_counts(map, holding, PROTOCOL_TCP))
			continue;
		port_set_each(port, &holding->ports) {
			uint8_t *flags = &ports->flags[port];

			if (!(*flags & ELIGIBLE) || *flags & (BIND_OWNED | TAKEN) ||
			    port_map_closes(map, holding, (unsigned)port))
				continue;
			*flags |= TAKEN;
			capacity->busy++;
			capacity->resting += holding->key.state == SOCKET_TIME_WAIT;
		}
	}
	/* There may be more destinations than the range has ports: only what was set is cleared. */
	for (size_t i = 0; i < count; i++)
		port_set_each(port, &map->snapshot->holdings[holdings[i]].ports)
			ports->flags[port] &= (uint8_t)~TAKEN;
}

struct capacity capacity_windows(struct port_map *map, const struct capacity_query *query,
				 const uint32_t *holdings, size_t count)
{
	bool udp = query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND;
	uint8_t family =
		query->source.family ? query->source.family : query->destination.family;
	struct windows_ports *ports = ports_of(map, udp ? PROTOCOL_UDP : PROTOCOL_TCP, family);
	const struct windows_use *use = &ports->use;
	struct capacity capacity = {
		.eligible = use->eligible,
		.reserved = use->excluded,
		.blocked_by_bind = use->used,
		.free = use->eligible - use->used,
		.room_min = use->eligible - use->used,
		.room_max = use->eligible - use->used,
	};

	if (!port_range_known(ports->range) ||
	    !(udp ? map->netns->udp_read : map->netns->tcp_read))
		return (struct capacity){ 0 };
	if (query->kind == CAPACITY_CONNECT) {
		capacity.blocked_by_bind = use->fixed;
		take_tuples(map, ports, holdings, count, &capacity);
		if (!is_old(map->snapshot->windows))
			capacity.room_max = use->eligible - use->fixed - capacity.busy;
	}
	finish(map, query, udp, &capacity);
	return capacity;
}
