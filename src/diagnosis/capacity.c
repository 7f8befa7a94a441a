#include "diagnosis/capacity.h"

#include "base/language.h"
#include "base/arena.h"
#include "diagnosis/capacity_windows.h"
#include "diagnosis/port_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *capacity_kind_name(enum capacity_kind kind)
{
	static const char *const names[] = {
		[CAPACITY_CONNECT] = "connect",
		[CAPACITY_BIND] = "bind",
		[CAPACITY_UDP_CONNECT] = "udp_connect",
		[CAPACITY_UDP_BIND] = "udp_bind",
	};

	static_assert(sizeof names / sizeof names[0] == CAPACITY_KIND_COUNT,
		      "every kind has a name");
	return names[kind];
}

enum ipv6_only capacity_ipv6_only(const struct netns *netns, const struct address *address,
				  bool asked_for)
{
	int setting = netns->settings.bindv6only;

	if (asked_for || !address_is_any(address) || setting == 1)
		return IPV6_ONLY_YES;
	return setting == 0 ? IPV6_ONLY_NO : IPV6_ONLY_UNKNOWN;
}

enum overlap capacity_overlap(const struct address *a, enum ipv6_only a_only,
			      const struct address *b, enum ipv6_only b_only)
{
	enum ipv6_only only = a->family == FAMILY_IPV6 ? a_only : b_only;

	if (a->family == b->family)
		return address_is_any(a) || address_is_any(b) || address_equal(a, b) ?
			       OVERLAP_YES :
			       OVERLAP_NO;
	/* Across families one of the two must be a wildcard, and the IPv6 one open to IPv4. */
	if (only == IPV6_ONLY_YES || !(address_is_any(a) || address_is_any(b)))
		return OVERLAP_NO;
	return only == IPV6_ONLY_NO ? OVERLAP_YES : OVERLAP_MAYBE;
}

/* ---- what stands in the way of exactness ---- */

enum doubt {
	DOUBT_NONE,
	DOUBT_ODD_RANGE,
	DOUBT_YOUNG,
	DOUBT_TIMESTAMPS,
	DOUBT_KIND,
	DOUBT_IPV6_ONLY,
	DOUBT_HIDDEN,
	DOUBT_RESERVED,
	DOUBT_RANGE,
};

static const char *explain_doubt(const struct port_map *map, enum doubt doubt)
{
	switch (doubt) {
	case DOUBT_NONE:
		return NULL;
	case DOUBT_ODD_RANGE:
		return _(
			"the range has an odd number of ports: a call looks at all but its first or last");
	case DOUBT_YOUNG:
		return _("entries in TIME_WAIT are about as old as they must be to be reused");
	case DOUBT_TIMESTAMPS:
		return _(
			"whether connections now in TIME_WAIT used TCP timestamps, which their reuse "
			"needs, is not visible");
	case DOUBT_KIND:
		return map->netns->untested_why ?
			       map->netns->untested_why :
			       _("who owns some ports, connect() or bind(), is not known");
	case DOUBT_IPV6_ONLY:
		return _(
			"whether some IPv6 sockets also hold their port for IPv4 (IPV6_V6ONLY) is not "
			"visible");
	case DOUBT_HIDDEN:
		return _("bound-only sockets are not visible here");
	case DOUBT_RESERVED:
		return _("which ports are reserved is not known");
	case DOUBT_RANGE:
		return _("the port range is not known, and the kernel's default is assumed");
	}
	return NULL;
}

/* The strongest doubt is the one to name. */
static void raise_doubt(enum doubt *doubt, enum doubt found)
{
	if (found > *doubt)
		*doubt = found;
}

/* ---- TCP connect ---- */

/* The loopback device is the first in every namespace (Linux include/net/flow.h). */
enum { LOOPBACK_DEVICE = 1 };

enum reuse { REUSE_NO, REUSE_MAYBE, REUSE_YES };

/* May connect() take over this entry in TIME_WAIT, which has the very same four numbers? */
static enum reuse may_reuse(const struct port_map *map, const struct holding *holding,
			    enum doubt *doubt)
{
	const struct netns_settings *settings = &map->netns->settings;
	const struct holding_key *key = &holding->key;
	static const int changed[] = { [REUSE_OFF] = 0, [REUSE_ON] = 1, [REUSE_LOOPBACK] = 2 };
	int reuse = map->change.tw_reuse ? changed[map->change.tw_reuse] : settings->tw_reuse;
	bool loopback = key->device == LOOPBACK_DEVICE || address_is_loopback(&key->local) ||
			address_is_loopback(&key->remote);

	if (key->state != SOCKET_TIME_WAIT || reuse == 0 || (reuse == 2 && !loopback))
		return REUSE_NO;
	if (key->age == AGE_YOUNG && !map->change.tw_reuse)
		return REUSE_NO;
	if (key->timestamps == TIMESTAMPS_NO)
		return REUSE_NO;
	if (reuse < 0 || (key->timestamps == TIMESTAMPS_UNKNOWN && settings->timestamps < 0)) {
		raise_doubt(doubt, DOUBT_KIND);
		return REUSE_MAYBE;
	}
	/* The setting is looked at when a connection begins, not now: it may have been another. */
	if (key->timestamps == TIMESTAMPS_UNKNOWN &&
	    (settings->timestamps == 0 || !netns_has_address(map->netns, &key->remote))) {
		raise_doubt(doubt, DOUBT_TIMESTAMPS);
		return REUSE_MAYBE;
	}
	if (key->age != AGE_OLD && !map->change.tw_reuse) {
		raise_doubt(doubt, DOUBT_YOUNG);
		return REUSE_MAYBE;
	}
	return REUSE_YES;
}

/*
 * With a range of odd size n > 1 the kernel walks n - 1 ports: the first of the range stays out,
 * or the last, by an offset nobody knows (hence "remaining &= ~1"). It matters only if one of the
 * two could still be had. connect() walks a socket's own range whole on kernels that also show
 * bound-only sockets (both since 6.8); bind() does not.
 */
static bool odd_port_may_be_missed(const struct port_map *map,
				   const struct capacity_query *query, struct port_range range)
{
	bool own = query->own_range.first || query->own_range.last;

	if (port_range_size(range) % 2 == 0 || port_range_size(range) == 1)
		return false;
	if (own && map->netns->bound_dumped && query->kind == CAPACITY_CONNECT)
		return false;
	return (map->flags[range.first] & (ELIGIBLE | TAKEN)) == ELIGIBLE ||
	       (map->flags[range.last] & (ELIGIBLE | TAKEN)) == ELIGIBLE;
}

/* From room_max and the uncertain ports to the interval; the scratch marks are still set. */
static void finish(const struct port_map *map, const struct capacity_query *query,
		   struct port_range range, enum doubt doubt, struct capacity *capacity)
{
	bool tcp = query->kind == CAPACITY_CONNECT || query->kind == CAPACITY_BIND;
	bool tested = query->kind == CAPACITY_CONNECT && !map->netns->untested_why;

	capacity->known = true;
	capacity->room_min = capacity->room_max - capacity->uncertain;
	/* UDP walks every port, and its dump shows every socket. */
	if (tcp && capacity->room_min && odd_port_may_be_missed(map, query, range)) {
		capacity->room_min--;
		raise_doubt(&doubt, DOUBT_ODD_RANGE);
	}
	if (tcp && !map->netns->bound_seen && !tested) {
		int64_t unseen = map->netns->unseen_most;

		capacity->room_min -= unseen < 0 || unseen > capacity->room_min ?
					      capacity->room_min :
					      (unsigned)unseen;
		raise_doubt(&doubt, DOUBT_HIDDEN);
	}
	/* Any number of the ports may be reserved, and the range another. */
	if (map->netns->settings.assumed && !port_range_known(map->change.range)) {
		capacity->room_min = 0;
		raise_doubt(&doubt, map->netns->settings.assumed == ASSUMED_RANGE ?
					    DOUBT_RANGE :
					    DOUBT_RESERVED);
	}
	capacity->exact = capacity->room_min == capacity->room_max;
	capacity->why_not_exact = capacity->exact ? NULL : explain_doubt(map, doubt);
}

static bool is_towards(const struct port_map *map, const struct holding *holding,
		       const struct capacity_query *query)
{
	const struct holding_key *key = &holding->key;
	/* Of a machine that is known by its files nobody can ask which address it would take. */
	bool any_source = map->windows && !query->source.family;

	/* A socket without a device meets all; one with a device only those of the same
	 * (Linux include/net/inet_hashtables.h, inet_match()). */
	return !key->inbound && key->remote_port == query->port &&
	       (!key->device || key->device == query->device) &&
	       address_equal(&key->remote, &query->destination) &&
	       (any_source || address_equal(&key->local, &query->source));
}

struct tuples {
	unsigned unknown;   /* busy ports of unknown kind */
	unsigned preferred; /* busy ports that connect() tries first */
	enum doubt doubt;
};

/* Counts the ports that `holding` takes from this destination, and marks them. */
static void take_tuples(struct port_map *map, const struct holding *holding,
			struct port_range range, struct capacity *capacity,
			struct tuples *tuples)
{
	enum doubt doubt = DOUBT_NONE;
	enum reuse reuse = may_reuse(map, holding, &doubt);

	port_set_each(port, &holding->ports) {
		uint8_t flags = map->flags[port];
		bool certain = flags & CONNECT_OWNED;

		if (!port_range_contains(range, (uint16_t)port) || !(flags & ELIGIBLE) ||
		    flags & (BIND_OWNED | TAKEN) ||
		    port_map_closes(map, holding, (unsigned)port))
			continue;
		if (reuse == REUSE_NO) {
			map->flags[port] |= TAKEN;
			capacity->busy++;
			capacity->resting += holding->key.state == SOCKET_TIME_WAIT;
			tuples->unknown += !certain;
			tuples->preferred += port_is_preferred(range, (unsigned)port);
			continue;
		}
		/* Reusable, if nothing but connect() owns the port. */
		capacity->reusable += reuse == REUSE_YES && certain;
		capacity->uncertain += reuse == REUSE_MAYBE && certain;
		capacity->resting += reuse == REUSE_MAYBE && certain;
		if (reuse == REUSE_MAYBE)
			raise_doubt(&tuples->doubt, doubt);
	}
}

static struct capacity connect_capacity(struct port_map *map,
					const struct capacity_query *query,
					const uint32_t *holdings, size_t count)
{
	struct port_range range = port_range_clip(map->range, query->own_range);
	bool whole = range.first == map->range.first && range.last == map->range.last;
	struct tally tally = whole ? map->tally : port_map_tally(map, range);
	struct capacity capacity = { .eligible = tally.eligible,
				     .reserved = port_range_size(range) - tally.eligible,
				     .blocked_by_bind = tally.blocked,
				     .free = tally.free };
	struct tuples tuples = { 0 };
	unsigned unknown;
	uint8_t edges[2] = { map->flags[range.first], map->flags[range.last] };

	for (size_t i = 0; i < count; i++) {
		const struct holding *holding = &map->snapshot->holdings[holdings[i]];

		if (port_map_counts(map, holding, PROTOCOL_TCP))
			take_tuples(map, holding, range, &capacity, &tuples);
	}
	/* A port of unknown kind that this destination holds is out of reach either way. */
	unknown = tally.unknown - tuples.unknown + tally.ghosts;
	capacity.uncertain += unknown;
	raise_doubt(&tuples.doubt, unknown ? DOUBT_KIND : DOUBT_NONE);
	capacity.room_max = tally.eligible - tally.blocked - capacity.busy;
	capacity.preferred = tally.preferred;
	capacity.preferred_left = tally.preferred - tally.preferred_blocked - tuples.preferred;
	if (edges[0] & BIND_OWNED)
		map->flags[range.first] |= TAKEN;
	if (edges[1] & BIND_OWNED)
		map->flags[range.last] |= TAKEN;
	finish(map, query, range, tuples.doubt, &capacity);

	map->flags[range.first] &= (uint8_t)~TAKEN;
	map->flags[range.last] &= (uint8_t)~TAKEN;
	for (size_t i = 0; i < count; i++)
		port_set_each(port, &map->snapshot->holdings[holdings[i]].ports)
			map->flags[port] &= (uint8_t)~TAKEN;
	return capacity;
}

/* ---- bind and UDP: one port per local address, over all destinations ---- */

static void take_overlapping(struct port_map *map, const struct capacity_query *query,
			     enum protocol protocol)
{
	enum ipv6_only own = capacity_ipv6_only(map->netns, &query->source, query->only_six);

	snapshot_each_holding(holding, map->snapshot, map->index) {
		const struct holding_key *key = &holding->key;

		enum overlap overlap;

		if (!port_map_counts(map, holding, protocol))
			continue;
		overlap = capacity_overlap(&query->source, own, &key->local, key->ipv6_only);
		if (overlap != OVERLAP_NO)
			port_map_mark(map, &holding->ports,
				      overlap == OVERLAP_YES ? TAKEN : PERHAPS);
	}
}

static struct capacity bind_capacity(struct port_map *map, const struct capacity_query *query,
				     enum protocol protocol)
{
	struct port_range range = port_range_clip(map->range, query->own_range);
	struct capacity capacity = { 0 };
	enum doubt doubt = DOUBT_NONE;

	take_overlapping(map, query, protocol);
	for (unsigned port = range.first; port <= range.last; port++) {
		uint8_t flags = map->flags[port];

		if (!(flags & ELIGIBLE)) {
			capacity.reserved++;
		} else if (flags & TAKEN) {
			capacity.blocked_by_bind++;
		} else if (flags & PERHAPS || (flags & GHOST && protocol == PROTOCOL_TCP)) {
			capacity.uncertain++;
			raise_doubt(&doubt, flags & PERHAPS ? DOUBT_IPV6_ONLY : DOUBT_HIDDEN);
		} else {
			capacity.free++;
		}
	}
	capacity.eligible = port_range_size(range) - capacity.reserved;
	capacity.room_max = capacity.free + capacity.uncertain;
	finish(map, query, range, doubt, &capacity);
	for (unsigned port = 0; port < 65536; port++)
		map->flags[port] &= (uint8_t) ~(TAKEN | PERHAPS);
	return capacity;
}

/* An automatic port must be free on every address of the family; after bind() to an address with
 * IP_BIND_ADDRESS_NO_PORT, on that address. */
static struct capacity udp_connect_capacity(struct port_map *map,
					    const struct capacity_query *query)
{
	struct capacity_query own = *query;

	if (!own.source.family)
		own.source.family = query->destination.family;
	return bind_capacity(map, &own, PROTOCOL_UDP);
}

struct capacity capacity_of_holdings(struct port_map *map, const struct capacity_query *query,
				     const uint32_t *holdings, size_t count)
{
	bool tcp = query->kind == CAPACITY_CONNECT || query->kind == CAPACITY_BIND;

	if (map->windows)
		return capacity_windows(map, query, holdings, count);
	if (!port_range_known(map->range) ||
	    (!map->netns->settings.reserved_known && !map->change.without_reserved) ||
	    !(tcp ? map->netns->tcp_read : map->netns->udp_read))
		return (struct capacity){ 0 };
	switch (query->kind) {
	case CAPACITY_CONNECT:
		return connect_capacity(map, query, holdings, count);
	case CAPACITY_BIND:
		return bind_capacity(map, query, PROTOCOL_TCP);
	case CAPACITY_UDP_BIND:
		return bind_capacity(map, query, PROTOCOL_UDP);
	default:
		return udp_connect_capacity(map, query);
	}
}

struct capacity capacity_of(struct port_map *map, const struct capacity_query *query)
{
	const struct snapshot *snapshot = map->snapshot;
	uint32_t *holdings = NULL;
	size_t count = 0, room = 0;
	struct capacity capacity;

	snapshot_each_holding(holding, snapshot, map->index) {
		if (query->kind != CAPACITY_CONNECT ||
		    !port_map_counts(map, holding, PROTOCOL_TCP) ||
		    !is_towards(map, holding, query))
			continue;
		array_reserve(holdings, count, room);
		holdings[count++] = (uint32_t)(holding - snapshot->holdings);
	}
	capacity = capacity_of_holdings(map, query, holdings, count);
	free(holdings);
	return capacity;
}
