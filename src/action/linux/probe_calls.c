#define _GNU_SOURCE /* strerrorname_np() */
#include "action/probe_calls.h"

#include "base/language.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* ---- what an errno means ---- */

/* EADDRNOTAVAIL of bind() is about the address, of connect() about ports; UDP says EAGAIN when none is left, and so
 * does a non-blocking TCP socket of nothing that happens here. */
static enum probe_outcome outcome_of(int error, const char *call, enum protocol protocol)
{
	switch (error) {
	case EADDRNOTAVAIL:
		if (!strcmp(call, "bind"))
			return PROBE_NOT_OURS;
		/* UDP has another word for ports, and means a source address. */
		return protocol == PROTOCOL_UDP ? PROBE_UNREACHABLE : PROBE_NO_PORT;
	case EAGAIN:
		return protocol == PROTOCOL_UDP ? PROBE_NO_PORT : PROBE_FAILED;
	case EADDRINUSE:
		return strcmp(call, "bind") ? PROBE_CLASH : PROBE_NO_PORT;
	case EMFILE:
	case ENFILE:
		return PROBE_NO_DESCRIPTOR;
	case ENOBUFS:
	case ENOMEM:
		return PROBE_NO_MEMORY;
	case EPERM:
	case EACCES:
		return PROBE_FORBIDDEN;
	case ECONNREFUSED:
		return PROBE_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return PROBE_RESET;
	case ETIMEDOUT:
		return PROBE_TIMED_OUT;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case ENONET:
	case EPROTO:
	case ENOPROTOOPT:
		return PROBE_UNREACHABLE;
	}
	return PROBE_FAILED;
}

static void explain(struct probe_attempt *attempt)
{
	attempt->error_name = strerrorname_np(attempt->error);
	attempt->error_text = language_errno(attempt->error);
	attempt->outcome = outcome_of(attempt->error, attempt->call, attempt->protocol);
}

/* Each errno of a call is one thing here. */
enum probe_outcome probe_reconsider(const struct probe_attempt *attempt, int64_t room)
{
	(void)room;
	return attempt->outcome;
}

/* ---- addresses as the system takes them ---- */

union socket_address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static socklen_t fill(union socket_address *to, const struct address *address, uint16_t port)
{
	memset(to, 0, sizeof *to);
	if (address->family == FAMILY_IPV4) {
		to->four.sin_family = AF_INET;
		to->four.sin_port = htons(port);
		memcpy(&to->four.sin_addr, address->bytes, 4);
		return sizeof to->four;
	}
	to->six.sin6_family = AF_INET6;
	to->six.sin6_port = htons(port);
	memcpy(&to->six.sin6_addr, address->bytes, 16);
	return sizeof to->six;
}

static void note_local(struct probe_attempt *attempt, intptr_t socket)
{
	union socket_address own;
	socklen_t size = sizeof own;

	if (getsockname((int)socket, &own.any, &size))
		return;
	if (own.any.sa_family == AF_INET) {
		attempt->local = address_ipv4(&own.four.sin_addr);
		attempt->local_port = ntohs(own.four.sin_port);
	} else {
		attempt->local = address_ipv6(&own.six.sin6_addr);
		attempt->local_port = ntohs(own.six.sin6_port);
	}
}

/* ---- the calls ---- */

static int open_socket(const struct probe_attempt *attempt, intptr_t *opened)
{
	int family = attempt->destination.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	int kind = attempt->protocol == PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM;

	*opened = socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return *opened < 0 ? errno : 0;
}

static const char *begin_call(const struct probe_attempt *attempt, int fd)
{
	union socket_address to;
	socklen_t size;
	int one = 1;

	if (attempt->source.family) {
		size = fill(&to, &attempt->source, 0);
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
		if (bind(fd, &to.any, size))
			return "bind";
	}
	size = fill(&to, &attempt->destination, attempt->port);
	if (attempt->interface && to.any.sa_family == AF_INET6)
		to.six.sin6_scope_id = if_nametoindex(attempt->interface);
	/* What routers say of a datagram comes back only to those who want to hear it. */
	if (attempt->protocol == PROTOCOL_UDP) {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one);
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one);
	}
	if (connect(fd, &to.any, size) && errno != EINPROGRESS)
		return "connect";
	if (attempt->protocol == PROTOCOL_UDP && send(fd, "", 0, 0) < 0)
		return "send";
	return NULL;
}

static const char *begin(const struct probe_attempt *attempt, intptr_t socket, int *error)
{
	const char *failed = begin_call(attempt, (int)socket);

	*error = failed ? errno : 0;
	return failed;
}

static void await(struct probe_wait *waits, unsigned count, unsigned timeout_ms)
{
	struct pollfd polled[PROBE_AT_ONCE];

	for (unsigned i = 0; i < count; i++)
		polled[i] = (struct pollfd){
			.fd = (int)waits[i].socket,
			.events = waits[i].protocol == PROTOCOL_UDP ? POLLIN : POLLOUT,
		};
	if (poll(polled, count, timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX) <= 0)
		return; /* none, or a signal came first */
	for (unsigned i = 0; i < count; i++)
		waits[i].answered = polled[i].revents;
}

static int error_of(const struct probe_attempt *attempt, intptr_t socket)
{
	int error = 0;
	socklen_t size = sizeof error;

	(void)attempt;
	getsockopt((int)socket, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

static void close_hard(intptr_t socket)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt((int)socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close((int)socket);
}

const struct probe_calls probe_calls = {
	.open = open_socket,
	.begin = begin,
	.await = await,
	.error = error_of,
	.note_local = note_local,
	.close = close_hard,
	.explain = explain,
	.lookup = probe_lookup,
};
