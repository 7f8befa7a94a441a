#include "snapshot/netns.h"

#include "suite.h"

static bool has(const struct netns *netns, const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return netns_has_address(netns, &address);
}

TEST(loopback_addresses_are_local_without_being_listed)
{
	struct netns netns = { 0 };

	assert_true(has(&netns, "127.0.0.1"));
	assert_true(has(&netns, "127.9.9.9"));
	assert_true(has(&netns, "::1"));
	assert_false(has(&netns, "10.0.0.1"));
}

TEST(other_addresses_are_local_only_if_listed)
{
	struct address addresses[2];
	struct netns netns = { .local_addresses = addresses, .local_address_count = 2 };

	assert_true(address_parse("10.0.0.1", &addresses[0]));
	assert_true(address_parse("2001:db8::1", &addresses[1]));
	assert_true(has(&netns, "10.0.0.1"));
	assert_true(has(&netns, "2001:db8::1"));
	assert_true(has(&netns, "::ffff:10.0.0.1"));
	assert_false(has(&netns, "10.0.0.2"));
	assert_false(has(&netns, "2001:db8::2"));
}

TEST(every_kind_of_namespace_has_a_name)
{
	assert_string_equal(netns_kind_name(NETNS_OWN), "own");
	assert_string_equal(netns_kind_name(NETNS_HOST), "host");
	assert_string_equal(netns_kind_name(NETNS_NAMED), "named");
	assert_string_equal(netns_kind_name(NETNS_CONTAINER), "container");
	assert_string_equal(netns_kind_name(NETNS_PROCESS), "process");
}

SUITE(netns, cmocka_unit_test(loopback_addresses_are_local_without_being_listed),
      cmocka_unit_test(other_addresses_are_local_only_if_listed),
      cmocka_unit_test(every_kind_of_namespace_has_a_name), );
