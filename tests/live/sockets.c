#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "give_up.h"

/* Younger than the C library's headers. */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

enum { ANSWER_WITHIN_MS = 3000, BACKLOG = 4096 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int family_of(const char *text)
{
	return strchr(text, ':') ? AF_INET6 : AF_INET;
}

int sockets_family(const struct plan *plan)
{
	const char *text = plan->connect_to ? plan->connect_to : plan->bind_to;

	return text ? family_of(text) : AF_INET;
}

static socklen_t fill(union address *address, const char *text, uint16_t port)
{
	memset(address, 0, sizeof *address);
	address->any.sa_family = (sa_family_t)family_of(text);
	if (address->any.sa_family == AF_INET6) {
		address->v6.sin6_port = htons(port);
		if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) != 1)
			give_up("%s is no IPv6 address", text);
		return sizeof address->v6;
	}
	address->v4.sin_port = htons(port);
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) != 1)
		give_up("%s is no IPv4 address", text);
	return sizeof address->v4;
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value);
}

static int set_options(int fd, const struct plan *plan)
{
	const int range = plan->range_first | (int)((unsigned)plan->range_last << 16);
	const int buffer = plan->buffer_bytes;
	const struct {
		bool wanted;
		int level, option, value;
	} options[] = {
		{ plan->no_port, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
		{ plan->reuse_address, SOL_SOCKET, SO_REUSEADDR, 1 },
		{ plan->reuse_port, SOL_SOCKET, SO_REUSEPORT, 1 },
		{ plan->v6_only, IPPROTO_IPV6, IPV6_V6ONLY, 1 },
		{ range != 0, IPPROTO_IP, IP_LOCAL_PORT_RANGE, range },
		{ plan->defer_accept_s != 0, IPPROTO_TCP, TCP_DEFER_ACCEPT,
		  (int)plan->defer_accept_s },
		{ buffer != 0, SOL_SOCKET, SO_SNDBUF, buffer },
		{ buffer != 0, SOL_SOCKET, SO_RCVBUF, buffer },
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		if (options[i].wanted &&
		    set(fd, options[i].level, options[i].option, options[i].value) < 0)
			return -1;
	}
	return 0;
}

/*
 * Loopback answers within the call or a moment later; `no_answer` does not wait for that
 * moment.
 */
static int start_connection(int fd, const struct plan *plan)
{
	union address address;
	const socklen_t size = fill(&address, plan->connect_to, plan->port);
	struct pollfd answer = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t error_size = sizeof error;

	if (connect(fd, &address.any, size) == 0)
		return 0;
	if (errno != EINPROGRESS || plan->no_answer)
		return errno == EINPROGRESS ? 0 : -1;
	if (poll(&answer, 1, ANSWER_WITHIN_MS) != 1) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0 || error) {
		errno = error ? error : errno;
		return -1;
	}
	return 0;
}

static int follow(int fd, const struct plan *plan)
{
	union address address;

	if (set_options(fd, plan) < 0)
		return -1;
	if (plan->bind_to) {
		const socklen_t size = fill(&address, plan->bind_to, plan->bind_port);

		if (bind(fd, &address.any, size) < 0)
			return -1;
	}
	if (plan->listens && listen(fd, BACKLOG) < 0)
		return -1;
	if (plan->connect_to && start_connection(fd, plan) < 0)
		return -1;
	return plan->half_closes ? shutdown(fd, SHUT_WR) : 0;
}

int sockets_open(const struct plan *plan)
{
	const int type = plan->type ? plan->type : SOCK_STREAM;
	const int fd = socket(sockets_family(plan), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (follow(fd, plan) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

uint16_t sockets_local_port(int fd)
{
	union address address;
	socklen_t size = sizeof address;

	if (getsockname(fd, &address.any, &size) < 0)
		give_up("getsockname: %s", strerror(errno));
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port :
							 address.v4.sin_port);
}

void sockets_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
}

int sockets_accept(int listener)
{
	struct pollfd waiting = { .fd = listener, .events = POLLIN };
	int fd;

	if (poll(&waiting, 1, ANSWER_WITHIN_MS) != 1)
		give_up("nobody connected within %d ms", ANSWER_WITHIN_MS);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		give_up("accept: %s", strerror(errno));
	return fd;
}

/*
 * A UDP socket is asked, bound outside every range used here, so that full pools do not
 * matter.
 */
void sockets_source_for(const char *destination, char *text, size_t size)
{
	const bool v6 = family_of(destination) == AF_INET6;
	const struct plan plan = {
		.type = SOCK_DGRAM,
		.bind_to = v6 ? "::" : "0.0.0.0",
		.bind_port = 9,
		.v6_only = v6,
		.connect_to = destination,
		.port = 9,
	};
	const int fd = sockets_open(&plan);
	union address address;
	socklen_t address_size = sizeof address;
	const void *bytes;

	if (fd < 0 || getsockname(fd, &address.any, &address_size) < 0)
		give_up("no source address for %s: %s", destination,
			strerror(fd < 0 ? -fd : errno));
	close(fd);
	bytes = v6 ? (const void *)&address.v6.sin6_addr : &address.v4.sin_addr;
	if (!inet_ntop(address.any.sa_family, bytes, text, (socklen_t)size))
		give_up("inet_ntop: %s", strerror(errno));
}

bool sockets_know_port_range(void)
{
	const struct plan plan = { .range_first = 40000, .range_last = 40001 };
	const int fd = sockets_open(&plan);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
