#include "diagnosis/machine.h"

#include <string.h>

#define bind_room(machine, ...) room(machine, .kind = CAPACITY_BIND, __VA_ARGS__)

TEST(a_connection_takes_a_port_from_its_own_address_and_the_wildcard)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 30);
	capacity = bind_room(&machine, .from = "10.0.0.1");
	assert_room(capacity, 70);
	assert_int_equal(capacity.blocked_by_bind, 30);
	assert_int_equal(capacity.free, 70);
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 70);
	assert_room(bind_room(&machine, .from = "10.0.0.5"), 100);
	snapshot_free(&machine);
}

TEST(one_port_serves_one_address_over_all_destinations)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30);
	hold(&machine, .first = 40020, .count = 30, .remote = "10.0.9.2:80");
	assert_room(bind_room(&machine, .from = "10.0.0.1"), 50);
	snapshot_free(&machine);
}

TEST(time_wait_takes_its_port_from_bind_even_where_connect_may_reuse_it)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30, .remote = "10.0.0.1:80");
	assert_room(bind_room(&machine, .from = "10.0.0.1"), 70);
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 70);
	assert_room(bind_room(&machine, .from = "10.0.0.9"), 100);
	snapshot_free(&machine);
}

TEST(the_kind_of_a_port_does_not_matter_to_bind)
{
	static const enum port_kind kinds[] = { CONNECT_OWNED, BIND_OWNED, KIND_UNKNOWN };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct snapshot machine = machine_new();

		hold(&machine, .count = 30, .kind = kinds[i]);
		assert_room(bind_room(&machine, .from = "10.0.0.1"), 70);
		assert_room(bind_room(&machine, .from = "10.0.0.5"), 100);
		snapshot_free(&machine);
	}
}

TEST(bound_and_listening_sockets_take_their_port_from_overlapping_addresses_only)
{
	static const enum socket_state states[] = { SOCKET_BOUND, SOCKET_LISTEN };

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct snapshot machine = machine_new();

		hold(&machine, .state = states[i], .count = 10, .local = "10.0.0.5");
		assert_room(bind_room(&machine, .from = "10.0.0.5"), 90);
		assert_room(bind_room(&machine, .from = "0.0.0.0"), 90);
		assert_room(bind_room(&machine, .from = "10.0.0.1"), 100);
		assert_room(bind_room(&machine, .from = "::1"), 100);
		snapshot_free(&machine);
	}
}

TEST(an_ipv4_wildcard_takes_its_port_from_every_ipv4_address)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .count = 10, .local = "0.0.0.0");
	assert_room(bind_room(&machine, .from = "10.0.0.5"), 90);
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 90);
	assert_room(bind_room(&machine, .from = "::1"), 100);
	assert_room(bind_room(&machine, .from = "::"), 90);
	assert_room(bind_room(&machine, .from = "::", .only_six = true), 100);
	snapshot_free(&machine);
}

TEST(an_open_ipv6_wildcard_takes_its_port_from_both_families)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .count = 10, .local = "::");
	assert_room(bind_room(&machine, .from = "10.0.0.5"), 90);
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 90);
	assert_room(bind_room(&machine, .from = "::1"), 90);
	assert_room(bind_room(&machine, .from = "::", .only_six = true), 90);
	snapshot_free(&machine);
}

TEST(an_ipv6_only_wildcard_takes_its_port_from_ipv6)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .count = 10,
	     .local = "::", .ipv6_only = IPV6_ONLY_YES);
	assert_room(bind_room(&machine, .from = "10.0.0.5"), 100);
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 100);
	assert_room(bind_room(&machine, .from = "::1"), 90);
	assert_room(bind_room(&machine, .from = "::"), 90);
	snapshot_free(&machine);
}

TEST(an_ipv6_connection_open_to_ipv4_takes_its_port_from_the_ipv4_wildcard)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 10, .local = "::1", .remote = "[::1]:80");
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 90);
	assert_room(bind_room(&machine, .from = "127.0.0.1"), 100);
	snapshot_free(&machine);
}

TEST(where_openness_is_not_known_the_ipv4_wildcard_has_an_interval)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 10, .local = "::1", .remote = "[::1]:80",
	     .ipv6_only = IPV6_ONLY_UNKNOWN);
	capacity = bind_room(&machine, .from = "0.0.0.0");
	assert_between(capacity, 90, 100);
	assert_int_equal(capacity.uncertain, 10);
	assert_non_null(strstr(capacity.why_not_exact, "IPV6_V6ONLY"));
	assert_room(bind_room(&machine, .from = "127.0.0.1"), 100);
	assert_room(bind_room(&machine, .from = "::"), 90);
	/* A port that is certainly taken is in no doubt. */
	hold(&machine, .count = 4, .state = SOCKET_LISTEN, .local = "0.0.0.0");
	assert_between(bind_room(&machine, .from = "0.0.0.0"), 90, 96);
	snapshot_free(&machine);
}

TEST(mapped_owners_take_their_port_from_ipv4)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .count = 10, .local = "::ffff:10.0.0.5");
	assert_room(bind_room(&machine, .from = "10.0.0.5"), 90);
	assert_room(bind_room(&machine, .from = "::", .only_six = true), 100);
	snapshot_free(&machine);
}

TEST(what_a_listener_accepted_counts_on_its_own_address)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_LISTEN, .first = 40050, .local = "10.0.0.1");
	hold(&machine, .first = 40050, .each = 5, .local = "10.0.0.1",
	     .remote = "10.0.7.7:51000");
	assert_room(bind_room(&machine, .from = "10.0.0.1"), 99);
	assert_room(bind_room(&machine, .from = "10.0.0.2"), 100);
	snapshot_free(&machine);
}

TEST(bind_gets_no_reserved_port)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40010-40029"));
	hold(&machine, .first = 40025, .count = 10);
	capacity = bind_room(&machine, .from = "10.0.0.1");
	assert_room(capacity, 75);
	assert_int_equal(capacity.eligible, 80);
	assert_int_equal(capacity.reserved, 20);
	assert_int_equal(capacity.blocked_by_bind, 5);
	snapshot_free(&machine);
}

TEST(bind_keeps_to_a_range_of_its_own)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 15);
	assert_room(bind_room(&machine, .from = "10.0.0.1", .own = { 40010, 40019 }), 5);
	assert_room(bind_room(&machine, .from = "10.0.0.1", .own = { 50000, 50009 }), 85);
	snapshot_free(&machine);
}

TEST(of_an_odd_range_bind_may_miss_one_port)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40098;
	assert_between(bind_room(&machine, .from = "10.0.0.1"), 98, 99);
	hold(&machine, .first = 40000);
	hold(&machine, .first = 40098);
	assert_room(bind_room(&machine, .from = "10.0.0.1"), 97);
	assert_between(bind_room(&machine, .from = "10.0.0.2"), 98, 99);
	snapshot_free(&machine);
}

TEST(where_bound_sockets_are_invisible_no_room_for_bind_is_certain)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].bound_seen = false;
	hold(&machine, .count = 30);
	assert_between(bind_room(&machine, .from = "10.0.0.1"), 0, 70);
	snapshot_free(&machine);
}

TEST(a_port_that_is_perhaps_bound_is_perhaps_taken_from_bind)
{
	struct snapshot machine = machine_new();

	port_set_add(&machine.namespaces[0].maybe_bound, 40050);
	assert_between(bind_room(&machine, .from = "10.0.0.1"), 99, 100);
	hold(&machine, .first = 40050);
	assert_room(bind_room(&machine, .from = "10.0.0.1"), 99);
	/* ... where the connection is; on another address a bound socket may have joined. */
	assert_between(bind_room(&machine, .from = "10.0.0.2"), 99, 100);
	snapshot_free(&machine);
}

TEST(a_port_tested_as_bound_on_an_unknown_address_is_perhaps_taken_from_bind)
{
	struct snapshot machine = machine_new();

	port_set_add(&machine.namespaces[0].known_bind, 40050);
	assert_between(bind_room(&machine, .from = "10.0.0.1"), 99, 100);
	snapshot_free(&machine);
}

TEST(udp_sockets_take_nothing_from_tcp_bind)
{
	struct snapshot machine = machine_new();

	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 50,
	     .local = "0.0.0.0");
	assert_room(bind_room(&machine, .from = "0.0.0.0"), 100);
	snapshot_free(&machine);
}

SUITE(bind_room,
      cmocka_unit_test(a_connection_takes_a_port_from_its_own_address_and_the_wildcard),
      cmocka_unit_test(one_port_serves_one_address_over_all_destinations),
      cmocka_unit_test(time_wait_takes_its_port_from_bind_even_where_connect_may_reuse_it),
      cmocka_unit_test(the_kind_of_a_port_does_not_matter_to_bind),
      cmocka_unit_test(
	      bound_and_listening_sockets_take_their_port_from_overlapping_addresses_only),
      cmocka_unit_test(an_ipv4_wildcard_takes_its_port_from_every_ipv4_address),
      cmocka_unit_test(an_open_ipv6_wildcard_takes_its_port_from_both_families),
      cmocka_unit_test(an_ipv6_only_wildcard_takes_its_port_from_ipv6),
      cmocka_unit_test(an_ipv6_connection_open_to_ipv4_takes_its_port_from_the_ipv4_wildcard),
      cmocka_unit_test(where_openness_is_not_known_the_ipv4_wildcard_has_an_interval),
      cmocka_unit_test(mapped_owners_take_their_port_from_ipv4),
      cmocka_unit_test(what_a_listener_accepted_counts_on_its_own_address),
      cmocka_unit_test(bind_gets_no_reserved_port),
      cmocka_unit_test(bind_keeps_to_a_range_of_its_own),
      cmocka_unit_test(of_an_odd_range_bind_may_miss_one_port),
      cmocka_unit_test(where_bound_sockets_are_invisible_no_room_for_bind_is_certain),
      cmocka_unit_test(a_port_that_is_perhaps_bound_is_perhaps_taken_from_bind),
      cmocka_unit_test(
	      a_port_tested_as_bound_on_an_unknown_address_is_perhaps_taken_from_bind),
      cmocka_unit_test(udp_sockets_take_nothing_from_tcp_bind), );
