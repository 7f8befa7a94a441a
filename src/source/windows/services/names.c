#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "source/services.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

/*
 * The name servers of each adapter that is up, whoever set them (learn.microsoft.com, GetAdaptersAddresses). Where none is set
 * for IPv6 Windows lists three well-known site-local ones, fec0:0:0:ffff::1 to ::3, which no network has had since RFC
 * 3879: these are not tried.
 */
enum { FIRST_SIZE = 16 << 10, LARGEST = 16 << 20, MOST_CALLS = 8 };

static IP_ADAPTER_ADDRESSES *fetch(const struct services_route *route)
{
	const ULONG flags =
		GAA_FLAG_SKIP_UNICAST | GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST;
	ULONG size = FIRST_SIZE;

	for (int calls = 0; route->adapters && calls < MOST_CALLS && size <= LARGEST;
	     calls++) {
		IP_ADAPTER_ADDRESSES *adapters = memory_zeroed(1, size);
		ULONG failed = route->adapters(AF_UNSPEC, flags, NULL, adapters, &size);

		if (!failed)
			return adapters;
		free(adapters);
		if (failed != ERROR_BUFFER_OVERFLOW)
			return NULL;
		size += 4096;
	}
	return NULL;
}

/* With the zone of a link-local one; NULL: none that is to be tried. */
static const char *host_of(const struct sockaddr *from, struct arena *arena)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;
	struct address address;
	char text[ADDRESS_TEXT_SIZE];

	if (!from || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
		return NULL;
	address = from->sa_family == AF_INET ? address_ipv4(&four->sin_addr) :
					       address_ipv6(&six->sin6_addr);
	if (from->sa_family == AF_INET6 && address.bytes[0] == 0xfe &&
	    (address.bytes[1] & 0xc0) == 0xc0)
		return NULL;
	address_print(text, &address);
	if (address_is_link_local(&address))
		return arena_print(arena, "%s%%%lu", text, (unsigned long)six->sin6_scope_id);
	return arena_copy(arena, text);
}

static void take_adapter(struct services *services, const IP_ADAPTER_ADDRESSES *adapter)
{
	char *name = wide_to_text(adapter->FriendlyName ? adapter->FriendlyName : L"");
	struct service service = {
		.kind = SERVICE_NAMES,
		.port = SERVICE_DNS,
		.from = arena_print(&services->arena, "GetAdaptersAddresses: %s", name),
	};

	free(name);
	for (const IP_ADAPTER_DNS_SERVER_ADDRESS *each = adapter->FirstDnsServerAddress; each;
	     each = each->Next) {
		service.host = host_of(each->Address.lpSockaddr, &services->arena);
		service.protocol = PROTOCOL_UDP;
		services_add(services, service);
		service.protocol = PROTOCOL_TCP;
		services_add(services, service);
	}
}

void services_read_names(const struct services_route *route, struct services *services)
{
	IP_ADAPTER_ADDRESSES *adapters = fetch(route);

	for (const IP_ADAPTER_ADDRESSES *each = adapters; each; each = each->Next)
		if (each->OperStatus == IfOperStatusUp)
			take_adapter(services, each);
	free(adapters);
}
