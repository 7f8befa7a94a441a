#pragma once

#include "snapshot/address.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

struct etw_event;

/*
 * A call of a program on a socket as one event of AFD or of TCP/IP tells it. Shared by traces in files and live ones: it
 * knows nothing of where events come from.
 */
enum etw_call_kind { CALL_CREATE, CALL_BIND, CALL_CONNECT, CALL_LISTEN, CALL_RESERVE };

struct etw_call {
	enum etw_call_kind kind;
	bool ended;	   /* else it begins: then `status` means nothing */
	bool by_transport; /* TCP/IP tells it, which found no port */
	uint32_t status;   /* NTSTATUS */
	uint64_t
		process; /* EPROCESS, a number that stands for the process while it lives; 0: not told */
	uint64_t endpoint; /* such a number of the socket; 0: not told */
	uint32_t pid;	   /* that the event names in its payload; 0: none */
	bool protocol_known;
	enum protocol protocol;
	struct address local, remote; /* FAMILY_NONE: not told */
	uint16_t local_port, remote_port;
};

/* Errors have both upper bits ([MS-ERREF] 2.3). Such as STATUS_PENDING have not. */
static inline bool etw_call_failed(const struct etw_call *call)
{
	return call->ended && call->status >> 30 == 3;
}
