#pragma once

#include "base/error.h"
#include "snapshot/address.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Real outbound attempts, several at once, each with a time limit: what a program would meet. A TCP connection
 * that comes about is reset at once, so that no TIME_WAIT is left behind and the peer sees an abort. UDP sends one
 * empty datagram.
 */
enum probe_outcome {
	PROBE_CONNECTED,
	PROBE_SENT,	      /* UDP: sent, and nothing came back that says otherwise */
	PROBE_REFUSED,	      /* by a reset, or ICMP port unreachable */
	PROBE_RESET,	      /* it was accepted, and reset at once */
	PROBE_TIMED_OUT,      /* no answer at all */
	PROBE_UNREACHABLE,    /* no route, or a router or filter says so */
	PROBE_NO_NAME,	      /* the name has no address */
	PROBE_NAME_FAILED,    /* the name service could not be asked, or failed */
	PROBE_NAME_TIMED_OUT, /* it did not answer in time */
	PROBE_NO_PORT,	      /* no local port was free */
	PROBE_CLASH, /* the very four numbers are in use: with a source port of one's own */
	PROBE_NO_DESCRIPTOR, /* of the process or the machine */
	PROBE_NO_MEMORY,     /* ENOBUFS, ENOMEM: tcp_mem, orphans */
	PROBE_FORBIDDEN,     /* EPERM, EACCES: a local firewall or security policy */
	PROBE_NOT_OURS,	     /* the source address is none of this host's */
	PROBE_FAILED,	     /* anything else: see the errno */
	PROBE_OUTCOME_COUNT
};

const char *probe_outcome_name(enum probe_outcome outcome); /* "no_port", for programs */

struct probe_attempt {
	struct address destination; /* FAMILY_NONE: the name could not be resolved */
	uint16_t port;
	enum protocol protocol;
	const char *interface; /* of a link-local destination; NULL: none */
	struct address
		source; /* to bind to, with IP_BIND_ADDRESS_NO_PORT where there is that; FAMILY_NONE: none */

	enum probe_outcome outcome; /* answers */
	const char *error_name;	    /* of the call, "EADDRNOTAVAIL", "WSAENOBUFS"; NULL */
	const char *error_text;	    /* the same in words, for people */
	int error;		    /* the same as it is here; 0 */
	const char *call; /* that failed: "socket", "bind", "connect", "send"; NULL */
	double milliseconds;
	struct address local; /* that the system chose; FAMILY_NONE: it came to none */
	uint16_t local_port;
};

/* Makes all attempts, as many at a time as there are descriptors for. */
void probe_run(struct probe_attempt *attempts, size_t count, unsigned timeout_ms);

/*
 * How it ended when it is known how many ports are free by the tables: on Windows one error stands for a lack of ports
 * and of memory. -1: it is not known.
 */
enum probe_outcome probe_reconsider(const struct probe_attempt *attempt, int64_t room);

/* A name and its addresses. */
struct probe_name {
	const char *host;
	struct address *addresses; /* freed by probe_names_free() */
	size_t count;
	enum probe_outcome outcome; /* PROBE_CONNECTED: it was resolved */
	char why[128];		    /* else what the resolver said */
};

/* Asks for all names at once, as any program does (getaddrinfo(3)), and gives up after the time limit. */
void probe_resolve(struct probe_name *names, size_t count, unsigned timeout_ms);
void probe_names_free(struct probe_name *names, size_t count);

/* Moves the process into the namespace for good: an attempt is made from there. */
int probe_enter(const char *path, struct error *error);
