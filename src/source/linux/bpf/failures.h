#pragma once

/*
 * What the programs that watch for failing calls tell the reader: a record for each, in a ring buffer.
 * Addresses are as the kernel has them, ports in host byte order.
 *
 * Included by BPF programs and by the reader, after the types u8...u64.
 */
enum seen_call { SEEN_CONNECT = 1, SEEN_BIND, SEEN_LISTEN, SEEN_SEND };

/* struct seen_failure.flags */
enum {
	SEEN_SOURCE = 1, /* it is known, perhaps as a wildcard */
	SEEN_DESTINATION = 2,
	SEEN_FROM_IPV6 = 4, /* the form of `source` */
	SEEN_TO_IPV6 = 8,   /* of `destination` */
	SEEN_CALLER = 16,   /* start_ns, cgroup, user and name are known */
	SEEN_ONLY_SIX = 32, /* the socket keeps out of IPv4 */
};

struct seen_failure {
	u64 time_ns;  /* CLOCK_MONOTONIC */
	u64 start_ns; /* when the process began, since boot */
	u64 cgroup;   /* of version 2: inode number of its folder */
	u32 netns;    /* of the socket: inode number */
	int pid;      /* in the reader's pid namespace; 0: not visible in it */
	u32 user;
	u32 device; /* index of the interface that the socket is bound to */
	u8 call, flags, spare;
	u8 protocol; /* 0: not known */
	u16 error;   /* errno */
	u16 destination_port;
	u16 range_first, range_last; /* IP_LOCAL_PORT_RANGE of the socket; 0: none */
	u8 source[16], destination[16];
	char name[16]; /* of the process */
};
