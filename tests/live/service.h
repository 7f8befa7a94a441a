#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "holder.h"

/* The servers that situations talk to, and what only both ends together can make. */

enum {
	/*
	 * TCP states as the kernel numbers them; <netinet/tcp.h> has no names for the last
	 * two.
	 */
	STATE_ESTABLISHED = 1,
	STATE_SYN_SENT = 2,
	STATE_SYN_RECV = 3,
	STATE_FIN_WAIT1 = 4,
	STATE_FIN_WAIT2 = 5,
	STATE_TIME_WAIT = 6,
	STATE_CLOSE_WAIT = 8,
	STATE_LAST_ACK = 9,
	STATE_CLOSING = 11,
};

/* Listens; returns the descriptor. */
int service_start(const char *address, uint16_t port);

/*
 * So many connections after each other, each closed by the client first: TIME_WAIT at the
 * client.
 */
void service_time_wait(int listener, unsigned count, const struct plan *client);

/* Accepts so many connections and closes each: in order, or by a reset. */
void service_close_accepted(int listener, unsigned count);
void service_reset_accepted(int listener, unsigned count);

/*
 * A listener on 127.0.0.1 and `listener_port` (0: the kernel chooses) that accepts one
 * connection and goes away. What stays is an accepted socket on that port. The client's port
 * is `client_port`.
 */
void service_leaves_accepted(uint16_t listener_port, uint16_t client_port, struct held *held);

/*
 * A server in a second namespace at the other end of a veth pair: it listens on `far_address`
 * and closes each connection when the client has. Returns when it can be reached.
 */
void service_start_far(const char *near_address, const char *far_address, uint16_t port);

/* Fills what the peer does not read, then closes: the FIN waits behind the data. */
void service_close_stuck(int fd);
void service_stuff(int fd);
