#define _GNU_SOURCE /* setns(), strerrorname_np() */
#include "action/probe.h"

#include "base/arena.h"
#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum { AT_ONCE = 64 };

/* How long an ICMP error may take to come back for a datagram; the whole limit would be waited for nothing. */
enum { UDP_PATIENCE_MS = 1000 };

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

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

static void fail(struct probe_attempt *attempt, const char *call, int error)
{
	attempt->call = call;
	attempt->error = error;
	attempt->error_name = strerrorname_np(error);
	attempt->error_text = language_errno(error);
	attempt->outcome = outcome_of(error, call, attempt->protocol);
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

static void note_local(struct probe_attempt *attempt, int fd)
{
	union socket_address own;
	socklen_t size = sizeof own;

	if (getsockname(fd, &own.any, &size))
		return;
	if (own.any.sa_family == AF_INET) {
		attempt->local = address_ipv4(&own.four.sin_addr);
		attempt->local_port = ntohs(own.four.sin_port);
	} else {
		attempt->local = address_ipv6(&own.six.sin6_addr);
		attempt->local_port = ntohs(own.six.sin6_port);
	}
}

/* ---- one attempt ---- */

/* It is closed by a reset: the port is free at once, on both sides. */
static void close_hard(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

/* The name of the call that failed, with errno; NULL if it is under way. */
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

/* A descriptor to wait for, or -1: it is over. */
static int begin(struct probe_attempt *attempt)
{
	int family = attempt->destination.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	int kind = attempt->protocol == PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const char *failed;

	attempt->call = attempt->error_name = attempt->error_text = NULL;
	attempt->error = 0;
	if (fd < 0) {
		fail(attempt, "socket", errno);
		return -1;
	}
	failed = begin_call(attempt, fd);
	if (!failed)
		return fd;
	fail(attempt, failed, errno);
	close_hard(fd);
	return -1;
}

static void finish(struct probe_attempt *attempt, int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		fail(attempt, attempt->protocol == PROTOCOL_UDP ? "send" : "connect", error);
	} else {
		attempt->outcome =
			attempt->protocol == PROTOCOL_UDP ? PROBE_SENT : PROBE_CONNECTED;
		note_local(attempt, fd);
	}
}

/* ---- many of them ---- */

struct running {
	struct probe_attempt *attempt;
	double began, ends;
};

struct field {
	struct pollfd polled[AT_ONCE];
	struct running running[AT_ONCE];
	unsigned count;
};

/* False: there is no descriptor as long as others are under way. */
static bool begin_one(struct field *field, struct probe_attempt *attempt, unsigned timeout_ms)
{
	double now = now_ms();
	int fd = begin(attempt);
	bool udp = attempt->protocol == PROTOCOL_UDP;

	attempt->milliseconds = now_ms() - now;
	if (fd < 0)
		return attempt->outcome != PROBE_NO_DESCRIPTOR || !field->count;
	/* A datagram is answered by an error or by nothing that could be waited for. */
	if (udp && timeout_ms > UDP_PATIENCE_MS)
		timeout_ms = UDP_PATIENCE_MS;
	field->polled[field->count] =
		(struct pollfd){ .fd = fd, .events = udp ? POLLIN : POLLOUT };
	field->running[field->count++] = (struct running){ attempt, now, now + timeout_ms };
	return true;
}

static void end_one(struct field *field, unsigned index)
{
	close_hard(field->polled[index].fd);
	field->count--;
	field->polled[index] = field->polled[field->count];
	field->running[index] = field->running[field->count];
}

static int wait_ms(const struct field *field)
{
	double least = field->running[0].ends, now = now_ms();

	for (unsigned i = 1; i < field->count; i++)
		if (field->running[i].ends < least)
			least = field->running[i].ends;
	return least > now ? (int)(least - now) + 1 : 0;
}

static void look(struct field *field)
{
	double now;

	if (poll(field->polled, field->count, wait_ms(field)) < 0 && errno == EINTR)
		return;
	now = now_ms();
	for (unsigned i = field->count; i--;) {
		struct running *running = &field->running[i];
		struct probe_attempt *attempt = running->attempt;

		if (!field->polled[i].revents && now < running->ends)
			continue;
		attempt->milliseconds = now - running->began;
		if (field->polled[i].revents || attempt->protocol == PROTOCOL_UDP) {
			finish(attempt, field->polled[i].fd);
		} else {
			attempt->outcome = PROBE_TIMED_OUT;
			note_local(attempt, field->polled[i].fd);
		}
		end_one(field, i);
	}
}

void probe_run(struct probe_attempt *attempts, size_t count, unsigned timeout_ms)
{
	struct field field = { .count = 0 };
	size_t next = 0;

	while (next < count || field.count) {
		while (next < count && field.count < AT_ONCE &&
		       (!attempts[next].destination.family ||
			begin_one(&field, &attempts[next], timeout_ms)))
			next++;
		if (field.count)
			look(&field);
	}
}

/* Each errno of a call is one thing here. */
enum probe_outcome probe_reconsider(const struct probe_attempt *attempt, int64_t room)
{
	(void)room;
	return attempt->outcome;
}

int probe_enter(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int failed = fd < 0 || setns(fd, CLONE_NEWNET) ? errno : 0;

	if (fd >= 0)
		close(fd);
	if (failed)
		return error_set(error, _("cannot enter the network namespace %s: %s"), path,
				 language_errno(failed));
	return 0;
}
