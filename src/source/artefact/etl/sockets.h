#pragma once

#include "source/artefact/etl/call.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What events told of each socket so far, for calls that fail later: AFD names protocol and process when a socket is made,
 * the address where a request begins, and the status where it ends. For events that come in the order of time.
 *
 * There is room for so many sockets; of more the ones are forgotten that were quiet for longest among those that share a
 * place. Then a failure has less beside it, and nothing that is wrong.
 */
enum { SOCKETS_PLACES = 8192, SOCKETS_SHARE = 4 };

struct etw_sockets {
	uint64_t clock;
	struct etw_socket {
		uint64_t endpoint; /* 0: nobody's */
		uint64_t seen;	   /* by `clock` */
		uint32_t pid;
		bool protocol_known;
		uint8_t protocol;
		uint16_t local_port, remote_port;
		struct address local, remote;
	} items[SOCKETS_PLACES][SOCKETS_SHARE];
};

/* Learns from a call; and where it is one that failed, completes it by what is known. */
void etw_sockets_take(struct etw_sockets *sockets, struct etw_call *call);

/* It was closed: another one may get its number. */
void etw_sockets_forget(struct etw_sockets *sockets, uint64_t endpoint);
