#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "bound_only_leak";

static enum severity with_bound(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_BOUND, .count = count, .local = "127.0.0.1",
	     .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_few_bound_sockets_are_no_leak)
{
	assert_int_equal(with_bound(19), SEVERITY_OK);
}

TEST(a_fifth_of_the_range_bound_and_idle_is_a_leak_however_much_is_left)
{
	assert_int_equal(with_bound(20), SEVERITY_WARNING);
	assert_int_equal(with_bound(79), SEVERITY_WARNING);
	assert_int_equal(with_bound(94), SEVERITY_WARNING);
}

TEST(bound_sockets_that_leave_a_twentieth_are_critical)
{
	assert_int_equal(with_bound(95), SEVERITY_CRITICAL);
	assert_int_equal(with_bound(100), SEVERITY_CRITICAL);
}

TEST(in_a_small_range_fewer_than_ten_bound_are_no_leak)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40039;
	hold(&machine, .state = SOCKET_BOUND, .count = 9, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_BOUND, .first = 40009, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(in_a_large_range_less_than_a_fifth_bound_is_no_leak)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40999;
	hold(&machine, .state = SOCKET_BOUND, .count = 199, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_BOUND, .first = 40199, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(workers_leak_together)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .count = 19, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_BOUND, .first = 40019, .pid = 900);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(many_processes_that_starve_everybody_together_are_critical)
{
	struct snapshot machine = machine_new();

	for (int i = 0; i < 19; i++)
		hold(&machine, .state = SOCKET_BOUND, .first = (uint16_t)(40000 + 5 * i),
		     .count = 5, .pid = 100 + i);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(bound_sockets_outside_the_range_take_nothing)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_BOUND, .first = 20000, .count = 500, .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(the_idle_process_is_named_with_the_room_that_its_end_would_give)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_LISTEN, .first = 40098, .count = 2, .pid = 700);
	hold(&machine, .state = SOCKET_BOUND, .count = 8, .pid = 900);
	hold(&machine, .state = SOCKET_BOUND, .first = 40008, .count = 90, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "bound_only"), 98);
	assert_int_equal(evidence_of(finding, "room_min"), 0);
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_int_equal(evidence_of(finding, "eligible"), 100);
	assert_int_equal(finding->share_count, 2);
	assert_int_equal(finding->shares[0].ports, 90);
	assert_non_null(strstr(finding->title, "98 ports bound but idle"));
	assert_non_null(strstr(finding->title, "EADDRNOTAVAIL"));
	assert_int_equal(remedy_with(finding, "restart")->room_before, 0);
	assert_int_equal(remedy_with(finding, "restart")->room_after_min, 90);
	assert_true(is_useless(finding, "tcp_tw_reuse"));
	machine_end(&machine, &diagnosis);
}

TEST(of_a_leaking_process_only_the_idle_sockets_come_back_at_once)
{
	struct snapshot idle = machine_new(), both = machine_new();
	struct diagnosis diagnosis;

	hold(&idle, .state = SOCKET_BOUND, .count = 98, .pid = 812);
	diagnosis = judge(&idle);
	assert_null(strstr(remedy_with(finding_of(&diagnosis, rule), "restart")->risk,
			   "TIME_WAIT"));
	machine_end(&idle, &diagnosis);

	hold(&both, .state = SOCKET_BOUND, .count = 60, .pid = 812);
	hold(&both, .first = 40060, .count = 38, .pid = 812, .kind = BIND_OWNED);
	diagnosis = judge(&both);
	assert_non_null(strstr(remedy_with(finding_of(&diagnosis, rule), "restart")->risk,
			       "60 s in TIME_WAIT"));
	machine_end(&both, &diagnosis);
}

TEST(the_greater_part_decides_between_idle_and_connected)
{
	struct snapshot half = machine_new(), less = machine_new();

	/* Half of what bind took is idle, or less than that. */
	hold(&half, .state = SOCKET_BOUND, .count = 48, .pid = 812);
	hold(&half, .first = 40048, .count = 48, .kind = BIND_OWNED, .pid = 900);
	assert_int_equal(severity_by(&half, rule), SEVERITY_CRITICAL);
	assert_int_equal(severity_by(&half, "bind_pool_full"), SEVERITY_OK);

	hold(&less, .state = SOCKET_BOUND, .count = 47, .pid = 812);
	hold(&less, .first = 40047, .count = 49, .kind = BIND_OWNED, .pid = 900);
	assert_int_equal(severity_by(&less, rule), SEVERITY_WARNING); /* a leak nonetheless */
	assert_int_equal(severity_by(&less, "bind_pool_full"), SEVERITY_CRITICAL);
	snapshot_free(&half);
	snapshot_free(&less);
}

TEST(a_leak_comes_before_the_destination_that_has_the_rest)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_BOUND, .count = 97, .pid = 812);
	hold(&machine, .first = 40097, .count = 3, .pid = 900);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 2);
	assert_string_equal(diagnosis.findings[0].rule, rule);
	assert_string_equal(diagnosis.findings[1].rule, "destination_full");
	machine_end(&machine, &diagnosis);
}

SUITE(bound_only_leak, cmocka_unit_test(a_few_bound_sockets_are_no_leak),
      cmocka_unit_test(a_fifth_of_the_range_bound_and_idle_is_a_leak_however_much_is_left),
      cmocka_unit_test(bound_sockets_that_leave_a_twentieth_are_critical),
      cmocka_unit_test(in_a_small_range_fewer_than_ten_bound_are_no_leak),
      cmocka_unit_test(in_a_large_range_less_than_a_fifth_bound_is_no_leak),
      cmocka_unit_test(workers_leak_together),
      cmocka_unit_test(many_processes_that_starve_everybody_together_are_critical),
      cmocka_unit_test(bound_sockets_outside_the_range_take_nothing),
      cmocka_unit_test(the_idle_process_is_named_with_the_room_that_its_end_would_give),
      cmocka_unit_test(of_a_leaking_process_only_the_idle_sockets_come_back_at_once),
      cmocka_unit_test(the_greater_part_decides_between_idle_and_connected),
      cmocka_unit_test(a_leak_comes_before_the_destination_that_has_the_rest), );
