#include "action/probe_calls.h"

#include "action/winsock.h"
#include "base/text.h"
#include "system/windows/library.h"
#include "system/windows/wine.h"

#include <assert.h>
#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#undef interface /* a word of COM, for "struct" */

/*
 * Attempts are waited for by select(), as it always was: WSAPoll() did not tell of connections that failed before Windows 10
 * version 2004 (learn.microsoft.com, "WSAPoll function", remarks). It takes FD_SETSIZE sockets, which is 64. A
 * connection that came about can be written to; one that failed is among the exceptions, and SO_ERROR tells why.
 */
static_assert(PROBE_AT_ONCE <= FD_SETSIZE, "select() waits for so many");

/* ---- what an error means ---- */

static enum probe_outcome outcome_of(const struct probe_attempt *attempt, int64_t room)
{
	const struct winsock_facts facts = { .is_wine = wine_version() != NULL, .room = room };

	return winsock_outcome(attempt->error, attempt->call, attempt->protocol, &facts);
}

static void explain(struct probe_attempt *attempt)
{
	attempt->error_name = winsock_name(attempt->error);
	attempt->error_text = winsock_text(attempt->error);
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

static void note_local(struct probe_attempt *attempt, intptr_t socket)
{
	union socket_address own;
	int size = sizeof own;

	if (getsockname((SOCKET)socket, &own.any, &size))
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

/* Each socket has a use of Winsock of its own, which ends with it. */
static int open_socket(const struct probe_attempt *attempt, intptr_t *opened)
{
	int family = attempt->destination.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	int kind = attempt->protocol == PROTOCOL_TCP ? SOCK_STREAM : SOCK_DGRAM;
	WSADATA data;
	int failed = WSAStartup(MAKEWORD(2, 2), &data);
	u_long one = 1;
	SOCKET handle;

	if (failed)
		return failed;
	handle = WSASocketW(family, kind, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
	if (handle == INVALID_SOCKET) {
		failed = WSAGetLastError();
		WSACleanup();
		return failed;
	}
	ioctlsocket(handle, FIONBIO, &one);
	*opened = (intptr_t)handle;
	return 0;
}

static const char *begin(const struct probe_attempt *attempt, intptr_t socket, int *error)
{
	SOCKET handle = (SOCKET)socket;
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

static void await(struct probe_wait *waits, unsigned count, unsigned timeout_ms)
{
	struct timeval wait = { (long)(timeout_ms / 1000), (long)(timeout_ms % 1000) * 1000 };
	fd_set reading, writing, failing;

	FD_ZERO(&reading);
	FD_ZERO(&writing);
	FD_ZERO(&failing);
	for (unsigned i = 0; i < count; i++) {
		SOCKET handle = (SOCKET)waits[i].socket;

		if (waits[i].protocol == PROTOCOL_UDP)
			FD_SET(handle, &reading);
		else
			FD_SET(handle, &writing);
		FD_SET(handle, &failing);
	}
	if (select(0, &reading, &writing, &failing, &wait) <= 0)
		return;
	for (unsigned i = 0; i < count; i++) {
		SOCKET handle = (SOCKET)waits[i].socket;

		waits[i].answered = FD_ISSET(handle, &reading) || FD_ISSET(handle, &writing) ||
				    FD_ISSET(handle, &failing);
	}
}

static int error_of_stream(SOCKET handle)
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

	return error == WSAEMSGSIZE    ? 0 :
	       error == WSAEWOULDBLOCK ? error_of_stream(handle) :
					 error;
}

static int error_of(const struct probe_attempt *attempt, intptr_t socket)
{
	return attempt->protocol == PROTOCOL_UDP ? error_of_datagram((SOCKET)socket) :
						   error_of_stream((SOCKET)socket);
}

static void close_hard(intptr_t socket)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt((SOCKET)socket, SOL_SOCKET, SO_LINGER, (const char *)&now, sizeof now);
	closesocket((SOCKET)socket);
	WSACleanup();
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
