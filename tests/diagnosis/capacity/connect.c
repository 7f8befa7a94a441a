#include "diagnosis/machine.h"

#include <stdio.h>
#include <string.h>

TEST(a_quiet_machine_has_the_whole_range_to_every_destination)
{
	struct snapshot machine = machine_new();
	struct capacity capacity = room(&machine, 0);

	assert_room(capacity, 100);
	assert_int_equal(capacity.eligible, 100);
	assert_int_equal(capacity.free, 100);
	assert_int_equal(capacity.busy + capacity.blocked_by_bind + capacity.reserved, 0);
	assert_int_equal(capacity.uncertain + capacity.reusable, 0);
	snapshot_free(&machine);
}

TEST(a_connection_takes_a_port_from_its_own_destination_only)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 30);
	capacity = room(&machine, 0);
	assert_room(capacity, 70);
	assert_int_equal(capacity.busy, 30);
	assert_int_equal(capacity.free, 70);
	assert_room(room(&machine, .to = "10.0.9.1:5433"), 100);
	assert_room(room(&machine, .to = "10.0.9.2:5432"), 100);
	assert_room(room(&machine, .from = "10.0.0.2"), 100);
	snapshot_free(&machine);
}

TEST(a_hundred_connections_to_each_of_three_destinations_leave_all_to_a_fourth)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .remote = "10.0.9.1:1");
	hold(&machine, .count = 100, .remote = "10.0.9.1:2");
	hold(&machine, .count = 100, .remote = "10.0.9.1:3");
	assert_room(room(&machine, .to = "10.0.9.1:1"), 0);
	assert_room(room(&machine, .to = "10.0.9.1:4"), 100);
	snapshot_free(&machine);
}

TEST(every_connected_state_holds_its_port)
{
	static const enum socket_state states[] = {
		SOCKET_ESTABLISHED, SOCKET_SYN_SENT,   SOCKET_SYN_RECV, SOCKET_FIN_WAIT1,
		SOCKET_FIN_WAIT2,   SOCKET_CLOSE_WAIT, SOCKET_LAST_ACK, SOCKET_CLOSING,
	};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct snapshot machine = machine_new();

		hold(&machine, .state = states[i], .count = 10);
		assert_room(room(&machine, 0), 90);
		snapshot_free(&machine);
	}
}

TEST(a_closed_socket_holds_nothing)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_CLOSE, .count = 10);
	assert_room(room(&machine, 0), 100);
	snapshot_free(&machine);
}

TEST(a_listener_blocks_its_port_for_every_destination_whatever_its_address)
{
	static const char *const addresses[] = { "0.0.0.0", "10.0.0.1", "127.0.0.77",
						 "::", "::1" };

	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct snapshot machine = machine_new();
		struct capacity capacity;

		hold(&machine, .state = SOCKET_LISTEN, .local = addresses[i], .count = 10);
		capacity = room(&machine, 0);
		assert_room(capacity, 90);
		assert_int_equal(capacity.blocked_by_bind, 10);
		assert_room(room(&machine, .from = "::1", .to = "[::1]:80"), 90);
		snapshot_free(&machine);
	}
}

TEST(a_bound_socket_blocks_its_port_for_every_destination_whatever_its_address)
{
	static const char *const addresses[] = { "0.0.0.0", "10.0.0.1", "127.0.0.77",
						 "::", "::1" };

	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct snapshot machine = machine_new();

		hold(&machine, .state = SOCKET_BOUND, .local = addresses[i], .count = 10);
		assert_room(room(&machine, 0), 90);
		assert_room(room(&machine, .from = "::1", .to = "[::1]:80"), 90);
		snapshot_free(&machine);
	}
}

TEST(a_connection_that_bind_gave_its_port_blocks_it_for_every_destination)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 30, .kind = BIND_OWNED);
	capacity = room(&machine, .to = "10.0.9.2:80");
	assert_room(capacity, 70);
	assert_int_equal(capacity.blocked_by_bind, 30);
	/* Blocked, and not busy as well. */
	capacity = room(&machine, 0);
	assert_room(capacity, 70);
	assert_int_equal(capacity.busy, 0);
	snapshot_free(&machine);
}

TEST(one_owner_by_bind_is_enough_to_block_a_shared_port)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100);
	hold(&machine, .state = SOCKET_BOUND, .local = "127.0.0.5", .count = 40);
	assert_room(room(&machine, .to = "10.0.9.2:80"), 60);
	assert_room(room(&machine, 0), 0);
	snapshot_free(&machine);
}

TEST(what_a_listener_in_the_range_accepted_blocks_its_port_once)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_LISTEN, .first = 40050);
	hold(&machine, .first = 40050, .each = 20, .remote = "10.0.7.7:51000",
	     .kind = KIND_UNKNOWN);
	assert_room(room(&machine, .to = "10.0.7.7:51000"), 99);
	snapshot_free(&machine);
}

TEST(an_accepted_connection_whose_listener_is_gone_blocks_its_port)
{
	struct snapshot machine = machine_new();

	hold(&machine, .first = 40050, .remote = "10.0.7.7:51000", .kind = BIND_OWNED);
	assert_room(room(&machine, 0), 99);
	snapshot_free(&machine);
}

TEST(udp_has_no_influence_on_tcp)
{
	struct snapshot machine = machine_new();

	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 100,
	     .local = "0.0.0.0");
	assert_room(room(&machine, 0), 100);
	snapshot_free(&machine);
}

TEST(ports_outside_the_range_do_not_count)
{
	struct snapshot machine = machine_new();

	hold(&machine, .first = 39990, .count = 11);
	hold(&machine, .first = 40099, .count = 11);
	hold(&machine, .first = 80, .state = SOCKET_LISTEN);
	assert_room(room(&machine, 0), 98);
	snapshot_free(&machine);
}

TEST(reserved_ports_are_not_given_out)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	assert_true(
		port_set_parse(&machine.namespaces[0].settings.reserved, "8080,40010-40029"));
	capacity = room(&machine, 0);
	assert_room(capacity, 80);
	assert_int_equal(capacity.eligible, 80);
	assert_int_equal(capacity.reserved, 20);
	snapshot_free(&machine);
}

TEST(a_reserved_port_in_use_is_not_counted_twice)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40000-40009"));
	hold(&machine, .count = 5);
	hold(&machine, .first = 40005, .count = 5, .state = SOCKET_LISTEN);
	hold(&machine, .first = 40010, .count = 5);
	capacity = room(&machine, 0);
	assert_room(capacity, 85);
	assert_int_equal(capacity.busy, 5);
	assert_int_equal(capacity.blocked_by_bind, 0);
	snapshot_free(&machine);
}

TEST(mapped_and_plain_ipv4_connections_share_their_ports)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 12, .local = "::ffff:10.0.0.1",
	     .remote = "[::ffff:10.0.9.1]:5432");
	assert_room(room(&machine, 0), 88);
	assert_room(room(&machine, .from = "::ffff:10.0.0.1", .to = "[::ffff:10.0.9.1]:5432"),
		    88);
	snapshot_free(&machine);
}

TEST(ipv6_connections_take_nothing_from_ipv4)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 40, .local = "::1", .remote = "[::1]:9000");
	assert_room(room(&machine, .from = "127.0.0.1", .to = "127.0.0.1:9000"), 100);
	assert_room(room(&machine, .from = "::1", .to = "[::1]:9000"), 60);
	snapshot_free(&machine);
}

TEST(another_namespace_takes_nothing)
{
	struct snapshot machine = machine_new();
	uint32_t second = machine_add_netns(&machine);

	hold(&machine, .count = 30);
	hold(&machine, .netns = second, .count = 50);
	hold(&machine, .netns = second, .state = SOCKET_BOUND, .first = 40090, .count = 10);
	assert_room(room(&machine, 0), 70);
	assert_room(room(&machine, .netns = second), 40);
	snapshot_free(&machine);
}

TEST(a_socket_with_a_range_of_its_own_has_only_that)
{
	struct snapshot machine = machine_new();
	const struct port_range own = { 40010, 40035 };
	struct capacity capacity;

	hold(&machine, .first = 40008, .count = 7);
	hold(&machine, .first = 40033, .count = 20, .state = SOCKET_BOUND);
	capacity = room(&machine, .own = own);
	assert_room(capacity, 18); /* of 26, 5 busy and 3 bound */
	assert_int_equal(capacity.eligible, 26);
	assert_int_equal(capacity.busy, 5);
	assert_int_equal(capacity.blocked_by_bind, 3);
	snapshot_free(&machine);
}

TEST(reserved_ports_count_within_a_range_of_its_own)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40005-40014"));
	capacity = room(&machine, .own = { 40010, 40019 });
	assert_room(capacity, 5);
	assert_int_equal(capacity.reserved, 5);
	snapshot_free(&machine);
}

TEST(a_range_of_its_own_outside_the_usual_one_is_ignored)
{
	struct snapshot machine = machine_new();

	assert_room(room(&machine, .own = { 30000, 30009 }), 100);
	assert_room(room(&machine, .own = { 40090, 0 }), 10);
	assert_room(room(&machine, .own = { 0, 40009 }), 10);
	assert_room(room(&machine, .own = { 40090, 50000 }), 10);
	snapshot_free(&machine);
}

/* ---- ranges with an odd number of ports ---- */

static struct snapshot odd_machine(void)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40098;
	return machine;
}

TEST(of_an_odd_range_one_port_may_be_missed)
{
	struct snapshot machine = odd_machine();
	struct capacity capacity = room(&machine, 0);

	assert_between(capacity, 98, 99);
	assert_non_null(strstr(capacity.why_not_exact, "odd"));
	snapshot_free(&machine);
}

TEST(an_odd_range_whose_ends_are_taken_is_exact)
{
	struct snapshot machine = odd_machine();

	hold(&machine, .first = 40000);
	hold(&machine, .first = 40098);
	assert_room(room(&machine, 0), 97);
	/* To another destination they are not taken. */
	assert_between(room(&machine, .to = "10.0.9.2:80"), 98, 99);
	snapshot_free(&machine);
}

TEST(an_odd_range_whose_ends_are_bound_or_reserved_is_exact)
{
	struct snapshot machine = odd_machine();

	hold(&machine, .first = 40000, .state = SOCKET_BOUND);
	port_set_add(&machine.namespaces[0].settings.reserved, 40098);
	assert_room(room(&machine, 0), 97);
	snapshot_free(&machine);
}

TEST(one_free_end_of_an_odd_range_may_still_be_missed)
{
	struct snapshot machine = odd_machine();

	hold(&machine, .first = 40000);
	assert_between(room(&machine, 0), 97, 98);
	snapshot_free(&machine);
}

TEST(a_full_odd_range_is_exact)
{
	struct snapshot machine = odd_machine();

	hold(&machine, .count = 99);
	assert_room(room(&machine, 0), 0);
	snapshot_free(&machine);
}

TEST(a_range_of_one_port_is_exact_and_one_of_three_is_not)
{
	struct snapshot machine = machine_new();
	struct port_range *range = &machine.namespaces[0].settings.range;

	range->last = range->first;
	assert_room(room(&machine, 0), 1);
	range->last = range->first + 1;
	assert_room(room(&machine, 0), 2);
	range->last = range->first + 2;
	assert_between(room(&machine, 0), 2, 3);
	snapshot_free(&machine);
}

TEST(an_odd_range_of_its_own_is_used_whole_since_linux_6_8)
{
	struct snapshot machine = machine_new();

	assert_room(room(&machine, .own = { 40010, 40018 }), 9);
	machine.namespaces[0].bound_dumped = false;
	assert_between(room(&machine, .own = { 40010, 40018 }), 8, 9);
	assert_room(room(&machine, .own = { 40010, 40019 }), 10);
	snapshot_free(&machine);
}

TEST(the_largest_range_is_counted_whole)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 1, 65535 };
	hold(&machine, .first = 1, .count = 1000);
	hold(&machine, .first = 64536, .count = 1000);
	assert_room(room(&machine, 0), 63535);
	snapshot_free(&machine);
}

/* ---- many destinations at once ---- */

TEST(one_map_answers_about_many_destinations)
{
	struct snapshot machine = machine_new();
	struct capacity_query query = { .kind = CAPACITY_CONNECT };
	struct port_map *map;
	char endpoint[32];

	for (unsigned i = 1; i <= 50; i++) {
		snprintf(endpoint, sizeof endpoint, "10.0.9.1:%u", i);
		hold(&machine, .remote = endpoint, .count = i, .first = (uint16_t)(40000 + i));
	}
	assert_true(address_parse("10.0.0.1", &query.source));
	assert_true(address_parse("10.0.9.1", &query.destination));
	map = port_map_new(&machine, 0, NULL);
	for (uint16_t i = 50; i; i--) {
		query.port = i;
		assert_room(capacity_of(map, &query), 100U - i);
	}
	port_map_free(map);
	snapshot_free(&machine);
}

TEST(ports_of_a_set_are_selected_where_eligible)
{
	struct snapshot machine = machine_new();
	struct holding holding = { 0 };
	struct port_set eligible = { 0 }, bind_owned = { 0 };
	struct port_map *map;

	port_set_add(&machine.namespaces[0].settings.reserved, 40000);
	hold(&machine, .count = 5, .state = SOCKET_BOUND);
	hold(&machine, .count = 5, .first = 40005);
	hold(&machine, .count = 5, .first = 40010, .kind = BIND_OWNED);
	hold(&machine, .count = 5, .first = 50000, .state = SOCKET_LISTEN);
	assert_true(port_set_parse(&holding.ports, "40000-40012,50000-50009"));
	map = port_map_new(&machine, 0, NULL);
	port_map_select(map, &holding, false, &eligible);
	port_map_select(map, &holding, true, &bind_owned);
	assert_int_equal(eligible.count, 12);
	assert_int_equal(bind_owned.count, 4 + 3);
	assert_false(port_set_has(&bind_owned, 40005));
	port_map_free(map);
	port_set_free(&holding.ports);
	port_set_free(&eligible);
	port_set_free(&bind_owned);
	snapshot_free(&machine);
}

TEST(every_kind_of_room_has_a_name)
{
	assert_string_equal(capacity_kind_name(CAPACITY_CONNECT), "connect");
	assert_string_equal(capacity_kind_name(CAPACITY_BIND), "bind");
	assert_string_equal(capacity_kind_name(CAPACITY_UDP_CONNECT), "udp_connect");
	assert_string_equal(capacity_kind_name(CAPACITY_UDP_BIND), "udp_bind");
}

SUITE(connect_room, cmocka_unit_test(a_quiet_machine_has_the_whole_range_to_every_destination),
      cmocka_unit_test(a_connection_takes_a_port_from_its_own_destination_only),
      cmocka_unit_test(
	      a_hundred_connections_to_each_of_three_destinations_leave_all_to_a_fourth),
      cmocka_unit_test(every_connected_state_holds_its_port),
      cmocka_unit_test(a_closed_socket_holds_nothing),
      cmocka_unit_test(a_listener_blocks_its_port_for_every_destination_whatever_its_address),
      cmocka_unit_test(
	      a_bound_socket_blocks_its_port_for_every_destination_whatever_its_address),
      cmocka_unit_test(a_connection_that_bind_gave_its_port_blocks_it_for_every_destination),
      cmocka_unit_test(one_owner_by_bind_is_enough_to_block_a_shared_port),
      cmocka_unit_test(what_a_listener_in_the_range_accepted_blocks_its_port_once),
      cmocka_unit_test(an_accepted_connection_whose_listener_is_gone_blocks_its_port),
      cmocka_unit_test(udp_has_no_influence_on_tcp),
      cmocka_unit_test(ports_outside_the_range_do_not_count),
      cmocka_unit_test(reserved_ports_are_not_given_out),
      cmocka_unit_test(a_reserved_port_in_use_is_not_counted_twice),
      cmocka_unit_test(mapped_and_plain_ipv4_connections_share_their_ports),
      cmocka_unit_test(ipv6_connections_take_nothing_from_ipv4),
      cmocka_unit_test(another_namespace_takes_nothing),
      cmocka_unit_test(a_socket_with_a_range_of_its_own_has_only_that),
      cmocka_unit_test(reserved_ports_count_within_a_range_of_its_own),
      cmocka_unit_test(a_range_of_its_own_outside_the_usual_one_is_ignored),
      cmocka_unit_test(of_an_odd_range_one_port_may_be_missed),
      cmocka_unit_test(an_odd_range_whose_ends_are_taken_is_exact),
      cmocka_unit_test(an_odd_range_whose_ends_are_bound_or_reserved_is_exact),
      cmocka_unit_test(one_free_end_of_an_odd_range_may_still_be_missed),
      cmocka_unit_test(a_full_odd_range_is_exact),
      cmocka_unit_test(a_range_of_one_port_is_exact_and_one_of_three_is_not),
      cmocka_unit_test(an_odd_range_of_its_own_is_used_whole_since_linux_6_8),
      cmocka_unit_test(the_largest_range_is_counted_whole),
      cmocka_unit_test(one_map_answers_about_many_destinations),
      cmocka_unit_test(ports_of_a_set_are_selected_where_eligible),
      cmocka_unit_test(every_kind_of_room_has_a_name), );
