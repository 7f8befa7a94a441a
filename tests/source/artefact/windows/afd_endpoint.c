#include "source/artefact/windows/afd_endpoint.h"

#include "suite.h"

#include <string.h>

static const uint8_t ipv4[16] = { 2, 0, 0xc0, 0x01, 10, 0, 0, 5 };
static const uint8_t ipv6[28] = { 23, 0, 0x01, 0xbb, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8,
				  0,  0, 0,    0,    0, 0, 0, 0, 0,    0,    0,	   1 };

static void expect(const uint8_t *bytes, size_t size, const char *text)
{
	char printed[ADDRESS_TEXT_SIZE];
	struct address address = { 0 };
	uint16_t port = 0;

	assert_true(afd_endpoint_address(bytes, size, &address, &port));
	assert_string_equal(address_print_endpoint(printed, &address, port), text);
}

TEST(addresses_of_both_families_are_read)
{
	expect(ipv4, sizeof ipv4, "10.0.0.5:49153");
	expect(ipv6, sizeof ipv6, "[2001:db8::1]:443");
}

TEST(the_old_form_has_the_address_behind_a_count_and_a_length)
{
	uint8_t old4[10 + sizeof ipv4] = { [0] = 2, [4] = 1, [8] = 14 };
	uint8_t old6[10 + sizeof ipv6] = { [0] = 1, [4] = 1, [8] = 26 };

	memcpy(old4 + 10, ipv4, sizeof ipv4);
	memcpy(old6 + 10, ipv6, sizeof ipv6);
	expect(old4, sizeof old4, "10.0.0.5:49153");
	expect(old6, sizeof old6, "[2001:db8::1]:443");
}

TEST(an_address_mapped_into_ipv6_is_of_ipv4)
{
	uint8_t mapped[28] = { 23, 0, 0, 80, [18] = 0xff, [19] = 0xff, 127, 0, 0, 1 };

	expect(mapped, sizeof mapped, "127.0.0.1:80");
}

TEST(other_families_and_cut_addresses_are_none)
{
	static const uint8_t local[110] = { 1, 0, '/', 't' }; /* AF_UNIX */
	struct address address;
	uint16_t port;

	assert_false(afd_endpoint_address(local, sizeof local, &address, &port));
	for (size_t size = 0; size < 8; size++)
		assert_false(afd_endpoint_address(ipv4, size, &address, &port));
	for (size_t size = 0; size < 24; size++)
		assert_false(afd_endpoint_address(ipv6, size, &address, &port));
}

/* SOCK_SHARED_INFO: state, family, type, protocol, and flags at 44. */
static struct afd_endpoint told(uint8_t state, uint8_t family, uint8_t type, uint8_t protocol,
				uint8_t flags)
{
	const uint8_t context[64] = {
		[0] = state, [4] = family, [8] = type, [12] = protocol, [44] = flags
	};
	struct afd_endpoint endpoint = { 0 };

	afd_endpoint_context(context, sizeof context, &endpoint);
	return endpoint;
}

TEST(the_context_tells_the_protocol_and_what_the_socket_does)
{
	struct afd_endpoint tcp = told(3, 2, 1, 6, 0), listener = told(1, 23, 1, 0, 1),
			    udp = told(1, 2, 2, 17, 0), raw = told(1, 2, 3, 1, 0),
			    local = told(1, 1, 1, 0, 0);

	assert_true(tcp.is_known && tcp.is_tcp && !tcp.is_udp && tcp.is_connected);
	assert_false(tcp.is_listening);
	assert_true(listener.is_tcp && listener.is_listening && !listener.is_connected);
	assert_true(udp.is_known && udp.is_udp && !udp.is_tcp);
	assert_true(raw.is_known && !raw.is_udp && !raw.is_tcp);
	assert_true(local.is_known && !local.is_udp && !local.is_tcp);
}

TEST(a_cut_context_tells_nothing)
{
	static const uint8_t context[64] = { 3, [4] = 2, [8] = 1, [12] = 6 };
	struct afd_endpoint endpoint = { 0 };

	afd_endpoint_context(context, 45, &endpoint);
	assert_false(endpoint.is_known || endpoint.is_tcp);
	afd_endpoint_context(context, 46, &endpoint);
	assert_true(endpoint.is_known && endpoint.is_tcp);
}

SUITE(afd_endpoint, cmocka_unit_test(addresses_of_both_families_are_read),
      cmocka_unit_test(the_old_form_has_the_address_behind_a_count_and_a_length),
      cmocka_unit_test(an_address_mapped_into_ipv6_is_of_ipv4),
      cmocka_unit_test(other_families_and_cut_addresses_are_none),
      cmocka_unit_test(the_context_tells_the_protocol_and_what_the_socket_does),
      cmocka_unit_test(a_cut_context_tells_nothing));
