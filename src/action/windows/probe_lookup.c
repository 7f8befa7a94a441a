#include "action/probe_calls.h"

#include "action/winsock.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

static void take_addresses(struct probe_name *name, const ADDRINFOW *found)
{
	for (const ADDRINFOW *each = found; each; each = each->ai_next) {
		const void *at = each->ai_addr;
		struct address address;

		if (each->ai_family == AF_INET)
			address = address_ipv4(&((const struct sockaddr_in *)at)->sin_addr);
		else if (each->ai_family == AF_INET6)
			address = address_ipv6(&((const struct sockaddr_in6 *)at)->sin6_addr);
		else
			continue;
		probe_name_add(name, &address);
	}
}

static int ask(const char *host, ADDRINFOW **found)
{
	const ADDRINFOW hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	wchar_t *wide = wide_of(host);
	int result = GetAddrInfoW(wide, NULL, &hints, found);

	free(wide);
	return result;
}

/* WSATRY_AGAIN is what is said when no server answers, and it may be since the question got no port. */
static void fail(struct probe_name *name, int error)
{
	name->outcome = error == WSAHOST_NOT_FOUND || error == WSANO_DATA ? PROBE_NO_NAME :
									    PROBE_NAME_FAILED;
	snprintf(name->why, sizeof name->why, "%s", winsock_text(error));
}

void probe_lookup(struct probe_name *name)
{
	ADDRINFOW *found = NULL;
	WSADATA data;
	int failed = WSAStartup(MAKEWORD(2, 2), &data);

	if (failed) {
		fail(name, failed);
		return;
	}
	failed = ask(name->host, &found);
	if (failed) {
		fail(name, failed);
	} else {
		take_addresses(name, found);
		FreeAddrInfoW(found);
		name->outcome = PROBE_CONNECTED;
	}
	WSACleanup();
}
