#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Where a message says that a connect went to. Only IP literals with a port are taken, since what is
 * found gets into commands that people paste; a name would have to be resolved, and nothing is read of
 * the machine.
 */
struct endpoint {
	char address[48]; /* as it stands in the text: digits, '.', ':' and a to f only */
	uint16_t port;	  /* 0: none was found */
};

/* The first one in the text; not the client of a server, and of "from->to" the second. */
bool endpoint_find(const char *text, struct endpoint *endpoint);

/* The first port, of any address or of none, as in ":8080", ":::3000", "port: 8080"; 0: none. */
uint16_t endpoint_find_port(const char *text);
