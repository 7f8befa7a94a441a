#pragma once

#include <stdbool.h>
#include <stdint.h>

struct diagnosis;

/*
 * A diagnosis in a few numbers that keep their meaning from one look to the next, for graphs: the
 * least room of each kind over all namespaces that were seen.
 */
struct summary_room {
	bool known;
	unsigned room, capacity; /* at least so many of so many ports are left */
};

struct summary {
	struct summary_room
		connect; /* to the fullest destination in use; to any if there is none */
	struct summary_room unused; /* connect() to a destination nobody is connected to */
	struct summary_room bind;   /* bind(address, 0), on the fullest address */
	struct summary_room udp;    /* UDP connect() or send without bind() */
	int64_t connections;	    /* outbound TCP, their ports in the range; -1: not read */
	int64_t time_wait;	    /* outbound, by port; -1: not read */
};

struct summary summary_of(const struct diagnosis *diagnosis);
