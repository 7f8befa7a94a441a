#include "diagnosis/machine.h"

#include <string.h>

/* What is not known makes the answer an interval, and only as wide as the doubt. */

TEST(ports_of_unknown_kind_make_an_interval)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 30, .kind = KIND_UNKNOWN);
	capacity = room(&machine, .to = "10.0.9.2:80");
	assert_between(capacity, 70, 100);
	assert_int_equal(capacity.uncertain, 30);
	assert_int_equal(capacity.free, 70);
	snapshot_free(&machine);
}

TEST(ports_of_unknown_kind_in_use_towards_the_destination_are_certainly_out_of_reach)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30, .kind = KIND_UNKNOWN);
	hold(&machine, .first = 40030, .count = 20, .remote = "10.0.9.2:80",
	     .kind = KIND_UNKNOWN);
	assert_between(room(&machine, .to = "10.0.9.2:80"), 50, 80);
	assert_between(room(&machine, .to = "10.0.9.3:80"), 50, 100);
	snapshot_free(&machine);
}

TEST(one_settled_port_narrows_the_interval_by_one)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30, .kind = KIND_UNKNOWN);
	port_set_add(&machine.namespaces[0].known_bind, 40000);
	assert_between(room(&machine, .to = "10.0.9.2:80"), 70, 99);
	port_set_add(&machine.namespaces[0].known_connect, 40001);
	assert_between(room(&machine, .to = "10.0.9.2:80"), 71, 99);
	snapshot_free(&machine);
}

TEST(a_listener_or_bound_socket_settles_the_kind_of_a_shared_port)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30, .kind = KIND_UNKNOWN);
	hold(&machine, .count = 30, .state = SOCKET_BOUND, .local = "127.0.0.5");
	assert_room(room(&machine, .to = "10.0.9.2:80"), 70);
	snapshot_free(&machine);
}

TEST(the_reason_says_why_the_kind_was_not_tested)
{
	struct snapshot machine = machine_new();

	hold(&machine, .kind = KIND_UNKNOWN);
	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	assert_string_equal(room(&machine, .to = "10.0.9.2:80").why_not_exact,
			    "--passive leaves out the port test");
	snapshot_free(&machine);
}

TEST(a_port_tested_as_bound_that_nobody_was_seen_to_own_is_blocked)
{
	struct snapshot machine = machine_new();

	port_set_add(&machine.namespaces[0].known_bind, 40050);
	assert_room(room(&machine, 0), 99);
	snapshot_free(&machine);
}

TEST(a_port_tested_as_connect_owned_that_nobody_has_any_more_is_free)
{
	struct snapshot machine = machine_new();

	port_set_add(&machine.namespaces[0].known_connect, 40050);
	assert_room(room(&machine, 0), 100);
	snapshot_free(&machine);
}

TEST(a_port_that_is_perhaps_bound_makes_an_interval)
{
	struct snapshot machine = machine_new();

	port_set_add(&machine.namespaces[0].maybe_bound, 40050);
	assert_between(room(&machine, 0), 99, 100);
	/* Unless something is known of it. */
	hold(&machine, .first = 40050);
	assert_room(room(&machine, 0), 99);
	assert_room(room(&machine, .to = "10.0.9.2:80"), 100);
	snapshot_free(&machine);
}

TEST(where_bound_sockets_are_invisible_no_room_is_certain)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	hold(&machine, .count = 30);
	machine.namespaces[0].bound_seen = false;
	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	capacity = room(&machine, 0);
	assert_between(capacity, 0, 70);
	assert_non_null(strstr(capacity.why_not_exact, "bound-only"));
	snapshot_free(&machine);
}

TEST(the_kernels_count_of_sockets_bounds_what_is_invisible)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30);
	machine.namespaces[0].bound_seen = false;
	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	machine.namespaces[0].unseen_most = 10;
	assert_between(room(&machine, 0), 60, 70);
	assert_between(room(&machine, .kind = CAPACITY_BIND), 60, 70);
	machine.namespaces[0].unseen_most = 71;
	assert_between(room(&machine, 0), 0, 70);
	machine.namespaces[0].unseen_most = 0;
	assert_room(room(&machine, 0), 70);
	snapshot_free(&machine);
}

TEST(the_port_test_finds_bound_sockets_that_nobody_sees)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].bound_seen = false;
	for (uint16_t port = 40000; port < 40020; port++)
		port_set_add(&machine.namespaces[0].known_bind, port);
	assert_room(room(&machine, 0), 80);
	snapshot_free(&machine);
}

TEST(a_full_destination_is_full_whatever_is_invisible)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 100, .kind = KIND_UNKNOWN);
	machine.namespaces[0].bound_seen = false;
	machine.namespaces[0].untested_why = "no privilege";
	assert_room(room(&machine, 0), 0);
	snapshot_free(&machine);
}

TEST(without_the_range_nothing_is_known)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	for (int kind = 0; kind < CAPACITY_KIND_COUNT; kind++)
		assert_false(room(&machine, .kind = kind).known);
	snapshot_free(&machine);
}

TEST(without_the_reserved_ports_nothing_is_known)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.reserved_known = false;
	for (int kind = 0; kind < CAPACITY_KIND_COUNT; kind++)
		assert_false(room(&machine, .kind = kind).known);
	snapshot_free(&machine);
}

TEST(without_the_sockets_of_one_protocol_only_the_other_is_known)
{
	struct snapshot machine = machine_new();
	struct netns *netns = &machine.namespaces[0];

	netns->tcp_read = false;
	assert_false(room(&machine, .kind = CAPACITY_CONNECT).known);
	assert_false(room(&machine, .kind = CAPACITY_BIND).known);
	assert_room(room(&machine, .kind = CAPACITY_UDP_CONNECT), 100);
	assert_room(room(&machine, .kind = CAPACITY_UDP_BIND), 100);
	netns->tcp_read = true;
	netns->udp_read = false;
	assert_room(room(&machine, .kind = CAPACITY_CONNECT), 100);
	assert_room(room(&machine, .kind = CAPACITY_BIND), 100);
	assert_false(room(&machine, .kind = CAPACITY_UDP_CONNECT).known);
	assert_false(room(&machine, .kind = CAPACITY_UDP_BIND).known);
	snapshot_free(&machine);
}

SUITE(uncertain_room, cmocka_unit_test(ports_of_unknown_kind_make_an_interval),
      cmocka_unit_test(
	      ports_of_unknown_kind_in_use_towards_the_destination_are_certainly_out_of_reach),
      cmocka_unit_test(one_settled_port_narrows_the_interval_by_one),
      cmocka_unit_test(a_listener_or_bound_socket_settles_the_kind_of_a_shared_port),
      cmocka_unit_test(the_reason_says_why_the_kind_was_not_tested),
      cmocka_unit_test(a_port_tested_as_bound_that_nobody_was_seen_to_own_is_blocked),
      cmocka_unit_test(a_port_tested_as_connect_owned_that_nobody_has_any_more_is_free),
      cmocka_unit_test(a_port_that_is_perhaps_bound_makes_an_interval),
      cmocka_unit_test(where_bound_sockets_are_invisible_no_room_is_certain),
      cmocka_unit_test(the_kernels_count_of_sockets_bounds_what_is_invisible),
      cmocka_unit_test(the_port_test_finds_bound_sockets_that_nobody_sees),
      cmocka_unit_test(a_full_destination_is_full_whatever_is_invisible),
      cmocka_unit_test(without_the_range_nothing_is_known),
      cmocka_unit_test(without_the_reserved_ports_nothing_is_known),
      cmocka_unit_test(without_the_sockets_of_one_protocol_only_the_other_is_known), );
