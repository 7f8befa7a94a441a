#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "close_wait_leak";

static enum severity with_close_wait(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = count, .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_few_in_close_wait_are_no_leak)
{
	assert_int_equal(with_close_wait(19), SEVERITY_OK);
}

TEST(a_fifth_of_the_range_in_close_wait_is_a_leak_however_much_is_left)
{
	assert_int_equal(with_close_wait(20), SEVERITY_WARNING);
	assert_int_equal(with_close_wait(50), SEVERITY_WARNING);
	assert_int_equal(with_close_wait(94), SEVERITY_WARNING);
}

TEST(close_wait_that_leaves_a_twentieth_is_critical)
{
	assert_int_equal(with_close_wait(95), SEVERITY_CRITICAL);
	assert_int_equal(with_close_wait(100), SEVERITY_CRITICAL);
}

TEST(a_leak_is_measured_by_the_range)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40999;
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = 199, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 40199, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(in_a_small_range_fewer_than_ten_are_no_leak)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40039;
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = 9, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 40009, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(the_greater_part_decides_between_close_wait_and_connections)
{
	struct snapshot mostly = machine_new(), half = machine_new();

	hold(&mostly, .state = SOCKET_CLOSE_WAIT, .count = 51, .pid = 812);
	hold(&mostly, .first = 40051, .count = 49, .pid = 812);
	assert_int_equal(severity_by(&mostly, rule), SEVERITY_CRITICAL);
	assert_int_equal(severity_by(&mostly, "destination_full"), SEVERITY_OK);

	/* Not the cause of the lack, but still a leak. */
	hold(&half, .state = SOCKET_CLOSE_WAIT, .count = 50, .pid = 812);
	hold(&half, .first = 40050, .count = 50, .pid = 812);
	assert_int_equal(severity_by(&half, rule), SEVERITY_WARNING);
	assert_int_equal(severity_by(&half, "destination_full"), SEVERITY_CRITICAL);
	snapshot_free(&mostly);
	snapshot_free(&half);
}

TEST(the_process_that_does_not_close_is_named)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 30, .pid = 700);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 40030, .count = 20, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_string_equal(finding->subject, "tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_int_equal(evidence_of(finding, "close_wait"), 20);
	assert_int_equal(evidence_of(finding, "room_min"), 50);
	assert_int_equal(evidence_of(finding, "room_max"), 50);
	assert_non_null(strstr(finding->reason, "app, pid 812"));
	assert_int_equal(remedy_with(finding, "restart")->room_before, 50);
	assert_int_equal(remedy_with(finding, "restart")->room_after_min, 70);
	assert_int_equal(remedy_with(finding, "mend")->room_after_min, -1);
	assert_true(is_useless(finding, "keepalive"));
	machine_end(&machine, &diagnosis);
}

TEST(workers_leak_together)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = 19, .pid = 700);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 40019, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(what_a_server_has_in_close_wait_takes_no_ephemeral_port)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_LISTEN, .first = 8080, .pid = 812);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 8080, .each = 500,
	     .remote = "10.0.7.7:51000", .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

SUITE(close_wait_leak, cmocka_unit_test(a_few_in_close_wait_are_no_leak),
      cmocka_unit_test(a_fifth_of_the_range_in_close_wait_is_a_leak_however_much_is_left),
      cmocka_unit_test(close_wait_that_leaves_a_twentieth_is_critical),
      cmocka_unit_test(a_leak_is_measured_by_the_range),
      cmocka_unit_test(in_a_small_range_fewer_than_ten_are_no_leak),
      cmocka_unit_test(the_greater_part_decides_between_close_wait_and_connections),
      cmocka_unit_test(the_process_that_does_not_close_is_named),
      cmocka_unit_test(workers_leak_together),
      cmocka_unit_test(what_a_server_has_in_close_wait_takes_no_ephemeral_port), );
