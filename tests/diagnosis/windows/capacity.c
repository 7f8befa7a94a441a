#include "diagnosis/machine.h"

/*
 * The capacity model by the rules of Windows: four ranges, ports held per protocol and family, connect() as an interval.
 */
#define assert_exactly(capacity, number) assert_interval((capacity), (number), (number), true)

static void assert_interval(struct capacity capacity, unsigned least, unsigned most,
			    bool exact)
{
	assert_that(capacity.known && capacity.room_min == least &&
			    capacity.room_max == most && capacity.exact == exact &&
			    !capacity.why_not_exact == exact,
		    "known %d, %u to %u, exact %d because '%s', not %u to %u", capacity.known,
		    capacity.room_min, capacity.room_max, capacity.exact,
		    capacity.why_not_exact ? capacity.why_not_exact : "", least, most);
}

TEST(a_quiet_machine_has_its_whole_range)
{
	struct snapshot machine = machine_windows();

	assert_exactly(room(&machine, .kind = CAPACITY_CONNECT), 100);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND), 100);
	assert_exactly(room(&machine, .kind = CAPACITY_UDP_CONNECT), 100);
	snapshot_free(&machine);
}

TEST(excluded_ports_are_taken_out_of_their_own_range_only)
{
	struct snapshot machine = machine_windows();
	struct windows_range *tcp =
		windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4);

	assert_true(port_set_parse(&tcp->excluded, "49990-50009,60000"));
	assert_exactly(room(&machine, .kind = CAPACITY_BIND), 90);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND, .from = "fe80::1"), 100);
	assert_exactly(room(&machine, .kind = CAPACITY_UDP_BIND), 100);
	snapshot_free(&machine);
}

TEST(a_port_is_held_per_protocol_and_family)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .state = SOCKET_BOUND, .count = 10, .pid = 1);
	hold(&machine, .state = SOCKET_BOUND, .count = 20, .pid = 1,
	     .local = "::", .ipv6_only = IPV6_ONLY_YES);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 30,
	     .local = "0.0.0.0", .pid = 1);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND), 90);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND, .from = "::"), 80);
	assert_exactly(room(&machine, .kind = CAPACITY_UDP_BIND), 70);
	assert_exactly(room(&machine, .kind = CAPACITY_UDP_BIND, .from = "::"), 100);
	snapshot_free(&machine);
}

TEST(a_connection_elsewhere_may_share_its_port)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .count = 40, .pid = 1, .remote = "10.0.9.9:443");
	hold(&machine, .count = 10, .first = 50040, .pid = 1);
	hold(&machine, .count = 5, .first = 50050, .state = SOCKET_TIME_WAIT);
	assert_interval(room(&machine, .kind = CAPACITY_CONNECT), 45, 85, false);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND), 45);
	snapshot_free(&machine);
}

TEST(what_is_bound_or_listened_on_serves_no_connect)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .count = 30, .pid = 1, .state = SOCKET_BOUND);
	hold(&machine, .count = 20, .first = 50030, .pid = 1, .state = SOCKET_LISTEN,
	     .local = "0.0.0.0");
	assert_exactly(room(&machine, .kind = CAPACITY_CONNECT), 50);
	snapshot_free(&machine);
}

TEST(before_windows_10_no_port_is_shared_and_not_all_are_listed)
{
	struct snapshot machine = machine_windows();

	machine.windows->build = 9600;
	hold(&machine, .count = 40, .pid = 1, .remote = "10.0.9.9:443");
	assert_interval(room(&machine, .kind = CAPACITY_CONNECT), 0, 60, false);
	snapshot_free(&machine);
}

TEST(without_bound_ports_in_the_listing_nothing_is_certain)
{
	struct snapshot machine = machine_windows();

	machine.windows->bound_listed = false;
	hold(&machine, .count = 40, .pid = 1);
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 0, 60, false);
	/* UDP has no such sockets. */
	assert_exactly(room(&machine, .kind = CAPACITY_UDP_BIND), 100);
	snapshot_free(&machine);
}

TEST(bound_ports_that_were_counted_at_least_are_no_more)
{
	struct snapshot machine = machine_windows();
	struct counted_share share = { .process = -1, .state = SOCKET_BOUND, .sockets = 15 };

	machine.windows->bound_listed = false;
	array_reserve(machine.evidence.counted, machine.evidence.counted_count,
		      machine.evidence.counted_capacity);
	machine.evidence.counted[machine.evidence.counted_count++] = share;
	hold(&machine, .count = 40, .pid = 1);
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 45, 60, false);
	snapshot_free(&machine);
}

TEST(an_assumed_range_is_said_to_be_one)
{
	struct snapshot machine = machine_windows();

	windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4)->assumed = true;
	hold(&machine, .count = 40, .pid = 1);
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 60, 60, false);
	/* Connections beside it tell that it is another. */
	hold(&machine, .count = 10, .first = 30000, .pid = 1);
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 0, 60, false);
	snapshot_free(&machine);
}

TEST(before_windows_10_a_file_may_lack_sockets_and_the_machine_itself_does_not)
{
	struct snapshot machine = machine_windows();

	machine.windows->build = 7601;
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 0, 100, false);
	machine.evidence.own = true;
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 100, 100, true);
	snapshot_free(&machine);
}

TEST(a_cut_listing_shows_no_room)
{
	struct snapshot machine = machine_windows();

	machine.windows->listing_cut = true;
	assert_interval(room(&machine, .kind = CAPACITY_BIND), 0, 100, false);
	assert_interval(room(&machine, .kind = CAPACITY_UDP_BIND), 0, 100, false);
	snapshot_free(&machine);
}

TEST(changes_are_made_to_the_model)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .count = 40, .pid = 1);
	hold(&machine, .count = 20, .first = 50040, .state = SOCKET_TIME_WAIT);
	assert_exactly(
		room(&machine, .kind = CAPACITY_BIND, .change = { .range = { 40000, 50099 } }),
		10100 - 60);
	assert_exactly(room(&machine, .kind = CAPACITY_BIND,
			    .change = { .without_process = true, .process = 0 }),
		       80);
	assert_exactly(
		room(&machine, .kind = CAPACITY_BIND, .change = { .time_wait_over = true }),
		60);
	snapshot_free(&machine);
}

TEST(without_a_listing_nothing_is_known)
{
	struct snapshot machine = machine_windows();

	machine.namespaces[0].tcp_read = false;
	assert_false(room(&machine, .kind = CAPACITY_CONNECT).known);
	assert_true(room(&machine, .kind = CAPACITY_UDP_BIND).known);
	snapshot_free(&machine);
}

SUITE(windows_capacity, cmocka_unit_test(a_quiet_machine_has_its_whole_range),
      cmocka_unit_test(excluded_ports_are_taken_out_of_their_own_range_only),
      cmocka_unit_test(a_port_is_held_per_protocol_and_family),
      cmocka_unit_test(a_connection_elsewhere_may_share_its_port),
      cmocka_unit_test(what_is_bound_or_listened_on_serves_no_connect),
      cmocka_unit_test(before_windows_10_no_port_is_shared_and_not_all_are_listed),
      cmocka_unit_test(without_bound_ports_in_the_listing_nothing_is_certain),
      cmocka_unit_test(bound_ports_that_were_counted_at_least_are_no_more),
      cmocka_unit_test(an_assumed_range_is_said_to_be_one),
      cmocka_unit_test(
	      before_windows_10_a_file_may_lack_sockets_and_the_machine_itself_does_not),
      cmocka_unit_test(a_cut_listing_shows_no_room),
      cmocka_unit_test(changes_are_made_to_the_model),
      cmocka_unit_test(without_a_listing_nothing_is_known));
