#pragma once

#include "snapshot/address.h"
#include "snapshot/port_range.h"
#include "snapshot/port_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A network namespace: its own port range, its own sockets, its own exhaustion. Windows and
 * evidence without namespaces have one, with inode 0.
 * Settings are -1 where they could not be read or do not exist on that kernel.
 */
enum netns_kind {
	NETNS_OWN,	 /* the caller's */
	NETNS_HOST,	 /* that of pid 1 */
	NETNS_NAMED,	 /* mounted: ip netns, container runtimes */
	NETNS_CONTAINER, /* of a container's process */
	NETNS_PROCESS,	 /* of some other process */
};

/* Of a machine that others have described, what nobody told: then a number of ports is never exact. */
enum settings_assumed {
	ASSUMED_NOTHING,
	ASSUMED_RANGE,	  /* the kernel's default, and no port reserved unless that is told */
	ASSUMED_RESERVED, /* that none is */
};

struct netns_settings {
	struct port_range range;  /* net.ipv4.ip_local_port_range, IPv6 too */
	struct port_set reserved; /* net.ipv4.ip_local_reserved_ports */
	bool reserved_known;
	enum settings_assumed assumed;
	int tw_reuse;	       /* 0 off, 1 on, 2 for loopback */
	int tw_reuse_delay_ms; /* -1: a kernel without it, where the delay is one second */
	int timestamps;
	int64_t max_tw_buckets;
	int autobind_reuse;
	int unprivileged_start; /* ip_unprivileged_port_start: the range may not begin below */
	int bindv6only;
	int fin_timeout_s;
	int syn_retries;
	int syn_linear_timeouts; /* so many wait a second each; older kernels have none */
	int fastopen;
};

/* Counters since the namespace began (netstat TcpExt, snmp Tcp, sockstat); -1: not read. */
struct netns_counters {
	int64_t active_opens;	     /* does not move when connect() finds no port */
	int64_t time_waits;	     /* TcpExt:TW */
	int64_t time_waits_reused;   /* TcpExt:TWRecycled */
	int64_t time_wait_overflows; /* TcpExt:TCPTimeWaitOverflow */
	int64_t time_wait_now;	     /* sockstat "tw", FIN_WAIT2 without owner included */
	int64_t tcp_allocated; /* sockstat "alloc": of the whole machine, bound-only included */
};

/* Connection tracking (netfilter). All 0 where nothing is tracked; -1: not read. The counters
 * are since the namespace began. */
struct netns_conntrack {
	int64_t entries, limit; /* limit 0: none */
	int64_t drops;		/* packets dropped because no entry could be made */
	int64_t insert_failed; /* of these, most: the entry was made but clashed with another */
	int64_t early_drops;   /* entries thrown out to make room for new ones */
	int64_t time_wait_s;   /* so long an entry stays in TIME_WAIT */
};

struct netns {
	uint64_t inode; /* of its nsfs file: what ip netns identify and lsns show */
	const char *name;
	enum netns_kind kind;
	bool of_init; /* pid 1, as it is seen from here, is in it: what the boot sets counts for it */
	const char *
		enter; /* path to enter it by, as nsenter(1) takes it; NULL: the caller is in it */
	struct netns_settings settings;
	struct netns_counters counters;
	struct netns_conntrack conntrack;

	/* Addresses of this host here, from its interfaces; loopback ones are local anyway. */
	struct address *local_addresses;
	size_t local_address_count;

	bool tcp_read, udp_read; /* the dump came to its end */
	bool bound_dumped;	 /* the kernel shows bound-only sockets (Linux 6.8) */
	bool bound_seen;	 /* bound-only sockets of every process would have been seen */

	/* Who owns the ports whose kind a dump leaves open, bind() or connect(): read from the kernel's
	 * own tables, or told by the port test. */
	struct port_set known_bind, known_connect;
	bool kinds_read; /* all were read: what is not in known_bind, connect() owns */
	const char *untested_why; /* why some stayed open; NULL if none did */

	/* Where bound-only sockets are not all seen: at most so many can be there, by the kernel's
	 * count of all TCP sockets; -1: no bound. */
	int64_t unseen_most;

	/* Ports of sockets that are closed, but may hold them: a descriptor names them where
	 * bound-only sockets are not shown, or they were closed while they were read. */
	struct port_set maybe_bound;

	/* Its holdings: snapshot_each_holding(). Indexes plus one, 0: it has none. */
	uint32_t first_holding, last_holding;

	/* Source NAT: see nat.h. Entries are read where there can be some; rules only there. */
	bool nat_read;	     /* its connections were read to the end */
	bool nat_rules_read; /* every rule that could have made them was seen */

	/* Ports that are listened on, and what they serve, are inbound: see holding.h. */
	struct port_set listening[2]; /* by enum protocol */
};

/* True if traffic to the address stays on this host in this namespace. */
bool netns_has_address(const struct netns *netns, const struct address *address);

/* One of which nothing is known: for machines that have none by that name, and for what others have described. */
struct netns netns_unread(void);

const char *netns_kind_name(enum netns_kind kind);
