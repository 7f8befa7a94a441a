#include "action/probe_calls.h"

#include "base/language.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static void take_addresses(struct probe_name *name, const struct addrinfo *found)
{
	for (const struct addrinfo *each = found; each; each = each->ai_next) {
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

void probe_lookup(struct probe_name *name)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	int result = getaddrinfo(name->host, NULL, &hints, &found), error = errno;

	if (!result) {
		take_addresses(name, found);
		freeaddrinfo(found);
		name->outcome = PROBE_CONNECTED;
		return;
	}
	/* EAI_AGAIN is what the resolver says when no server answers, and when it gets no port for its question. */
	name->outcome = result == EAI_NONAME ? PROBE_NO_NAME : PROBE_NAME_FAILED;
	snprintf(name->why, sizeof name->why, "%s",
		 result == EAI_SYSTEM ? language_errno(error) : gai_strerror(result));
}
