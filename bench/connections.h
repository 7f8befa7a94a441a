#pragma once

#include <netinet/in.h>

/*
 * Loopback connections with both ends in one process: kept open, or closed so that the client's end
 * rests in TIME_WAIT. All of these end the program with a sentence when they fail.
 */

/* One address and port that somebody listens on. */
struct destination {
	int listener;
	struct sockaddr_in address;
};

/* Listens on ports `port`, `port + step`, … of `host` (host byte order), `count` of them. */
void connections_listen(struct destination *list, unsigned count, in_addr_t host,
			unsigned port, unsigned step);

/* Opens `number` connections, spread evenly over the destinations; both ends stay open. */
void connections_keep(const struct destination *list, unsigned count, unsigned long number);

/* Opens and closes `number` connections, client first. */
void connections_rest(const struct destination *list, unsigned count, unsigned long number);
