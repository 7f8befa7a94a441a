#include "source/windows/netns/route_route.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/address.h"
#include "source/windows/netns/route.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"

#include <stdlib.h>
#include <string.h>

void route_find(struct route_route *route)
{
	*route = (struct route_route){ 0 };
	(void)library_find(route->adapters, "iphlpapi.dll", "GetAdaptersAddresses");
	(void)library_find(route->best_route, "iphlpapi.dll", "GetBestRoute2");
	(void)library_find(route->best_interface, "iphlpapi.dll", "GetBestInterfaceEx");
}

/* ---- addresses of sockets ---- */

static bool address_of(const struct sockaddr *from, struct address *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;

	if (!from)
		return false;
	if (from->sa_family == AF_INET)
		*address = address_ipv4(&four->sin_addr);
	else if (from->sa_family == AF_INET6)
		*address = address_ipv6(&six->sin6_addr);
	else
		return false;
	return true;
}

static SOCKADDR_INET socket_address_of(const struct address *address)
{
	SOCKADDR_INET to = { 0 };

	if (address->family == FAMILY_IPV6) {
		to.Ipv6.sin6_family = AF_INET6;
		memcpy(&to.Ipv6.sin6_addr, address->bytes, 16);
	} else {
		to.Ipv4.sin_family = AF_INET;
		memcpy(&to.Ipv4.sin_addr, address->bytes, 4);
	}
	return to;
}

/* ---- adapters ---- */

/* Freed by the caller; NULL and an error number: they are not to be had. As of tables, they may grow meanwhile. */
static IP_ADAPTER_ADDRESSES *fetch_adapters(const struct route_route *functions, DWORD *failed)
{
	enum { FIRST_SIZE = 16 << 10, LARGEST = 16 << 20, MOST_CALLS = 8 };
	const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST |
			    GAA_FLAG_SKIP_DNS_SERVER | GAA_FLAG_SKIP_FRIENDLY_NAME;
	ULONG size = FIRST_SIZE;

	*failed = ERROR_PROC_NOT_FOUND;
	for (int calls = 0; functions->adapters && calls < MOST_CALLS; calls++) {
		IP_ADAPTER_ADDRESSES *adapters = memory_zeroed(1, size);

		*failed = functions->adapters(AF_UNSPEC, flags, NULL, adapters, &size);
		if (*failed == NO_ERROR)
			return adapters;
		free(adapters);
		if (*failed != ERROR_BUFFER_OVERFLOW || size > LARGEST)
			return NULL;
		size += 4096;
	}
	return NULL;
}

struct found {
	struct address *items;
	size_t count, capacity;
};

static void find_addresses(struct found *found, const IP_ADAPTER_ADDRESSES *adapters)
{
	struct address address;

	for (; adapters; adapters = adapters->Next)
		for (const IP_ADAPTER_UNICAST_ADDRESS *each = adapters->FirstUnicastAddress;
		     each; each = each->Next) {
			if (!address_of(each->Address.lpSockaddr, &address))
				continue;
			array_reserve(found->items, found->count, found->capacity);
			found->items[found->count++] = address;
		}
}

int route_local_addresses(const struct route_route *functions, struct arena *arena,
			  struct address **addresses, size_t *count, struct error *error)
{
	struct found found = { 0 };
	DWORD failed;
	IP_ADAPTER_ADDRESSES *adapters = fetch_adapters(functions, &failed);

	*addresses = NULL;
	*count = 0;
	/* A machine without a network has none, and that is an answer. */
	if (!adapters && failed != ERROR_NO_DATA)
		return error_set(error, "GetAdaptersAddresses: %s", error_text(failed));
	find_addresses(&found, adapters);
	*addresses = arena_alloc(arena, found.count * sizeof **addresses);
	for (size_t i = 0; i < found.count; i++)
		(*addresses)[i] = found.items[i];
	*count = found.count;
	free(found.items);
	free(adapters);
	return 0;
}

/* ---- the source of a connection ---- */

/* Of the interface by which the destination is reached: all that Windows tells where GetBestRoute2() does not. */
static void take_interface(const struct route_route *functions, struct source_route *route)
{
	SOCKADDR_INET destination = socket_address_of(&route->destination);
	IP_ADAPTER_ADDRESSES *adapters;
	struct address address;
	DWORD index, failed;

	if (!functions->best_interface ||
	    functions->best_interface((struct sockaddr *)&destination, &index) != NO_ERROR)
		return;
	adapters = fetch_adapters(functions, &failed);
	for (const IP_ADAPTER_ADDRESSES *each = adapters; each; each = each->Next) {
		if (each->IfIndex != index && each->Ipv6IfIndex != index)
			continue;
		for (const IP_ADAPTER_UNICAST_ADDRESS *one = each->FirstUnicastAddress;
		     one && !route->source.family; one = one->Next)
			if (address_of(one->Address.lpSockaddr, &address) &&
			    address.family == route->destination.family)
				route->source = address;
	}
	free(adapters);
}

/* What connect() reports then is 10051 or 10065 (learn.microsoft.com, "Windows Sockets Error Codes"). */
static bool is_no_route(DWORD result)
{
	return result == ERROR_NETWORK_UNREACHABLE || result == ERROR_HOST_UNREACHABLE ||
	       result == ERROR_NOT_FOUND;
}

static void ask_best(const struct route_route *functions, struct source_route *route)
{
	SOCKADDR_INET destination = socket_address_of(&route->destination), chosen = { 0 };
	SOCKADDR_INET own = socket_address_of(&route->own);
	bool named = route->own.family && !address_is_any(&route->own);
	MIB_IPFORWARD_ROW2 row;
	DWORD result = ERROR_PROC_NOT_FOUND;

	memset(&row, 0, sizeof row);
	if (functions->best_route)
		result = functions->best_route(NULL, 0, named ? &own : NULL, &destination, 0,
					       &row, &chosen);
	if (is_no_route(result))
		route->why = _("no route to the destination: connect() reports "
			       "WSAENETUNREACH (10051); this is no lack of ports");
	else if (result != NO_ERROR ||
		 !address_of((const struct sockaddr *)&chosen, &route->source))
		take_interface(functions, route);
}

static bool is_among(const struct address *address, const struct address *local, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_equal(address, &local[i]))
			return true;
	return false;
}

static bool is_for_many(const struct address *address)
{
	static const uint8_t everybody[4] = { 255, 255, 255, 255 };

	if (address->family == FAMILY_IPV6)
		return address->bytes[0] == 0xff;
	return (address->bytes[0] & 0xf0) == 0xe0 || !memcmp(address->bytes, everybody, 4);
}

void route_ask(const struct route_route *functions, struct source_route *route,
	       const struct address *local, size_t local_count)
{
	bool named = route->own.family && !address_is_any(&route->own);

	if (route->device) {
		route->why = _("on Windows a socket is not bound to an interface");
		return;
	}
	if (named && local_count && !address_is_loopback(&route->own) &&
	    !is_among(&route->own, local, local_count)) {
		route->own_is_foreign = true;
		route->why = _("this is no address of this host, so bind() to it fails");
		return;
	}
	if (!route->destination.family)
		return;
	/* learn.microsoft.com, connect(): WSAEADDRNOTAVAIL for "INADDR_ANY or in6addr_any". */
	if (address_is_any(&route->destination))
		route->why = _("Windows does not connect to it: connect() reports "
			       "WSAEADDRNOTAVAIL (10049); this is no lack of ports");
	else if (route->protocol == PROTOCOL_TCP && is_for_many(&route->destination))
		route->why = _("TCP does not connect to a broadcast or multicast address");
	else if (address_is_loopback(&route->destination) ||
		 is_among(&route->destination, local, local_count))
		route->source = route->destination;
	else
		ask_best(functions, route);
}
