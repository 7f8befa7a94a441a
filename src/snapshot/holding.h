#pragma once

#include "snapshot/port_set.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A holding: all sockets of one owner that hold local ports in the same way, with the exact set of
 * these ports. Two connections of one process to one destination differ by nothing but their port,
 * so 28,000 of them are one holding and 4 KiB of ports.
 *
 * Sockets that serve clients (their local port is listened on) are inbound: their remote end says
 * nothing about ephemeral ports and is left out, or a busy server would have a holding a client.
 */
enum owner_kind {
	OWNER_PROCESS, /* `owner` is an index into snapshot.processes */
	OWNER_NOBODY,  /* no descriptor exists: TIME_WAIT, orphans, not yet accepted */
	OWNER_UNFOUND, /* no process visible here has it: the kernel's, of another pid namespace,
			  in flight in a unix socket, or opened meanwhile */
	OWNER_HIDDEN, /* some processes could not be read, or nobody looked */
	OWNER_RECORDED, /* nobody, as above, but it was noted who made it: `owner`, as above. That
			   process may have ended, and its end would give nothing back */
	OWNER_INFERRED, /* nobody, but `owner` likely made it: said by the diagnosis, of shares only */
};

/* Whether `owner` is a process at all. */
bool owner_is_process(unsigned owner_kind);

/* How it is known who that is, as JSON says it. */
const char *owner_how(unsigned owner_kind);

struct holding_key {
	uint32_t netns; /* index into snapshot.namespaces */
	uint32_t owner;
	uint32_t user; /* uid of the sockets where the owner is not a process */
	uint16_t remote_port;
	uint8_t owner_kind, protocol, state, age;
	uint8_t inbound, ipv6_only, timestamps;
	uint8_t spare; /* keys are compared as bytes: no padding */
	uint32_t device;
	struct address local, remote;
};

struct holding {
	struct holding_key key;
	struct port_set ports;
	uint32_t sockets; /* >= ports.count: SO_REUSEPORT and servers share ports */
	uint32_t fresh;	  /* of these, such that came to rest in TIME_WAIT during a sample */
	uint32_t earliest_expiry_ms,
		latest_expiry_ms; /* TIME_WAIT: when the first, the last port
							  is given back */
};
