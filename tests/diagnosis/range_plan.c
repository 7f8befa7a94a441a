#include "diagnosis/range_plan.h"

#include "base/arena.h"
#include "diagnosis/machine.h"

#include <string.h>

/* The machine has the ports 40000 to 40099. */

static int plan(struct snapshot *machine, struct range_plan *made, struct range_wish wish,
		struct error *error)
{
	struct diagnosis diagnosis;
	int result;

	diagnosis_make(&diagnosis, machine, &default_policy);
	result = range_plan_make(made, &diagnosis, &wish, error);
	/* Its destinations go with the diagnosis; the tests look at figures. */
	diagnosis_free(&diagnosis);
	return result;
}

#define wish(...) ((struct range_wish){ __VA_ARGS__ })

static void assert_refused(struct range_wish wanted, const char *because)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	assert_int_equal(plan(&machine, &made, wanted, &error), -1);
	if (!strstr(error.text, because))
		fail_msg("'%s' does not say '%s'", error.text, because);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(the_limits_of_a_range)
{
	assert_refused(wish(.first = 1023, .last = 65534, .force = true), "never");
	assert_refused(wish(.first = 1024, .last = 65535), "--force");
	assert_refused(wish(.first = 40000, .last = 65536), "end at 65535");
	assert_refused(wish(.first = 40000, .last = 39999), "before the first");
	assert_refused(wish(.first = 40000, .last = 40253), "at least 255");
	assert_refused(wish(.first = 40000, .last = 50000), "end it at 50001");
	assert_refused(wish(.first = 40001, .last = 65535), "end it at 65534");
	assert_refused(wish(.first = 40001, .last = 40255), "end it at 40256");
	assert_refused(wish(.first = 70000, .last = 80000), "first port 70000: ports end");
}

TEST(the_smallest_range_that_is_taken)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	assert_int_equal(plan(&machine, &made, wish(.first = 40000, .last = 40255), &error),
			 0);
	assert_int_equal(made.usable_before, 100);
	assert_int_equal(made.usable_after, 256);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(a_range_below_the_unprivileged_start_is_refused)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.namespaces[0].settings.unprivileged_start = 3000;
	assert_int_equal(plan(&machine, &made, wish(.first = 2998, .last = 65533), &error),
			 -1);
	assert_non_null(strstr(error.text, "ip_unprivileged_port_start, which is 3000"));
	range_plan_free(&made);
	assert_int_equal(plan(&machine, &made, wish(.first = 3000, .last = 65535), &error), 0);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(fewer_usable_ports_need_a_word)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;
	struct range_wish narrow = { .first = 10000, .last = 10999 };

	machine.namespaces[0].settings.range = (struct port_range){ 49152, 65535 };
	assert_int_equal(plan(&machine, &made, narrow, &error), -1);
	assert_non_null(strstr(error.text, "1,000 usable ports of the 16,384"));
	range_plan_free(&made);
	narrow.shrink = true;
	assert_int_equal(plan(&machine, &made, narrow, &error), 0);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(reserved_ports_are_not_usable)
{
	struct snapshot machine = machine_new();
	struct netns_settings *settings = &machine.namespaces[0].settings;
	struct range_plan made;
	struct error error;

	settings->reserved_known = true;
	for (unsigned port = 41000; port < 41200; port++)
		port_set_add(&settings->reserved, (uint16_t)port);
	/* 300 ports, of which 200 are reserved: as many as now. */
	assert_int_equal(plan(&machine, &made, wish(.first = 40990, .last = 41289), &error),
			 0);
	assert_int_equal(made.usable_after, 100);
	range_plan_free(&made);
	assert_int_equal(plan(&machine, &made, wish(.first = 40990, .last = 41287), &error),
			 -1);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(services_are_reserved_or_the_range_is_refused)
{
	struct snapshot machine = machine_new();
	struct range_wish wider = { .first = 8000, .last = 40099 };
	struct range_plan made;
	struct error error;

	machine.namespaces[0].settings.reserved_known = true;
	hold(&machine, .state = SOCKET_LISTEN, .first = 8080, .pid = 1);
	hold(&machine, .state = SOCKET_BOUND, .first = 8090, .pid = 1);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .first = 9000,
	     .pid = 1);
	hold(&machine, .state = SOCKET_LISTEN, .first = 40005, .pid = 1); /* in it already */
	hold(&machine, .state = SOCKET_LISTEN, .first = 7000, .pid = 1);  /* stays outside */
	hold(&machine, .first = 8099, .pid = 1);			  /* a connection */
	assert_int_equal(plan(&machine, &made, wider, &error), -1);
	assert_non_null(strstr(error.text, "8080,8090,9000"));
	range_plan_free(&made);
	wider.reserve = true;
	assert_int_equal(plan(&machine, &made, wider, &error), 0);
	assert_int_equal(made.reserved_after.count, 3);
	assert_true(port_set_has(&made.reserved_after, 9000));
	assert_int_equal(made.usable_after, 32100 - 3);
	range_plan_free(&made);
	port_set_add(&machine.namespaces[0].settings.reserved, 8080);
	port_set_add(&machine.namespaces[0].settings.reserved, 8090);
	port_set_add(&machine.namespaces[0].settings.reserved, 9000);
	wider.reserve = false;
	assert_int_equal(plan(&machine, &made, wider, &error), 0);
	assert_false(made.changes_reserved);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(unknown_reserved_ports_cannot_be_added_to)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.namespaces[0].settings.reserved_known = false;
	hold(&machine, .state = SOCKET_LISTEN, .first = 8080, .pid = 1);
	assert_int_equal(plan(&machine, &made,
			      wish(.first = 8000, .last = 40099, .reserve = true), &error),
			 -1);
	assert_non_null(strstr(error.text, "could not be read"));
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(sockets_that_were_not_read_need_a_word)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.namespaces[0].udp_read = false;
	assert_int_equal(plan(&machine, &made, wish(.first = 8000, .last = 40099), &error),
			 -1);
	assert_non_null(strstr(error.text, "--force goes on"));
	range_plan_free(&made);
	assert_int_equal(plan(&machine, &made,
			      wish(.first = 8000, .last = 40099, .force = true), &error),
			 0);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(an_unknown_range_has_no_way_back)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	assert_int_equal(plan(&machine, &made, wish(.first = 8000, .last = 40099), &error),
			 -1);
	assert_non_null(strstr(error.text, "no way back"));
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(the_room_of_the_fullest_destinations_is_modelled)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	assert_int_equal(plan(&machine, &made, wish(.first = 40000, .last = 40299), &error),
			 0);
	assert_int_equal(made.room_count, 1);
	assert_int_equal(made.rooms[0].before.room_max, 0);
	assert_int_equal(made.rooms[0].after.room_min, 200);
	assert_int_equal(made.anywhere_before.room_min, 100);
	assert_int_equal(made.anywhere_after.room_min, 300);
	assert_int_equal(made.left_outside, 0);
	range_plan_free(&made);
	assert_int_equal(plan(&machine, &made, wish(.first = 40050, .last = 40549), &error),
			 0);
	assert_int_equal(made.left_outside, 50);
	assert_int_equal(made.rooms[0].after.room_min, 450);
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(what_is_enabled_counts_as_a_service_where_it_will_listen)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;
	struct boot_socket *sockets = memory_zeroed(2, sizeof *sockets);

	sockets[0] = (struct boot_socket){ "app.socket", PROTOCOL_TCP, 9000 };
	sockets[1] = (struct boot_socket){ "far.socket", PROTOCOL_TCP, 7000 };
	machine.boot_sockets = sockets;
	machine.boot_socket_count = 2;
	assert_int_equal(plan(&machine, &made, wish(.first = 8000, .last = 40099), &error), 0);
	range_plan_free(&made);
	machine.namespaces[0].of_init = true;
	assert_int_equal(plan(&machine, &made, wish(.first = 8000, .last = 40099), &error),
			 -1);
	assert_non_null(strstr(error.text, "(9000)"));
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(node_ports_count_where_kubernetes_runs)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.namespaces[0].settings.reserved_known = true;
	hold(&machine, .state = SOCKET_LISTEN, .first = 7000, .pid = 5);
	assert_int_equal(plan(&machine, &made, wish(.first = 32000, .last = 40099), &error),
			 0);
	range_plan_free(&made);
	machine_process(&machine, 5)->name = "kubelet";
	assert_int_equal(plan(&machine, &made,
			      wish(.first = 32000, .last = 40099, .reserve = true), &error),
			 0);
	assert_int_equal(made.services.count, 768);
	assert_true(port_set_has(&made.services, 32767));
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(rules_for_the_old_range_are_named)
{
	struct snapshot machine = machine_new();
	static const struct port_rule rules[] = {
		{ 0, "the very range", { 40000, 40099 } },
		{ 0, "from below to its end", { 30000, 40099 } },
		{ 0, "from its beginning", { 40000, 65535 } },
		{ 0, "something else", { 5000, 6000 } },
		{ 0, "all of both", { 1024, 65535 } },
		{ 1, "elsewhere", { 40000, 40099 } },
	};
	struct range_plan made;
	struct error error;

	machine_add_netns(&machine);
	machine.port_rules = memory_zeroed(6, sizeof rules[0]);
	memcpy(machine.port_rules, rules, sizeof rules);
	machine.port_rule_count = 6;
	assert_int_equal(plan(&machine, &made, wish(.first = 20000, .last = 65535), &error),
			 0);
	assert_int_equal(made.rule_count, 3);
	assert_string_equal(made.rules[0]->where, "the very range");
	assert_string_equal(made.rules[2]->where, "from its beginning");
	range_plan_free(&made);
	snapshot_free(&machine);
}

TEST(a_mirrored_wsl_is_left_to_windows)
{
	struct snapshot machine = machine_new();
	struct range_plan made;
	struct error error;

	machine.wsl_mirrored = true;
	assert_int_equal(plan(&machine, &made, wish(.first = 10000, .last = 65535), &error),
			 -1);
	assert_non_null(strstr(error.text, "start=10000 num=55536"));
	range_plan_free(&made);
	snapshot_free(&machine);
}

SUITE(range_plan, cmocka_unit_test(the_limits_of_a_range),
      cmocka_unit_test(the_smallest_range_that_is_taken),
      cmocka_unit_test(a_range_below_the_unprivileged_start_is_refused),
      cmocka_unit_test(fewer_usable_ports_need_a_word),
      cmocka_unit_test(reserved_ports_are_not_usable),
      cmocka_unit_test(services_are_reserved_or_the_range_is_refused),
      cmocka_unit_test(unknown_reserved_ports_cannot_be_added_to),
      cmocka_unit_test(sockets_that_were_not_read_need_a_word),
      cmocka_unit_test(an_unknown_range_has_no_way_back),
      cmocka_unit_test(the_room_of_the_fullest_destinations_is_modelled),
      cmocka_unit_test(what_is_enabled_counts_as_a_service_where_it_will_listen),
      cmocka_unit_test(node_ports_count_where_kubernetes_runs),
      cmocka_unit_test(rules_for_the_old_range_are_named),
      cmocka_unit_test(a_mirrored_wsl_is_left_to_windows));
