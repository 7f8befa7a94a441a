#pragma once

#include <netinet/in.h>
#include <stdint.h>

/*
 * Calls that portroom trace must tell, and calls that look alike and must not be told. Each is made once
 * by its function, which gives up when the call does not end as it should: so a count of them is true.
 */
struct call_kind {
	const char *name;
	void (*make)(unsigned index); /* index: which of how many */
	void (*prepare)(void);	      /* before the first of a row; NULL: nothing */
};

/* Ended by a NULL name. The range must be used up for the one, and free for the other. */
extern const struct call_kind failing_calls[], healthy_calls[];

/* In the private namespace: nobody answers behind it, nobody listens on CLOSED_PORT, somebody does on
 * OPEN_PORT. Failing calls go to FAILING_PORT. */
#define SILENT_HOST "10.99.0.2"
#define OWN_ADDRESS "10.99.0.1"
enum { OPEN_PORT = 900, CLOSED_PORT = 901, FAILING_PORT = 902, CLASH_PORT = 903 };

struct sockaddr_in calls_ipv4(const char *address, uint16_t port);
struct sockaddr_in6 calls_ipv6(const char *address, uint16_t port);

/* `result` must be -1 with this errno (0: not be -1), or the helper gives up naming the call. */
void calls_expect(const char *call, long result, int error);
