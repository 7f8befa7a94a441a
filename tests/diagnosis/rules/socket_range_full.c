#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "socket_range_full";

/* A process that confines itself to 40000-40009 and has that many connections. */
static struct snapshot confined(unsigned count)
{
	struct snapshot machine = machine_new();
	struct process *process;

	hold(&machine, .count = count, .pid = 812);
	process = machine_process(&machine, 812);
	process->sampled_sockets = process->ranged_sockets = 4;
	process->own_range = (struct port_range){ 40000, 40009 };
	return machine;
}

static enum severity with_connections(unsigned count)
{
	struct snapshot machine = confined(count);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_program_with_more_than_a_fifth_of_its_own_range_left_is_ok)
{
	assert_int_equal(with_connections(7), SEVERITY_OK);
}

TEST(a_program_with_a_fifth_of_its_own_range_left_is_a_warning)
{
	assert_int_equal(with_connections(8), SEVERITY_WARNING);
	assert_int_equal(with_connections(9), SEVERITY_WARNING);
}

TEST(a_program_that_has_used_up_its_own_range_is_critical)
{
	assert_int_equal(with_connections(10), SEVERITY_CRITICAL);
}

TEST(a_full_range_of_its_own_is_told_with_its_numbers)
{
	struct snapshot machine = confined(10);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_string_equal(finding->subject, "tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_int_equal(evidence_of(finding, "range_first"), 40000);
	assert_int_equal(evidence_of(finding, "range_last"), 40009);
	assert_int_equal(evidence_of(finding, "range_room"), 0);
	assert_int_equal(evidence_of(finding, "room_min"), 90);
	assert_int_equal(evidence_of(finding, "room_max"), 90);
	assert_non_null(
		strstr(finding->title, "no room in app, pid 812's own range 40000-40009"));
	assert_non_null(strstr(finding->reason, "10 ports"));
	assert_int_equal(remedy_with(finding, "IP_LOCAL_PORT_RANGE")->room_before, 0);
	assert_int_equal(remedy_with(finding, "IP_LOCAL_PORT_RANGE")->room_after_min, 90);
	assert_true(is_useless(finding, "ip_local_port_range"));
	machine_end(&machine, &diagnosis);
}

TEST(a_program_that_lives_partly_without_its_range_is_not_confined)
{
	struct snapshot machine = confined(10);

	machine_process(&machine, 812)->sampled_sockets = 5;
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	machine_process(&machine, 812)->ranged_sockets = 0;
	machine_process(&machine, 812)->sampled_sockets = 0;
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(others_who_fill_that_part_of_the_range_are_felt_too)
{
	struct snapshot machine = confined(1);

	hold(&machine, .first = 40001, .count = 9, .pid = 900);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_program_without_a_range_is_not_judged_by_anothers)
{
	struct snapshot machine = machine_new();
	struct process *process;

	hold(&machine, .count = 10, .pid = 812);
	hold(&machine, .first = 40010, .pid = 900, .remote = "10.0.9.2:80");
	process = machine_process(&machine, 900);
	process->sampled_sockets = process->ranged_sockets = 1;
	process->own_range = (struct port_range){ 40000, 40009 };
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(where_the_destination_is_as_full_that_is_the_finding)
{
	struct snapshot machine = confined(100);
	struct diagnosis diagnosis = judge(&machine);

	assert_int_equal(diagnosis.finding_count, 1);
	assert_string_equal(diagnosis.findings[0].rule, "destination_full");
	machine_end(&machine, &diagnosis);
}

SUITE(socket_range_full,
      cmocka_unit_test(a_program_with_more_than_a_fifth_of_its_own_range_left_is_ok),
      cmocka_unit_test(a_program_with_a_fifth_of_its_own_range_left_is_a_warning),
      cmocka_unit_test(a_program_that_has_used_up_its_own_range_is_critical),
      cmocka_unit_test(a_full_range_of_its_own_is_told_with_its_numbers),
      cmocka_unit_test(a_program_that_lives_partly_without_its_range_is_not_confined),
      cmocka_unit_test(others_who_fill_that_part_of_the_range_are_felt_too),
      cmocka_unit_test(a_program_without_a_range_is_not_judged_by_anothers),
      cmocka_unit_test(where_the_destination_is_as_full_that_is_the_finding), );
