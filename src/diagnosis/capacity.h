#pragma once

#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The capacity model: how many further calls would get a local port right now.
 *
 * A TCP port is free, connect-owned or bind-owned. A connect-owned port serves every destination
 * but those it is already connected to; a bind-owned one serves no connect() at all, whatever its
 * owner's address or family. A dump does not tell the two apart; where neither a listener, nor a
 * bound-only socket, nor the port test settles it, the answer is an interval.
 *
 * Sources: Linux net/ipv4/inet_hashtables.c, __inet_hash_connect() and __inet_check_established();
 * net/ipv4/inet_connection_sock.c, inet_csk_find_open_port() and inet_csk_bind_conflict();
 * net/ipv4/tcp_ipv4.c, tcp_twsk_unique(); net/ipv4/udp.c, udp_lib_get_port().
 * Every rule was checked against real calls: tests/live/.
 */

enum capacity_kind {
	CAPACITY_CONNECT,     /* TCP connect() without a port, also after bind() with
			     IP_BIND_ADDRESS_NO_PORT */
	CAPACITY_BIND,	      /* TCP bind(address, 0), listen() without bind */
	CAPACITY_UDP_CONNECT, /* UDP connect() or send without bind: any address must be free */
	CAPACITY_UDP_BIND,
	CAPACITY_KIND_COUNT
};

const char *capacity_kind_name(enum capacity_kind kind); /* "connect", "bind", ... */

struct capacity_query {
	enum capacity_kind kind;
	uint32_t netns;
	struct address source, destination; /* source: also the address to bind to */
	uint16_t port;
	struct port_range own_range; /* IP_LOCAL_PORT_RANGE of the socket; 0: none */
	uint32_t device;	     /* interface the socket is bound to; 0: none */
	bool only_six;		     /* bind to [::] with IPV6_V6ONLY */
};

/* net.ipv4.tcp_tw_reuse, set otherwise than it is. */
enum reuse_change { REUSE_UNCHANGED, REUSE_OFF, REUSE_ON, REUSE_LOOPBACK };

/* What would be different: remedies and whatif ask the model with a change. Zero is none. */
struct capacity_change {
	struct port_range range;	/* another ip_local_port_range */
	bool without_reserved;		/* ip_local_reserved_ports empty */
	const struct port_set *reserve; /* these ports reserved as well; NULL: none */
	enum reuse_change tw_reuse;	/* and its delay has passed */
	bool no_bind_first; /* programs leave the port of a connection to connect(): who bound first
			       had set IP_BIND_ADDRESS_NO_PORT */
	bool time_wait_over;   /* every TIME_WAIT has run out */
	const char *unit;      /* with without_process: all processes of this unit, too */
	bool without_process;  /* this process has ended and its sockets are gone */
	bool connections_rest; /* but its open connections, which now are in TIME_WAIT */
	uint32_t process;      /* UINT32_MAX: only those of `ended` */
	const bool
		*ended; /* with without_process: these processes, too, by index; NULL: none */
	/* Of each holding, by its index, the ports whose sockets are closed from outside; NULL: none are. */
	const struct port_set *closed;
};

struct capacity {
	bool known; /* false: the range or the sockets could not be read; nothing below is valid */
	unsigned eligible; /* ports in the range that are not reserved */
	unsigned reserved; /* ports in the range that are */
	unsigned
		blocked_by_bind; /* certainly bind-owned (for bind: owned on an overlapping address) */
	unsigned busy;		 /* in use towards this destination and not reusable */
	unsigned resting;   /* of these and the uncertain ones, in TIME_WAIT: they come back by
			     themselves, if not sooner */
	unsigned reusable;  /* in TIME_WAIT towards it, to be reused at once */
	unsigned free;	    /* nobody has them */
	unsigned uncertain; /* counted in room_max, not in room_min */
	unsigned room_min, room_max;
	/* connect() only: ports with the parity of the range's first, which it tries before the
	 * others, and how many of these could be had (counted as in room_max) */
	unsigned preferred, preferred_left;
	bool exact;
	const char *why_not_exact; /* NULL if exact */
};

/*
 * What is the same for every destination of a namespace: one pass over its holdings. Reads the
 * snapshot, which must outlive it. NULL change: the machine as it is.
 */
struct port_map;

struct port_map *port_map_new(const struct snapshot *snapshot, uint32_t netns,
			      const struct capacity_change *change);
void port_map_free(struct port_map *map);

/* query->netns must be the map's. */
struct capacity capacity_of(struct port_map *map, const struct capacity_query *query);

/* For many destinations: the holdings towards this one are given instead of searched for. */
struct capacity capacity_of_holdings(struct port_map *map, const struct capacity_query *query,
				     const uint32_t *holdings, size_t count);

/* Adds to `selected` those of the holding's ports that are eligible and, if asked, bind-owned for certain. */
void port_map_select(const struct port_map *map, const struct holding *holding,
		     bool bind_owned, struct port_set *selected);

/*
 * Whether two local addresses compete for a port: they are the same, or one is a wildcard that
 * covers the other. Each IPv6 side says whether it keeps out of IPv4.
 */
enum overlap { OVERLAP_NO, OVERLAP_MAYBE, OVERLAP_YES };

/* Whether a socket bound to the address keeps out of IPv4: net.ipv6.bindv6only is the default of
 * IPV6_V6ONLY, and a bind() to a single IPv6 address sets it. */
enum ipv6_only capacity_ipv6_only(const struct netns *netns, const struct address *address,
				  bool asked_for);

enum overlap capacity_overlap(const struct address *a, enum ipv6_only a_only,
			      const struct address *b, enum ipv6_only b_only);
