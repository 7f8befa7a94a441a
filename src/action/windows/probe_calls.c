#include "action/probe.h"

#include "action/winsock.h"
#include "base/language.h"
#include "base/text.h"
#include "system/clock.h"
#include "system/windows/library.h"

#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#undef interface /* a word of COM, for "struct" */

/*
 * Attempts are waited for by select(), as it always was: WSAPoll() did not tell of connections that failed before Windows 10
 * version 2004 (learn.microsoft.com, "WSAPoll function", remarks). It takes FD_SETSIZE sockets, which is 64. A
 * connection that came about can be written to; one that failed is among the exceptions, and SO_ERROR tells why.
 */
enum { AT_ONCE = FD_SETSIZE };

/* How long an ICMP error may take to come back for a datagram; the whole limit would be waited for nothing. */
enum { UDP_PATIENCE_MS = 1000 };

static double now_ms(void)
{
	return clock_monotonic_s() * 1e3;
}

/* ---- what an error means ---- */

static bool is_wine(void)
{
	return library_function("ntdll.dll", "wine_get_version") != NULL;
}

static enum probe_outcome outcome_of(const struct probe_attempt *attempt, int64_t room)
{
	const struct winsock_facts facts = { .is_wine = is_wine(), .room = room };

	return winsock_outcome(attempt->error, attempt->call, attempt->protocol, &facts);
}

static void fail(struct probe_attempt *attempt, const char *call, int error)
{
	attempt->call = call;
	attempt->error = error;
	attempt->error_name = winsock_name(error);
	attempt->error_text = winsock_text(error);
	attempt->outcome = outcome_of(attempt, -1);
}

enum probe_outcome probe_reconsider(const struct probe_attempt *attempt, int64_t room)
{
	return attempt->call ? outcome_of(attempt, room) : attempt->outcome;
}

/* ---- addresses as the system takes them ---- */

union socket_address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static int fill(union socket_address *to, const struct address *address, uint16_t port)
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

/* Windows writes zones as numbers, fe80::1%12; names such as ethernet_32769 are understood as well (if_nametoindex(), since
 * Windows Vista). 0: there is none of that name. */
static ULONG zone_of(const char *interface)
{
	ULONG(WINAPI * index_of)(const char *name);
	uint64_t number;

	if (text_to_number(interface, UINT32_MAX, &number))
		return (ULONG)number;
	return library_find(index_of, "iphlpapi.dll", "if_nametoindex") ? index_of(interface) :
									  0;
}

static void note_local(struct probe_attempt *attempt, SOCKET handle)
{
	union socket_address own;
	int size = sizeof own;

	if (getsockname(handle, &own.any, &size))
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
static void close_hard(SOCKET handle)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(handle, SOL_SOCKET, SO_LINGER, (const char *)&now, sizeof now);
	closesocket(handle);
}

/* The name of the call that failed, with its error; NULL if it is under way. */
static const char *begin_call(const struct probe_attempt *attempt, SOCKET handle, int *error)
{
	union socket_address to;
	int size;

	if (attempt->source.family) {
		size = fill(&to, &attempt->source, 0);
		if (bind(handle, &to.any, size)) {
			*error = WSAGetLastError();
			return "bind";
		}
	}
	size = fill(&to, &attempt->destination, attempt->port);
	if (attempt->interface && to.any.sa_family == AF_INET6)
		to.six.sin6_scope_id = zone_of(attempt->interface);
	if (connect(handle, &to.any, size)) {
		*error = WSAGetLastError();
		if (attempt->protocol == PROTOCOL_UDP || *error != WSAEWOULDBLOCK)
			return "connect";
	}
	if (attempt->protocol == PROTOCOL_UDP && send(handle, "", 0, 0) < 0) {
		*error = WSAGetLastError();
		return "send";
	}
	return NULL;
}

/* A socket to wait for, or INVALID_SOCKET: it is over. */
static SOCKET begin(struct probe_attempt *attempt)
{
	int family = attempt->destination.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	int kind = attempt->protocol == PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM;
	SOCKET handle = WSASocketW(family, kind, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
	u_long one = 1;
	const char *failed;
	int error = 0;

	attempt->call = attempt->error_name = attempt->error_text = NULL;
	attempt->error = 0;
	if (handle == INVALID_SOCKET) {
		fail(attempt, "socket", WSAGetLastError());
		return INVALID_SOCKET;
	}
	ioctlsocket(handle, FIONBIO, &one);
	failed = begin_call(attempt, handle, &error);
	if (!failed)
		return handle;
	fail(attempt, failed, error);
	close_hard(handle);
	return INVALID_SOCKET;
}

static int error_of(SOCKET handle)
{
	int error = 0, size = sizeof error;

	getsockopt(handle, SOL_SOCKET, SO_ERROR, (char *)&error, &size);
	return error;
}

/* An ICMP error is the answer to a datagram: recv() has it, under Wine SO_ERROR, and select() does not wake for it there. An
 * answer with data says the same as none. */
static int error_of_datagram(SOCKET handle)
{
	char byte;
	int error = recv(handle, &byte, sizeof byte, 0) < 0 ? WSAGetLastError() : 0;

	return error == WSAEMSGSIZE ? 0 : error == WSAEWOULDBLOCK ? error_of(handle) : error;
}

static void finish(struct probe_attempt *attempt, SOCKET handle)
{
	bool udp = attempt->protocol == PROTOCOL_UDP;
	int error = udp ? error_of_datagram(handle) : error_of(handle);

	if (error) {
		fail(attempt, udp ? "send" : "connect", error);
	} else {
		attempt->outcome = udp ? PROBE_SENT : PROBE_CONNECTED;
		note_local(attempt, handle);
	}
}

/* ---- many of them ---- */

struct running {
	SOCKET handle;
	struct probe_attempt *attempt;
	double began, ends;
};

struct field {
	struct running running[AT_ONCE];
	unsigned count;
};

/* False: there is no descriptor as long as others are under way. */
static bool begin_one(struct field *field, struct probe_attempt *attempt, unsigned timeout_ms)
{
	double now = now_ms();
	SOCKET handle = begin(attempt);

	attempt->milliseconds = now_ms() - now;
	if (handle == INVALID_SOCKET)
		return attempt->outcome != PROBE_NO_DESCRIPTOR || !field->count;
	/* A datagram is answered by an error or by nothing that could be waited for. */
	if (attempt->protocol == PROTOCOL_UDP && timeout_ms > UDP_PATIENCE_MS)
		timeout_ms = UDP_PATIENCE_MS;
	field->running[field->count++] =
		(struct running){ handle, attempt, now, now + timeout_ms };
	return true;
}

static struct timeval wait_of(const struct field *field)
{
	double least = field->running[0].ends, now = now_ms();
	long microseconds;

	for (unsigned i = 1; i < field->count; i++)
		if (field->running[i].ends < least)
			least = field->running[i].ends;
	microseconds = least > now ? (long)((least - now) * 1e3) + 1000 : 0;
	return (struct timeval){ microseconds / 1000000, microseconds % 1000000 };
}

static void look_at(struct field *field, unsigned index, bool answered, double now)
{
	struct running *running = &field->running[index];
	struct probe_attempt *attempt = running->attempt;

	if (!answered && now < running->ends)
		return;
	attempt->milliseconds = now - running->began;
	if (answered || attempt->protocol == PROTOCOL_UDP) {
		finish(attempt, running->handle);
	} else {
		attempt->outcome = PROBE_TIMED_OUT;
		note_local(attempt, running->handle);
	}
	close_hard(running->handle);
	*running = field->running[--field->count];
}

static void look(struct field *field)
{
	fd_set reading, writing, failing;
	struct timeval wait = wait_of(field);
	bool answers;

	FD_ZERO(&reading);
	FD_ZERO(&writing);
	FD_ZERO(&failing);
	for (unsigned i = 0; i < field->count; i++) {
		SOCKET handle = field->running[i].handle;

		if (field->running[i].attempt->protocol == PROTOCOL_UDP)
			FD_SET(handle, &reading);
		else
			FD_SET(handle, &writing);
		FD_SET(handle, &failing);
	}
	answers = select(0, &reading, &writing, &failing, &wait) > 0;
	for (unsigned i = field->count; i--;) {
		SOCKET handle = field->running[i].handle;

		look_at(field, i,
			answers && (FD_ISSET(handle, &reading) || FD_ISSET(handle, &writing) ||
				    FD_ISSET(handle, &failing)),
			now_ms());
	}
}

void probe_run(struct probe_attempt *attempts, size_t count, unsigned timeout_ms)
{
	struct field field = { .count = 0 };
	size_t next = 0;
	WSADATA data;
	int failed = WSAStartup(MAKEWORD(2, 2), &data);

	for (size_t i = 0; failed && i < count; i++)
		fail(&attempts[i], "socket", failed);
	while (!failed && (next < count || field.count)) {
		while (next < count && field.count < AT_ONCE &&
		       (!attempts[next].destination.family ||
			begin_one(&field, &attempts[next], timeout_ms)))
			next++;
		if (field.count)
			look(&field);
	}
	if (!failed)
		WSACleanup();
}

int probe_enter(const char *path, struct error *error)
{
	return error_set(
		error,
		_("--netns '%s': Windows has no network namespaces; attempts are made "
		  "from this machine"),
		path);
}
