#include "diagnosis/summary.h"

#include "diagnosis/machine.h"

static struct summary summary_on(struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	struct summary summary = summary_of(&diagnosis);

	machine_end(machine, &diagnosis);
	return summary;
}

TEST(a_quiet_machine_has_all_its_room)
{
	struct snapshot machine = machine_new();
	struct summary summary = summary_on(&machine);

	assert_true(summary.connect.known && summary.unused.known && summary.udp.known);
	assert_int_equal(summary.connect.room, 100);
	assert_int_equal(summary.connect.capacity, 100);
	assert_int_equal(summary.udp.room, 100);
	assert_false(summary.bind.known);
	assert_int_equal(summary.connections, 0);
}

TEST(the_fullest_destination_counts)
{
	struct snapshot machine = machine_new();
	struct summary summary;

	hold(&machine, .count = 30, .pid = 1, .remote = "10.0.9.1:80", .kind = CONNECT_OWNED);
	hold(&machine, .count = 70, .pid = 1, .remote = "10.0.9.2:80", .kind = CONNECT_OWNED);
	hold(&machine, .first = 40070, .count = 5, .state = SOCKET_TIME_WAIT,
	     .remote = "10.0.9.3:80", .owner = OWNER_NOBODY, .kind = CONNECT_OWNED);
	summary = summary_on(&machine);
	assert_int_equal(summary.connect.room, 30);
	assert_int_equal(summary.unused.room, 100);
	assert_int_equal(summary.time_wait, 5);
	assert_int_equal(summary.connections, 105);
}

TEST(fuller_is_by_share_since_ranges_differ)
{
	struct snapshot machine = machine_new();
	uint32_t wide = machine_add_netns(&machine);
	struct summary summary;

	machine.namespaces[wide].settings.range = (struct port_range){ 40000, 40999 };
	hold(&machine, .netns = wide, .count = 900, .kind = CONNECT_OWNED, .pid = 1);
	hold(&machine, .count = 20, .kind = CONNECT_OWNED, .pid = 1);
	summary = summary_on(&machine);
	assert_int_equal(summary.connect.room, 100);
	assert_int_equal(summary.connect.capacity, 1000);
}

SUITE(summary, cmocka_unit_test(a_quiet_machine_has_all_its_room),
      cmocka_unit_test(the_fullest_destination_counts),
      cmocka_unit_test(fuller_is_by_share_since_ranges_differ));
