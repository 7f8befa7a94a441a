/*
 * connect() comes first and accept() at once after it, in one thread: the listener already has the
 * connection in its queue, because loopback delivers within the system call that sends. So nobody
 * waits for anybody, and no queue fills.
 */
#define _GNU_SOURCE
#include "connections.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection {
	int client, server;
};

static int stream_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "cannot open a socket");
	return fd;
}

void connections_listen(struct destination *list, unsigned count, in_addr_t host,
			unsigned port, unsigned step)
{
	for (unsigned i = 0; i < count; i++) {
		list[i] = (struct destination){
			.listener = stream_socket(),
			.address = { .sin_family = AF_INET,
				     .sin_port = htons((in_port_t)(port + i * step)),
				     .sin_addr.s_addr = htonl(host) },
		};
		if (bind(list[i].listener, (const struct sockaddr *)&list[i].address,
			 sizeof(list[i].address)) < 0 ||
		    listen(list[i].listener, 16) < 0)
			err(1, "cannot listen on port %u", port + i * step);
	}
}

static struct connection open_one(const struct destination *to)
{
	struct connection connection = { .client = stream_socket() };

	if (connect(connection.client, (const struct sockaddr *)&to->address,
		    sizeof(to->address)) < 0) {
		if (errno == EADDRNOTAVAIL)
			errx(1, "no free port left towards port %u: use more --destinations",
			     ntohs(to->address.sin_port));
		err(1, "cannot connect to port %u", ntohs(to->address.sin_port));
	}
	connection.server = accept4(to->listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection.server < 0)
		err(1, "cannot accept on port %u", ntohs(to->address.sin_port));
	return connection;
}

void connections_keep(const struct destination *list, unsigned count, unsigned long number)
{
	for (unsigned long i = 0; i < number; i++)
		open_one(&list[i % count]);
}

void connections_rest(const struct destination *list, unsigned count, unsigned long number)
{
	for (unsigned long i = 0; i < number; i++) {
		struct connection connection = open_one(&list[i % count]);
		char byte;

		close(connection.client);
		/* Wait for the client's FIN: closing before it arrives would be a simultaneous
		 * close, after which both ends rest in TIME_WAIT. */
		if (read(connection.server, &byte, 1) != 0)
			errx(1, "a connection of the load ended in an unexpected way");
		close(connection.server);
	}
}
