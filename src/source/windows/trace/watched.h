#pragma once

#include "base/error.h"

#include <stdbool.h>

struct session;

/*
 * What a session gathers, whether for us or into a file: of Winsock-AFD the life of sockets, bind() and connect(); of TCP/IP
 * where it finds no port; of the kernel which processes begin, by name.
 */
struct watched {
	bool afd, tcpip;
};

/* `cheap`: of TCP/IP alone, whose events are as rare as failures. `rundown`: names of the processes that run, too. 0, or -1
 * with a sentence if it would be nothing. */
int watched_enable(const struct session *session, bool cheap, bool rundown,
		   struct watched *watched, struct error *error);
