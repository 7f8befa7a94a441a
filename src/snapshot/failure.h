#pragma once

#include "snapshot/address.h"
#include "snapshot/port_range.h"
#include "snapshot/process.h"
#include "snapshot/socket.h"

#include <stdint.h>

/*
 * A call that failed for want of a port, seen when it did.
 */
enum failure_call {
	FAILURE_CONNECT,
	FAILURE_BIND,
	FAILURE_LISTEN,
	FAILURE_SEND,
	FAILURE_RESERVE, /* a block of ports, as Windows gives them: it may fail while single ones are free */
};

/* "connect", "bind", ... */
const char *failure_call_name(enum failure_call call);

/* What Winsock tells a program of an NTSTATUS: "WSAENOBUFS"; NULL: not known. */
const char *failure_winsock_name(uint32_t ntstatus);

/* For people: what the program gets, or where that has no name the NTSTATUS, in `buffer`. NULL: neither is known. */
struct failure;
enum { FAILURE_ERROR_SIZE = 16 };
const char *failure_error_text(char buffer[FAILURE_ERROR_SIZE], const struct failure *failure);

/* What there is to watch for; a source may see some of it only. */
enum failure_kind {
	FAILURE_TCP_CONNECT,
	FAILURE_ANY_BIND,   /* bind() to port 0, TCP and UDP */
	FAILURE_TCP_LISTEN, /* listen() without bind() */
	FAILURE_UDP_CONNECT,
	FAILURE_UDP_SEND,
	FAILURE_KIND_COUNT
};

/* Whether a source of that name ("bpf", "perf", "etw", "etl") watches Windows. */
bool failure_source_is_windows(const char *source);

/* "tcp_connect", "bind", "listen", ... */
const char *failure_kind_name(enum failure_kind kind);

/* Whether a source sees this kind. `remark` tells why not, or what of it is missed, in English, and is in
 * the catalogues; NULL: nothing. */
struct failure_coverage {
	bool covered;
	const char *remark;
};

/* Room for the call that failed, as the capacity model has it from a reading at that time. */
struct failure_room {
	bool known;
	unsigned min, max;
	int64_t time_ms;
};

struct failure {
	int64_t time_ms; /* since 1970 UTC */
	enum failure_call call;
	bool protocol_known;
	enum protocol protocol;
	const char *error; /* as the program gets it: "EADDRNOTAVAIL"; NULL: not known */
	uint32_t ntstatus; /* of Windows, 0xC0000209; 0: it is of Linux */
	bool other_reason; /* a trace that was read has those, too, that did not fail for want of a port */
	uint16_t source_port;  /* that it asked for; 0: any */
	struct address source; /* a wildcard where the socket has none yet */
	struct address
		destination; /* FAMILY_NONE: the call has none, or it could not be read */
	uint16_t port;	     /* of the destination; 0: none */
	struct port_range own_range; /* IP_LOCAL_PORT_RANGE of the socket; 0: none */
	bool only_six;		     /* IPV6_V6ONLY; false may also mean not known */
	uint32_t device;	     /* index of the interface it is bound to; 0: none */
	uint64_t netns;		     /* inode number of the socket's namespace; 0: not known */
	const char *netns_name;	     /* NULL: none but the number */
	const struct process *process; /* never NULL; pid 0: not visible here */
	struct failure_room room; /* as it was recorded with the call; live: not known to it */
};
