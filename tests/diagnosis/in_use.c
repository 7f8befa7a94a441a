#include "diagnosis/in_use.h"

#include "diagnosis/machine.h"

static struct in_use counted(const struct snapshot *machine)
{
	struct in_use in_use;

	in_use_count(&in_use, machine, 0);
	return in_use;
}

TEST(ports_are_counted_once_and_within_their_range)
{
	struct snapshot machine = machine_windows();
	struct in_use in_use;

	hold(&machine, .count = 30, .pid = 812);
	hold(&machine, .count = 10, .remote = "10.0.9.9:443", .pid = 812);
	hold(&machine, .count = 5, .first = 40000, .pid = 812);
	hold(&machine, .count = 20, .first = 50050, .state = SOCKET_TIME_WAIT);
	in_use = counted(&machine);
	assert_int_equal(in_use.pools[0].used, 50);
	assert_int_equal(in_use.pools[0].size, 100);
	assert_int_equal(in_use.pools[1].used, 0);
	assert_int_equal(in_use.process_count, 1);
	assert_int_equal(in_use.processes[0].ports, 35);
	assert_int_equal(in_use.processes[0].established, 45);
	snapshot_free(&machine);
}

TEST(what_listens_and_what_it_serves_is_not_counted)
{
	struct snapshot machine = machine_windows();
	struct in_use in_use;

	hold(&machine, .state = SOCKET_LISTEN, .first = 50007, .count = 1, .local = "0.0.0.0",
	     .pid = 812);
	hold(&machine, .first = 50007, .count = 1, .each = 40, .pid = 812);
	hold(&machine, .first = 50020, .count = 3, .state = SOCKET_BOUND, .pid = 900);
	in_use = counted(&machine);
	assert_int_equal(in_use.pools[0].used, 3);
	assert_int_equal(in_use.process_count, 1);
	assert_int_equal(machine.processes[in_use.processes[0].process].pid, 900);
	assert_int_equal(in_use.processes[0].bound, 3);
	snapshot_free(&machine);
}

TEST(what_is_excluded_is_no_part_of_the_range)
{
	struct snapshot machine = machine_windows();
	struct in_use in_use;

	assert_true(port_set_parse(
		&windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4)->excluded,
		"50000-50009,60000"));
	hold(&machine, .count = 15, .pid = 812);
	in_use = counted(&machine);
	assert_int_equal(in_use.pools[0].size, 90);
	assert_int_equal(in_use.pools[0].used, 5);
	snapshot_free(&machine);
}

TEST(what_was_not_read_is_not_zero)
{
	struct snapshot machine = machine_windows();

	machine.namespaces[0].udp_read = false;
	assert_int_equal(counted(&machine).pools[0].used, 0);
	assert_int_equal(counted(&machine).pools[2].used, -1);
	snapshot_free(&machine);
}

TEST(those_with_most_ports_come_first_and_the_rest_is_left_out)
{
	struct snapshot machine = machine_windows();
	struct in_use in_use;

	for (int i = 0; i < 10; i++)
		hold(&machine, .first = (uint16_t)(50000 + 9 * i), .count = (unsigned)i + 1,
		     .pid = 100 + i);
	in_use = counted(&machine);
	assert_int_equal(in_use.process_count, IN_USE_PROCESSES);
	assert_int_equal(in_use.processes[0].ports, 10);
	assert_int_equal(in_use.processes[IN_USE_PROCESSES - 1].ports, 3);
	snapshot_free(&machine);
}

SUITE(in_use, cmocka_unit_test(ports_are_counted_once_and_within_their_range),
      cmocka_unit_test(what_listens_and_what_it_serves_is_not_counted),
      cmocka_unit_test(what_is_excluded_is_no_part_of_the_range),
      cmocka_unit_test(what_was_not_read_is_not_zero),
      cmocka_unit_test(those_with_most_ports_come_first_and_the_rest_is_left_out));
