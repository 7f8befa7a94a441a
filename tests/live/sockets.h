#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LOOPBACK "127.0.0.1"
#define LOOPBACK6 "::1"

/*
 * How one socket is made: which calls, in which order, with which options. What is left zero
 * is not done. Addresses are text; one with a colon makes an AF_INET6 socket, also
 * ::ffff:127.0.0.1.
 */
struct plan {
	int type; /* SOCK_STREAM when zero */
	const char *bind_to;
	uint16_t bind_port; /* 0: the kernel chooses */
	bool no_port;	    /* IP_BIND_ADDRESS_NO_PORT: bind takes the address only */
	bool reuse_address, reuse_port, v6_only;
	uint16_t range_first, range_last; /* IP_LOCAL_PORT_RANGE */
	bool listens;
	unsigned defer_accept_s; /* TCP_DEFER_ACCEPT: connections wait in SYN_RECV for data */
	int buffer_bytes;	 /* SO_SNDBUF and SO_RCVBUF */
	const char *connect_to;
	uint16_t port;
	bool no_answer;	  /* SYN_SENT is all that is wanted */
	bool half_closes; /* shutdown() of its own side once it is connected */
};

/* A descriptor (close-on-exec), or the negative errno of the call that failed. */
int sockets_open(const struct plan *plan);

/* Family of the socket that the plan makes. */
int sockets_family(const struct plan *plan);

uint16_t sockets_local_port(int fd);

/* Ends a connection at once, without TIME_WAIT: the peer is reset. */
void sockets_reset(int fd);

/* Accepts, waiting at most 3 s; gives up when nobody came. */
int sockets_accept(int listener);

/* The source address that routing chooses for a destination, as text. */
void sockets_source_for(const char *destination, char *text, size_t size);

/* Whether the kernel knows IP_LOCAL_PORT_RANGE. */
bool sockets_know_port_range(void);
