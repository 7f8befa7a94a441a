#include "diagnosis/machine.h"

/* What the model says of a machine that is changed in one way. */

TEST(another_range_gives_other_ports)
{
	struct snapshot machine = machine_new();
	const struct capacity_change wider = { .range = { 1024, 65535 } };
	const struct capacity_change elsewhere = { .range = { 50000, 50049 } };

	hold(&machine, .count = 100);
	hold(&machine, .first = 8080, .state = SOCKET_LISTEN);
	assert_room(room(&machine, 0), 0);
	assert_room(room(&machine, .change = wider), 64512 - 101);
	assert_room(room(&machine, .change = elsewhere), 50);
	snapshot_free(&machine);
}

TEST(reserved_ports_stay_reserved_in_another_range)
{
	struct snapshot machine = machine_new();
	struct capacity_change change = { .range = { 50000, 50049 } };

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "50000-50009"));
	assert_room(room(&machine, .change = change), 40);
	change.without_reserved = true;
	assert_room(room(&machine, .change = change), 50);
	snapshot_free(&machine);
}

TEST(without_reserved_ports_the_range_is_whole)
{
	struct snapshot machine = machine_new();
	const struct capacity_change change = { .without_reserved = true };

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40000-40049"));
	assert_room(room(&machine, 0), 50);
	assert_room(room(&machine, .change = change), 100);
	assert_room(room(&machine, .kind = CAPACITY_UDP_CONNECT, .change = change), 100);
	snapshot_free(&machine);
}

TEST(without_reserved_ports_it_does_not_matter_that_they_are_unknown)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.reserved_known = false;
	assert_false(room(&machine, 0).known);
	assert_room(room(&machine, .change = { .without_reserved = true }), 100);
	snapshot_free(&machine);
}

TEST(with_tw_reuse_even_young_time_wait_comes_back)
{
	struct snapshot machine = machine_new();
	const struct capacity_change change = { .tw_reuse = REUSE_ON };

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30, .remote = "10.0.0.1:80",
	     .age = AGE_YOUNG);
	hold(&machine, .first = 40030, .count = 30, .remote = "10.0.0.1:80");
	assert_room(room(&machine, .to = "10.0.0.1:80"), 40);
	assert_room(room(&machine, .to = "10.0.0.1:80", .change = change), 70);
	snapshot_free(&machine);
}

TEST(with_tw_reuse_nothing_is_promised_of_another_hosts_timestamps)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30);
	assert_room(room(&machine, 0), 70);
	assert_between(room(&machine, .change = { .tw_reuse = REUSE_ON }), 70, 100);
	snapshot_free(&machine);
}

TEST(with_tw_reuse_ports_that_bind_took_stay_blocked)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30, .remote = "10.0.0.1:80",
	     .kind = BIND_OWNED);
	assert_room(room(&machine, .to = "10.0.0.1:80", .change = { .tw_reuse = REUSE_ON }),
		    70);
	snapshot_free(&machine);
}

TEST(with_tw_reuse_but_without_timestamps_it_is_not_certain)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.timestamps = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30, .remote = "10.0.0.1:80");
	assert_between(room(&machine, .to = "10.0.0.1:80", .change = { .tw_reuse = REUSE_ON }),
		       70, 100);
	snapshot_free(&machine);
}

TEST(when_time_wait_is_over_its_ports_are_free)
{
	struct snapshot machine = machine_new();
	const struct capacity_change change = { .time_wait_over = true };

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 30);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40030, .count = 10,
	     .kind = BIND_OWNED);
	hold(&machine, .first = 40040, .count = 20);
	assert_room(room(&machine, 0), 40);
	assert_room(room(&machine, .change = change), 80);
	assert_room(room(&machine, .kind = CAPACITY_BIND, .change = change), 80);
	snapshot_free(&machine);
}

TEST(without_a_process_its_ports_are_free)
{
	struct snapshot machine = machine_new();
	struct capacity_change change = { .without_process = true };

	hold(&machine, .count = 30, .pid = 100);
	hold(&machine, .first = 40030, .count = 20, .pid = 200);
	hold(&machine, .first = 40050, .count = 10, .pid = 200, .state = SOCKET_BOUND);
	change.process = (uint32_t)(machine_process(&machine, 200) - machine.processes);
	assert_room(room(&machine, 0), 40);
	assert_room(room(&machine, .change = change), 70);
	assert_room(room(&machine, .kind = CAPACITY_BIND, .change = change), 70);
	snapshot_free(&machine);
}

TEST(the_first_process_is_as_good_as_any)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30, .pid = 100);
	assert_room(room(&machine, .change = { .process = 0 }), 70);
	assert_room(room(&machine, .change = { .without_process = true }), 100);
	snapshot_free(&machine);
}

TEST(without_a_process_udp_ports_come_back_too)
{
	struct snapshot machine = machine_new();

	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 30,
	     .local = "0.0.0.0", .pid = 100);
	assert_room(room(&machine, .kind = CAPACITY_UDP_CONNECT,
			 .change = { .without_process = true }),
		    100);
	snapshot_free(&machine);
}

TEST(without_its_listener_what_was_accepted_still_blocks_the_port)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_LISTEN, .first = 40050, .pid = 100);
	hold(&machine, .first = 40050, .each = 5, .remote = "10.0.7.7:51000", .pid = 200);
	assert_room(room(&machine, .change = { .without_process = true, .process = 0 }), 99);
	assert_room(room(&machine, .change = { .without_process = true, .process = 1 }), 99);
	snapshot_free(&machine);
}

/* Before Linux 6.18 a port stays bind-owned until the last of its owners is gone. */
TEST(connections_of_an_ended_process_may_rest_first)
{
	struct snapshot machine = machine_new();
	struct capacity_change change = { .without_process = true };

	hold(&machine, .count = 30, .pid = 812);
	hold(&machine, .first = 40030, .count = 10, .pid = 812, .state = SOCKET_CLOSE_WAIT);
	hold(&machine, .first = 40040, .count = 20, .pid = 812, .state = SOCKET_BOUND);
	assert_room(room(&machine, 0), 40);
	assert_room(room(&machine, .change = change), 100);
	change.connections_rest = true;
	assert_room(room(&machine, .change = change), 70);
	assert_room(room(&machine, .to = "10.0.9.2:80", .change = change), 100);
	snapshot_free(&machine);
}

TEST(a_shared_port_that_loses_an_owner_is_of_unknown_kind)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 10, .pid = 100, .remote = "10.0.9.2:80", .kind = BIND_OWNED);
	hold(&machine, .count = 10, .pid = 200, .local = "10.0.0.5", .kind = BIND_OWNED);
	assert_room(room(&machine, 0), 90);
	assert_between(room(&machine, .change = { .without_process = true, .process = 1 }), 90,
		       100);
	snapshot_free(&machine);
}

TEST(a_port_of_connections_only_stays_so_when_one_of_them_ends)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 10, .pid = 100, .remote = "10.0.9.2:80");
	hold(&machine, .count = 10, .pid = 200);
	assert_room(room(&machine, .change = { .without_process = true, .process = 1 }), 100);
	snapshot_free(&machine);
}

SUITE(changed_room, cmocka_unit_test(another_range_gives_other_ports),
      cmocka_unit_test(reserved_ports_stay_reserved_in_another_range),
      cmocka_unit_test(without_reserved_ports_the_range_is_whole),
      cmocka_unit_test(without_reserved_ports_it_does_not_matter_that_they_are_unknown),
      cmocka_unit_test(with_tw_reuse_even_young_time_wait_comes_back),
      cmocka_unit_test(with_tw_reuse_nothing_is_promised_of_another_hosts_timestamps),
      cmocka_unit_test(with_tw_reuse_ports_that_bind_took_stay_blocked),
      cmocka_unit_test(with_tw_reuse_but_without_timestamps_it_is_not_certain),
      cmocka_unit_test(when_time_wait_is_over_its_ports_are_free),
      cmocka_unit_test(without_a_process_its_ports_are_free),
      cmocka_unit_test(the_first_process_is_as_good_as_any),
      cmocka_unit_test(without_a_process_udp_ports_come_back_too),
      cmocka_unit_test(without_its_listener_what_was_accepted_still_blocks_the_port),
      cmocka_unit_test(connections_of_an_ended_process_may_rest_first),
      cmocka_unit_test(a_shared_port_that_loses_an_owner_is_of_unknown_kind),
      cmocka_unit_test(a_port_of_connections_only_stays_so_when_one_of_them_ends), );
