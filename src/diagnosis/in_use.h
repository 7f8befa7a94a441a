#pragma once

#include "snapshot/port_range.h"
#include "snapshot/socket.h"

#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * How many dynamic ports one namespace has in use, and who has most of them: few numbers, to be compared with those of other
 * times. A port that is listened on, and what it serves, is none of them.
 */
enum { IN_USE_PROCESSES = 8, IN_USE_POOLS = PROTOCOL_COUNT * 2 };

struct in_use_pool {
	enum protocol protocol;
	uint8_t family;
	struct port_range range; /* first 0: not known, and the rest with it */
	uint32_t size;		 /* of it, without what is excluded or reserved */
	int64_t used;		 /* of these; -1: the sockets were not read */
};

struct in_use_process {
	uint32_t process; /* index into snapshot.processes */
	uint32_t ports;	  /* of TCP and UDP, of the range or not */
	uint32_t established, close_wait, bound;
};

struct in_use {
	struct in_use_pool pools[IN_USE_POOLS];		   /* tcp IPv4, tcp IPv6, udp ... */
	struct in_use_process processes[IN_USE_PROCESSES]; /* most ports first */
	size_t process_count;
};

void in_use_count(struct in_use *in_use, const struct snapshot *snapshot, uint32_t netns);
