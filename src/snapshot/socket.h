#pragma once

#include "snapshot/address.h"

#include <stdint.h>

/*
 * One socket as a source saw it. Sources hand these over one by one; the snapshot keeps groups
 * (see holding.h), because a machine has millions of sockets but few ways of holding a port.
 */
enum protocol { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_COUNT };

enum socket_state {
	SOCKET_ESTABLISHED,
	SOCKET_SYN_SENT,
	SOCKET_SYN_RECV,
	SOCKET_FIN_WAIT1,
	SOCKET_FIN_WAIT2,
	SOCKET_TIME_WAIT,
	SOCKET_CLOSE_WAIT,
	SOCKET_LAST_ACK,
	SOCKET_CLOSING,
	SOCKET_LISTEN,
	SOCKET_BOUND,	    /* has a port by bind(), neither listens nor is connected */
	SOCKET_UNCONNECTED, /* UDP without a peer */
	SOCKET_CLOSE,	    /* closed, perhaps while it was read; nobody's */
	SOCKET_STATE_COUNT
};

/* "ESTABLISHED" for people, "established" for programs. */
const char *socket_state_title(enum socket_state state);
const char *socket_state_name(enum socket_state state);

const char *protocol_name(enum protocol protocol); /* "tcp", "udp" */

/* How a TIME_WAIT entry stands to net.ipv4.tcp_tw_reuse_delay at the moment of reading. */
enum time_wait_age {
	AGE_NONE,      /* not in TIME_WAIT */
	AGE_YOUNG,     /* not old enough to be reused by connect() */
	AGE_UNCERTAIN, /* within the precision of the timer */
	AGE_OLD,
};

/* Whether a connection now in TIME_WAIT used TCP timestamps, without which connect() does not take
 * its port over. */
enum timestamps { TIMESTAMPS_UNKNOWN, TIMESTAMPS_NO, TIMESTAMPS_YES };

/*
 * Whether an IPv6 socket keeps out of IPv4. One that is not IPv6-only holds its port against IPv4
 * wildcards too, even where it is bound to a single IPv6 address by connect(); bind() to such an
 * address makes it IPv6-only. Linux net/ipv6/af_inet6.c, __inet6_bind(); net/ipv4/
 * inet_connection_sock.c, ipv4_rcv_saddr_equal(). Meaningless for IPv4 addresses.
 */
enum ipv6_only { IPV6_ONLY_NO, IPV6_ONLY_YES, IPV6_ONLY_UNKNOWN };

struct socket_record {
	enum protocol protocol;
	enum socket_state state;
	enum time_wait_age age;
	enum timestamps timestamps;
	enum ipv6_only ipv6_only;
	struct address local,
		remote; /* remote: any address and port 0 where there is no peer */
	uint16_t local_port, remote_port;
	bool option_known; /* the source tells socket options */
	bool no_port; /* IP_BIND_ADDRESS_NO_PORT is set: says nothing of who owns the port */
	bool once_connected; /* SOCKET_BOUND that had a connection: its port may be a relic */
	uint32_t device; /* index of the interface it is bound to (SO_BINDTODEVICE, link-local
				addresses); 0: none. 1 is the loopback device everywhere */
	uint32_t inode;	 /* 0: no descriptor refers to it */
	uint32_t user;	 /* uid; not meaningful where inode is 0 */
	uint32_t expires_ms; /* TIME_WAIT: time left */
	bool shared;	     /* several processes have it open: the owner is one of them */
	bool fresh;	     /* TIME_WAIT that began while the machine was watched */
	uint64_t
		cookie; /* the kernel's own number of the socket, kept in TIME_WAIT; on Windows when it was made,
			   in milliseconds since 1970; 0: not known */
};
