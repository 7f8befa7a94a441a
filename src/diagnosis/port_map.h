#pragma once

#include "diagnosis/capacity.h"

/*
 * Inside the capacity model: one byte per port, who owns it as far as that is the same for all
 * destinations. A destination then costs no more than the ports it holds itself. Bind pools depend
 * on the local address instead and are summed up from the holdings that overlap it.
 */
enum port_flag {
	ELIGIBLE = 1,
	OWNED = 2,	   /* some TCP socket has it */
	BIND_OWNED = 4,	   /* certain */
	CONNECT_OWNED = 8, /* certain */
	GHOST = 16,   /* may be held, or held as well, by a socket that was not clearly seen */
	TAKEN = 32,   /* scratch of one query: out of reach for it */
	PERHAPS = 64, /* scratch of one query: perhaps out of reach */
	SHARED = 128, /* Windows: connections to several destinations have it */
};

/* All ports of a range, whatever the destination. */
struct tally {
	unsigned eligible, blocked, free, unknown, ghosts;
	unsigned preferred, preferred_blocked; /* of the parity that connect() tries first */
};

struct port_map {
	const struct snapshot *snapshot;
	const struct netns *netns;
	uint32_t index;
	struct capacity_change change;
	struct port_range range;
	struct tally tally; /* of `range` */
	struct windows_ports
		*windows; /* NULL: it is Linux; else all above but `change` is unused */
	uint8_t flags[65536];
};

/* Whether the holding is of the map's namespace and of `protocol`, and still there after the change. */
bool port_map_counts(const struct port_map *map, const struct holding *holding,
		     enum protocol protocol);

/* Whether the change closes the holding's sockets on that port. */
static inline bool port_map_closes(const struct port_map *map, const struct holding *holding,
				   unsigned port)
{
	return map->change.closed &&
	       port_set_has(&map->change.closed[holding - map->snapshot->holdings],
			    (uint16_t)port);
}

void port_map_mark(struct port_map *map, const struct port_set *ports, uint8_t flag);

/* connect() first tries the ports with the parity of the range's first. Linux
 * net/ipv4/inet_hashtables.c, __inet_hash_connect() */
static inline bool port_is_preferred(struct port_range range, unsigned port)
{
	return (port - range.first) % 2 == 0;
}

struct tally port_map_tally(const struct port_map *map, struct port_range range);
