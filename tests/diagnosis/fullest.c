#include "diagnosis/fullest.h"

#include "diagnosis/machine.h"

TEST(a_quiet_machine_has_nothing_that_is_fullest)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis = judge(&machine);

	assert_null(fullest_of(&diagnosis).capacity);
	machine_end(&machine, &diagnosis);
}

/* Also where binds took more of the ports than connections towards it did, as long as that is no trouble. */
TEST(a_destination_is_fullest_as_long_as_nothing_is_short)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct fullest fullest;

	hold(&machine, .count = 2, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .first = 40010, .count = 60, .pid = 900, .protocol = PROTOCOL_UDP,
	     .state = SOCKET_UNCONNECTED, .local = "0.0.0.0");
	diagnosis = judge(&machine);
	fullest = fullest_of(&diagnosis);
	assert_int_equal(fullest.port, 5432);
	assert_int_equal(fullest.capacity->room_min, 98);
	machine_end(&machine, &diagnosis);
}

TEST(ports_that_are_bound_only_have_no_destination)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct fullest fullest;

	hold(&machine, .count = 100, .pid = 900, .state = SOCKET_BOUND, .local = "0.0.0.0");
	diagnosis = judge(&machine);
	fullest = fullest_of(&diagnosis);
	assert_int_equal(fullest.kind, CAPACITY_CONNECT);
	assert_null(fullest.destination);
	assert_room(*fullest.capacity, 0);
	assert_true(fullest.share_count &&
		    machine.processes[fullest.shares[0].process].pid == 900);
	machine_end(&machine, &diagnosis);
}

TEST(udp_is_fullest_where_it_is_worse)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct fullest fullest;

	hold(&machine, .count = 85, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .count = 97, .pid = 901, .protocol = PROTOCOL_UDP,
	     .state = SOCKET_UNCONNECTED, .local = "0.0.0.0");
	diagnosis = judge(&machine);
	fullest = fullest_of(&diagnosis);
	assert_int_equal(fullest.kind, CAPACITY_UDP_CONNECT);
	assert_room(*fullest.capacity, 3);
	machine_end(&machine, &diagnosis);
}

/* So that a line of watch shows a leak before it is nearly too late. */
TEST(on_windows_a_pool_stands_for_ports_that_lead_nowhere)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis = judge(&machine);
	struct fullest fullest;

	assert_null(fullest_of(&diagnosis).capacity);
	diagnosis_free(&diagnosis);
	hold(&machine, .count = 30, .pid = 812, .state = SOCKET_BOUND, .local = "0.0.0.0");
	diagnosis = judge(&machine);
	fullest = fullest_of(&diagnosis);
	assert_non_null(fullest.capacity);
	assert_null(fullest.destination);
	assert_int_equal(fullest.capacity->room_min, 70);
	assert_true(fullest.share_count &&
		    machine.processes[fullest.shares[0].process].pid == 812);
	machine_end(&machine, &diagnosis);
}

SUITE(fullest, cmocka_unit_test(a_quiet_machine_has_nothing_that_is_fullest),
      cmocka_unit_test(a_destination_is_fullest_as_long_as_nothing_is_short),
      cmocka_unit_test(ports_that_are_bound_only_have_no_destination),
      cmocka_unit_test(udp_is_fullest_where_it_is_worse),
      cmocka_unit_test(on_windows_a_pool_stands_for_ports_that_lead_nowhere));
