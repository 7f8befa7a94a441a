#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Port ranges: what the system may pick from when a program does not choose a port.
 * Bounds are inclusive, in host byte order. first = 0 stands for "not known".
 */
struct port_range {
	uint16_t first, last;
};

static inline bool port_range_known(struct port_range range)
{
	return range.first != 0;
}

static inline bool port_range_contains(struct port_range range, uint16_t port)
{
	return port >= range.first && port <= range.last;
}

static inline unsigned port_range_size(struct port_range range)
{
	return range.last >= range.first ? (unsigned)(range.last - range.first) + 1 : 0;
}

/*
 * What a socket with IP_LOCAL_PORT_RANGE `own` may use: a bound of `own` that lies outside the
 * namespace's range is ignored, the other still counts. 0 as a bound means "not set".
 * Linux net/ipv4/inet_connection_sock.c, inet_sk_get_local_port_range().
 */
static inline struct port_range port_range_clip(struct port_range range, struct port_range own)
{
	struct port_range clipped = range;

	if (own.first && port_range_contains(range, own.first))
		clipped.first = own.first;
	if (own.last && port_range_contains(range, own.last))
		clipped.last = own.last;
	return clipped;
}
