#include "source/windows/netns/route_route.h"

#include "base/arena.h"
#include "source/windows/netns/route.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/* The functions of iphlpapi.dll are stand-ins here. */

/* ---- stand-ins ---- */

static struct sockaddr_in adapter_address;
static unsigned grows;

static DWORD WINAPI one_adapter(ULONG family, ULONG flags, void *reserved,
				IP_ADAPTER_ADDRESSES *adapters, ULONG *size)
{
	struct {
		IP_ADAPTER_ADDRESSES adapter;
		IP_ADAPTER_UNICAST_ADDRESS unicast;
	} *made = (void *)adapters;

	(void)family, (void)flags, (void)reserved;
	if (grows) {
		grows--;
		*size += 4096;
		return ERROR_BUFFER_OVERFLOW;
	}
	if (*size < sizeof *made)
		return ERROR_BUFFER_OVERFLOW;
	memset(made, 0, sizeof *made);
	adapter_address = (struct sockaddr_in){ .sin_family = AF_INET };
	adapter_address.sin_addr.s_addr = htonl(0x0a000005);
	made->unicast.Address.lpSockaddr = (struct sockaddr *)&adapter_address;
	made->unicast.Address.iSockaddrLength = sizeof adapter_address;
	made->adapter.FirstUnicastAddress = &made->unicast;
	made->adapter.IfIndex = 7;
	return NO_ERROR;
}

static DWORD WINAPI no_adapter(ULONG family, ULONG flags, void *reserved,
			       IP_ADAPTER_ADDRESSES *adapters, ULONG *size)
{
	(void)family, (void)flags, (void)reserved, (void)adapters, (void)size;
	return ERROR_NO_DATA;
}

static DWORD WINAPI adapters_denied(ULONG family, ULONG flags, void *reserved,
				    IP_ADAPTER_ADDRESSES *adapters, ULONG *size)
{
	(void)family, (void)flags, (void)reserved, (void)adapters, (void)size;
	return ERROR_ACCESS_DENIED;
}

static DWORD WINAPI route_there(NET_LUID *luid, NET_IFINDEX index, const SOCKADDR_INET *source,
				const SOCKADDR_INET *destination, ULONG options,
				MIB_IPFORWARD_ROW2 *route, SOCKADDR_INET *chosen)
{
	(void)luid, (void)index, (void)source, (void)destination, (void)options, (void)route;
	chosen->Ipv4.sin_family = AF_INET;
	chosen->Ipv4.sin_addr.s_addr = htonl(0x0a000006);
	return NO_ERROR;
}

static DWORD WINAPI route_nowhere(NET_LUID *luid, NET_IFINDEX index,
				  const SOCKADDR_INET *source,
				  const SOCKADDR_INET *destination, ULONG options,
				  MIB_IPFORWARD_ROW2 *route, SOCKADDR_INET *chosen)
{
	(void)luid, (void)index, (void)source, (void)destination, (void)options, (void)route;
	(void)chosen;
	return ERROR_NETWORK_UNREACHABLE;
}

/* As Wine 8.0 has it. */
static DWORD WINAPI route_not_supported(NET_LUID *luid, NET_IFINDEX index,
					const SOCKADDR_INET *source,
					const SOCKADDR_INET *destination, ULONG options,
					MIB_IPFORWARD_ROW2 *route, SOCKADDR_INET *chosen)
{
	(void)luid, (void)index, (void)source, (void)destination, (void)options, (void)route;
	(void)chosen;
	return ERROR_NOT_SUPPORTED;
}

static DWORD WINAPI interface_seven(struct sockaddr *destination, DWORD *index)
{
	(void)destination;
	*index = 7;
	return NO_ERROR;
}

/* ---- tests ---- */

static struct address parsed(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

static struct source_route asked(const struct route_route *functions, const char *destination,
				 const char *own)
{
	const struct address local[] = { parsed("127.0.0.1"), parsed("10.0.0.5") };
	struct source_route route = { .port = 443 };

	if (destination)
		route.destination = parsed(destination);
	if (own)
		route.own = parsed(own);
	route_ask(functions, &route, local, 2);
	return route;
}

static void assert_source(const struct source_route *route, const char *wanted)
{
	char text[ADDRESS_TEXT_SIZE];

	assert_null(route->why);
	assert_string_equal(address_print(text, &route->source), wanted);
}

TEST(windows_says_which_source_it_would_choose)
{
	const struct route_route functions = { one_adapter, route_there, interface_seven };
	struct source_route route = asked(&functions, "192.0.2.1", NULL);

	assert_source(&route, "10.0.0.6");
}

TEST(without_that_the_interface_that_leads_there_tells_it)
{
	const struct route_route not_supported = { one_adapter, route_not_supported,
						   interface_seven };
	const struct route_route absent = { one_adapter, NULL, interface_seven };
	struct source_route route = asked(&not_supported, "192.0.2.1", NULL);

	assert_source(&route, "10.0.0.5");
	route = asked(&absent, "192.0.2.1", NULL);
	assert_source(&route, "10.0.0.5");
}

TEST(what_nothing_tells_stays_unknown_and_is_no_reason_to_fail)
{
	const struct route_route nothing = { 0 };
	struct source_route route = asked(&nothing, "192.0.2.1", NULL);

	assert_null(route.why);
	assert_int_equal(route.source.family, FAMILY_NONE);
}

TEST(where_no_route_leads_the_call_fails_for_another_reason)
{
	const struct route_route functions = { one_adapter, route_nowhere, interface_seven };

	assert_non_null(strstr(asked(&functions, "192.0.2.1", NULL).why, "10051"));
}

TEST(an_address_of_this_machine_is_reached_from_itself)
{
	const struct route_route functions = { one_adapter, route_nowhere, interface_seven };
	struct source_route route = asked(&functions, "10.0.0.5", NULL);

	assert_source(&route, "10.0.0.5");
	route = asked(&functions, "127.0.0.9", NULL);
	assert_source(&route, "127.0.0.9");
}

TEST(an_address_of_others_cannot_be_bound_to)
{
	const struct route_route functions = { one_adapter, route_there, interface_seven };

	assert_true(asked(&functions, NULL, "10.0.0.99").own_is_foreign);
	assert_false(asked(&functions, NULL, "10.0.0.5").own_is_foreign);
	assert_false(asked(&functions, NULL, "127.0.0.5").own_is_foreign);
	assert_false(asked(&functions, NULL, "0.0.0.0").own_is_foreign);
}

TEST(tcp_does_not_connect_to_many_or_to_nobody)
{
	const struct route_route functions = { one_adapter, route_there, interface_seven };

	assert_non_null(asked(&functions, "224.0.0.1", NULL).why);
	assert_non_null(asked(&functions, "255.255.255.255", NULL).why);
	assert_non_null(asked(&functions, "ff02::1", NULL).why);
	assert_non_null(strstr(asked(&functions, "0.0.0.0", NULL).why, "10049"));
}

TEST(addresses_are_those_of_the_adapters)
{
	const struct route_route functions = { .adapters = one_adapter };
	struct arena arena = { 0 };
	struct address *addresses;
	struct error error;
	size_t count;

	grows = 2;
	assert_int_equal(route_local_addresses(&functions, &arena, &addresses, &count, &error),
			 0);
	assert_int_equal(count, 1);
	assert_int_equal(addresses[0].bytes[3], 5);
	grows = UINT32_MAX;
	assert_int_equal(route_local_addresses(&functions, &arena, &addresses, &count, &error),
			 -1);
	grows = 0;
	arena_free(&arena);
}

TEST(no_adapter_is_an_answer_and_a_refusal_is_not)
{
	const struct route_route none = { .adapters = no_adapter };
	const struct route_route denied = { .adapters = adapters_denied };
	const struct route_route absent = { 0 };
	struct arena arena = { 0 };
	struct address *addresses;
	struct error error;
	size_t count;

	assert_int_equal(route_local_addresses(&none, &arena, &addresses, &count, &error), 0);
	assert_int_equal(count, 0);
	assert_int_equal(route_local_addresses(&denied, &arena, &addresses, &count, &error),
			 -1);
	assert_non_null(strstr(error.text, "denied"));
	assert_int_equal(route_local_addresses(&absent, &arena, &addresses, &count, &error),
			 -1);
	arena_free(&arena);
}

SUITE(route, cmocka_unit_test(windows_says_which_source_it_would_choose),
      cmocka_unit_test(without_that_the_interface_that_leads_there_tells_it),
      cmocka_unit_test(what_nothing_tells_stays_unknown_and_is_no_reason_to_fail),
      cmocka_unit_test(where_no_route_leads_the_call_fails_for_another_reason),
      cmocka_unit_test(an_address_of_this_machine_is_reached_from_itself),
      cmocka_unit_test(an_address_of_others_cannot_be_bound_to),
      cmocka_unit_test(tcp_does_not_connect_to_many_or_to_nobody),
      cmocka_unit_test(addresses_are_those_of_the_adapters),
      cmocka_unit_test(no_adapter_is_an_answer_and_a_refusal_is_not));
