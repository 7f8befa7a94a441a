#pragma once

/*
 * A private network namespace made ready for a load: loopback up, a wide port range, room for
 * TIME_WAIT and no reuse of it. All of these end the program with a sentence when they fail.
 */

/* The port range set in the namespace. Ports below it are for listeners. */
enum { NETNS_FIRST_PORT = 2048, NETNS_LAST_PORT = 65535 };

/* What the kernel counts in the caller's namespace (IPv4). */
struct netns_count {
	unsigned long sockets;	 /* every TCP socket but those in TIME_WAIT */
	unsigned long time_wait; /* TIME_WAIT, and FIN_WAIT2 that nobody holds any more */
};

/* Makes a namespace that may hold `time_wait_limit` entries of TIME_WAIT, and moves the caller into
 * it. Returns a descriptor of the namespace; it lives as long as one is open or a process is in it. */
int netns_make(unsigned long time_wait_limit);

/* Moves the caller into the namespace. */
void netns_enter(int netns);

struct netns_count netns_count(void);
