#pragma once

/*
 * What the BPF programs write for the reader, in records of one size. The walks' go to an array that both
 * sides have mapped, cut into slots of equal size, of which some are written while another is read; those
 * of the iterators are read as from a file. Addresses and the record of a socket are as the kernel has
 * them; ports are in host byte order.
 *
 * Included by BPF programs and by the reader, after the types u8...u64.
 */
enum { WALK_SLOTS = 4, WALK_SLOT_LEAST = 4096, WALK_SLOT_MOST = 32768 };
enum { DESCRIPTOR_SLOTS = 2 };

enum seen_kind {
	SEEN_NOTHING,
	SEEN_NAMESPACE,
	SEEN_SOCKET,
	SEEN_PORT,	 /* a TCP port that somebody got by bind() */
	SEEN_PROCESS,	 /* whose descriptors follow */
	SEEN_DESCRIPTOR, /* of a TCP or UDP socket */
	SEEN_BOUND,	 /* the same, of a TCP socket that has a port and no connection */
	SEEN_NETNS_FILE, /* a descriptor that keeps a network namespace alive */
	SEEN_SETTINGS,
	SEEN_RESERVED, /* ports of ip_local_reserved_ports */
	SEEN_COUNT,    /* how many descriptors were open, since the last of these */
};

/* struct seen_socket.flags */
enum {
	SEEN_IPV6 = 1,
	SEEN_IPV6_ONLY = 2,
	SEEN_TIMESTAMPS = 4, /* TIME_WAIT: the connection used TCP timestamps */
	SEEN_AGE_MS = 8,     /* TIME_WAIT: age_ms is known (since Linux 6.14) */
	SEEN_SECOND_OVER =
		16, /* TIME_WAIT: the clock's second has changed since its last packet */
	SEEN_TIME_WAIT = 32,  /* what is left of a connection; perhaps in FIN_WAIT2 */
	SEEN_BIND_OWNED = 64, /* its TCP port; neither of the two: not known, or not asked */
	SEEN_CONNECT_OWNED = 128,
};

struct seen_socket {
	u8 kind, state, flags, protocol; /* state: include/net/tcp_states.h */
	u32 netns;			 /* inode number */
	u64 socket; /* address of its struct socket, 0: no descriptor refers to it; TIME_WAIT: cookie */
	u8 local[16], remote[16]; /* IPv4 in the first four */
	u16 local_port, remote_port;
	u32 device; /* index of the interface it is bound to */
	u32 user;   /* TIME_WAIT: milliseconds left */
	union {
		u32 inode;
		u32 age_ms; /* TIME_WAIT: since it began */
	};
};

struct seen_namespace {
	u8 kind;
	u8 since_6_8; /* a kernel whose sock_diag shows bound-only sockets */
	u8 spare[2];
	u32 netns;
	u64 address;	       /* of its struct net */
	u64 tcp_connections;   /* addresses of tables: equal ones are one */
	u64 tcp_ports;	       /* and listeners, which lie together */
	u64 udp_table;	       /* 0: not found */
	int tw_reuse_delay_ms; /* -1: a kernel without it, where the delay is one second */
	u32 connections, ports, listeners, udp; /* buckets of these tables */
};

struct seen_port {
	u8 kind, spare;
	u16 port;
	u32 netns;
};

struct seen_process {
	u8 kind, spare[3];
	int thread; /* that has a table of descriptors of its own, which follows; 0: the process's */
	int pid;      /* in the reader's pid namespace; 0: not visible in it */
	u64 start_ns; /* since boot */
	char name[16];
};

struct seen_descriptor {
	u8 kind, state, protocol;
	u8 shared; /* an MPTCP socket, whose connections belong to it and have ports of their own */
	u32 number;
	u64 socket;
	u16 local_port, remote_port;
};

struct seen_netns_file {
	u8 kind, spare[3];
	u32 number;
	u32 netns;
};

struct seen_count {
	u8 kind, spare[3];
	u32 descriptors, sockets; /* sockets: of any kind */
};

/* Settings below net.ipv4 and net.ipv6; -1: not on this kernel. */
struct seen_settings {
	u8 kind, tw_reuse, timestamps, autobind_reuse;
	u32 netns;
	u16 range_first, range_last;
	u8 bindv6only, syn_retries, spare[2];
	int tw_reuse_delay_ms, max_tw_buckets, unprivileged_start;
	int fin_timeout_s, fastopen, syn_linear_timeouts;
};

struct seen_reserved {
	u8 kind, spare;
	u16 first; /* port of the lowest bit */
	u32 netns;
	u64 ports;
};

union seen {
	u8 kind; /* enum seen_kind */
	struct seen_namespace namespace;
	struct seen_socket socket;
	struct seen_port port;
	struct seen_process process;
	struct seen_descriptor descriptor;
	struct seen_netns_file netns_file;
	struct seen_settings settings;
	struct seen_reserved reserved;
	struct seen_count count;
	u64 size[8]; /* 64 bytes: one cache line */
};

/* How far the call of a walk came. */
struct walk_progress {
	u32 next;    /* bucket to go on with */
	u32 records; /* written to the slot */
	u32 repeats; /* buckets read again because they changed meanwhile */
	u32 lost;    /* buckets given up after many repeats, or too long for a slot */
};
