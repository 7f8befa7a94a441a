#include "diagnosis/port_map.h"

#include "diagnosis/capacity_windows.h"

#include <stdlib.h>
#include <string.h>

/* What the process closes by its end before the peer does. */
static bool comes_to_rest(enum socket_state state)
{
	return state == SOCKET_ESTABLISHED || state == SOCKET_FIN_WAIT1 ||
	       state == SOCKET_FIN_WAIT2;
}

static bool is_gone(const struct port_map *map, const struct holding *holding)
{
	const char *unit;

	if (map->change.time_wait_over && holding->key.state == SOCKET_TIME_WAIT)
		return true;
	if (!map->change.without_process || holding->key.owner_kind != OWNER_PROCESS)
		return false;
	if (map->change.connections_rest && comes_to_rest(holding->key.state))
		return false;
	unit = map->snapshot->processes[holding->key.owner].unit;
	return holding->key.owner == map->change.process ||
	       (map->change.ended && map->change.ended[holding->key.owner]) ||
	       (map->change.unit && unit && !strcmp(unit, map->change.unit));
}

bool port_map_counts(const struct port_map *map, const struct holding *holding,
		     enum protocol protocol)
{
	return holding->key.netns == map->index && holding->key.protocol == protocol &&
	       !is_gone(map, holding);
}

void port_map_mark(struct port_map *map, const struct port_set *ports, uint8_t flag)
{
	port_set_each(port, ports)
		map->flags[port] |= flag;
}

static void map_range(struct port_map *map)
{
	const struct netns_settings *settings = &map->netns->settings;

	map->range = port_range_known(map->change.range) ? map->change.range : settings->range;
	if (!port_range_known(map->range))
		return;
	memset(map->flags + map->range.first, ELIGIBLE, port_range_size(map->range));
	if (map->change.reserve)
		port_set_each(port, map->change.reserve)
			map->flags[port] &= (uint8_t)~ELIGIBLE;
	if (!map->change.without_reserved)
		port_set_each(port, &settings->reserved)
			map->flags[port] &= (uint8_t)~ELIGIBLE;
}

/* What the change leaves of a holding. */
static void mark_left(struct port_map *map, const struct holding *holding, uint8_t flags)
{
	port_set_each(port, &holding->ports)
		if (!port_map_closes(map, holding, (unsigned)port))
			map->flags[port] |= flags;
}

static void map_owners(struct port_map *map)
{
	snapshot_each_holding(holding, map->snapshot, map->index) {
		uint8_t flags;

		if (!port_map_counts(map, holding, PROTOCOL_TCP))
			continue;
		flags = OWNED;
		/* What is served on a listener's port was accepted: bind-owned like the listener. */
		if (holding->key.state == SOCKET_LISTEN ||
		    holding->key.state == SOCKET_BOUND || holding->key.inbound)
			flags |= BIND_OWNED;
		if (map->change.closed &&
		    map->change.closed[holding - map->snapshot->holdings].count)
			mark_left(map, holding, flags);
		else
			port_map_mark(map, &holding->ports, flags);
	}
}

static void map_other_kinds(struct port_map *map)
{
	static const uint64_t all_owned = UINT64_C(0x0101010101010101) * OWNED;

	for (unsigned first = 0; first < 65536; first += 8) {
		uint64_t eight;

		memcpy(&eight, map->flags + first, sizeof eight);
		for (unsigned port = first; eight & all_owned && port < first + 8; port++)
			if ((map->flags[port] & (OWNED | BIND_OWNED)) == OWNED)
				map->flags[port] |= CONNECT_OWNED;
	}
}

/*
 * A tested port keeps its kind only while the same sockets own it. With a change that takes owners
 * away, a bind-owned port may become connect-owned (since Linux 6.18) or stay; with none left it is
 * free. What was tested connect-owned stays so.
 */
static void map_tests(struct port_map *map)
{
	bool fewer_owners = map->change.without_process || map->change.time_wait_over;

	port_set_each(port, &map->netns->known_bind) {
		if (fewer_owners)
			break;
		if (map->change.no_bind_first && map->flags[port] & OWNED) {
			if (!(map->flags[port] & BIND_OWNED))
				map->flags[port] |= CONNECT_OWNED;
			continue;
		}
		/* Whoever asked for the port by number holds it until close(), a closed socket or not. */
		if (map->change.closed && !(map->flags[port] & OWNED)) {
			map->flags[port] |= GHOST;
			continue;
		}
		if (!(map->flags[port] & OWNED))
			map->flags[port] |= GHOST;
		map->flags[port] |= OWNED | BIND_OWNED;
	}
	if ((map->netns->kinds_read && !fewer_owners) || map->change.no_bind_first)
		map_other_kinds(map);
	port_set_each(port, &map->netns->known_connect)
		if (map->flags[port] & OWNED && !(map->flags[port] & BIND_OWNED))
			map->flags[port] |= CONNECT_OWNED;
	/* Also where somebody owns it: bind() on another address may have joined. */
	port_map_mark(map, &map->netns->maybe_bound, GHOST);
}

static void tally_port(struct tally *tally, uint8_t flags, bool preferred)
{
	if (!(flags & ELIGIBLE))
		return;
	tally->eligible++;
	tally->preferred += preferred;
	tally->preferred_blocked += preferred && flags & BIND_OWNED;
	if (flags & BIND_OWNED)
		tally->blocked++;
	else if (flags & OWNED)
		tally->unknown += !(flags & CONNECT_OWNED);
	else if (flags & GHOST)
		tally->ghosts++;
	else
		tally->free++;
}

/* Whether all of so many ports are eligible and nobody's; a multiple of eight. */
static bool are_free(const uint8_t *flags, unsigned count)
{
	static const uint64_t all_free = UINT64_C(0x0101010101010101) * ELIGIBLE;
	uint64_t others = 0;

	for (unsigned i = 0; i < count; i += 8) {
		uint64_t eight;

		memcpy(&eight, flags + i, sizeof eight);
		others |= eight ^ all_free;
	}
	return !others;
}

/* How many ports from this one on are free and counted at once: 64, 8 or none. */
static unsigned free_block(const struct port_map *map, unsigned port, unsigned end)
{
	if (port + 64 <= end && are_free(map->flags + port, 64))
		return 64;
	return port + 8 <= end && are_free(map->flags + port, 8) ? 8 : 0;
}

/* Most ports of most namespaces are free. */
struct tally port_map_tally(const struct port_map *map, struct port_range range)
{
	struct tally tally = { 0 };
	const unsigned end = range.last + 1u;

	for (unsigned port = range.first; port < end;) {
		const unsigned block = free_block(map, port, end);

		if (!block) {
			tally_port(&tally, map->flags[port], port_is_preferred(range, port));
			port++;
			continue;
		}
		tally.eligible += block;
		tally.free += block;
		tally.preferred += block / 2;
		port += block;
	}
	return tally;
}

struct port_map *port_map_new(const struct snapshot *snapshot, uint32_t netns,
			      const struct capacity_change *change)
{
	struct port_map *map = memory_zeroed(1, sizeof *map);

	map->snapshot = snapshot;
	map->netns = &snapshot->namespaces[netns];
	map->index = netns;
	if (change)
		map->change = *change;
	if (snapshot->windows) {
		capacity_windows_map(map);
		return map;
	}
	map_range(map);
	map_owners(map);
	map_tests(map);
	map->tally = port_map_tally(map, map->range);
	return map;
}

void port_map_free(struct port_map *map)
{
	if (map)
		free(map->windows);
	free(map);
}

/* Which of 64 ports have all these flags. */
static uint64_t word_of(const uint8_t *flags, uint8_t wanted)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < 64; i++)
		found |= (uint64_t)((flags[i] & wanted) == wanted) << i;
	return found;
}

void port_map_select(const struct port_map *map, const struct holding *holding,
		     bool bind_owned, struct port_set *selected)
{
	const struct port_set *ports = &holding->ports;
	const uint8_t *flags =
		map->windows ? capacity_windows_flags(map, &holding->key) : map->flags;
	uint8_t wanted = ELIGIBLE | (bind_owned ? BIND_OWNED : 0);

	if (ports->capacity == PORT_SET_BITMAP) {
		for (unsigned word = 0; word < PORT_SET_WORDS; word++)
			if (ports->bitmap[word])
				port_set_add_word(selected, word,
						  ports->bitmap[word] &
							  word_of(flags + word * 64, wanted));
		return;
	}
	port_set_each(port, ports)
		if ((flags[port] & wanted) == wanted)
			port_set_add(selected, (uint16_t)port);
}
