#include "diagnosis/machine.h"

#include <stdio.h>
#include <string.h>

static const char rule[] = "facts_missing";

TEST(where_everything_was_read_nothing_is_missing)
{
	struct snapshot machine = machine_new();

	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(without_the_range_the_verdict_is_unknown_and_the_gap_is_the_reason)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	snapshot_add_gap(&machine, GAP_OWNERS, 0, "sockets of 3 processes", "no privilege",
			 NULL);
	snapshot_add_gap(&machine, GAP_ROOM, 1, "TCP sockets", "elsewhere", NULL);
	snapshot_add_gap(&machine, GAP_ROOM, 0, "the ephemeral port range",
			 "permission denied", NULL);
	hold(&machine, .count = 100, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	assert_string_equal(finding->subject, "tcp");
	assert_string_equal(finding->reason,
			    "the ephemeral port range could not be read: permission denied");
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	machine_end(&machine, &diagnosis);
}

TEST(without_reserved_ports_or_tcp_sockets_the_verdict_is_unknown)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.reserved_known = false;
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	machine.namespaces[0].settings.reserved_known = true;
	machine.namespaces[0].tcp_read = false;
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	snapshot_free(&machine);
}

TEST(a_gap_of_the_whole_machine_is_a_reason_too)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].tcp_read = false;
	snapshot_add_gap(&machine, GAP_ROOM, -1, "TCP sockets", "no netlink", NULL);
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, rule)->reason,
			    "TCP sockets could not be read: no netlink");
	machine_end(&machine, &diagnosis);
}

TEST(without_udp_sockets_udp_is_unknown)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].udp_read = false;
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	assert_string_equal(finding_of(&diagnosis, rule)->subject, "udp");
	machine_end(&machine, &diagnosis);
}

/* Ports of unknown kind over many destinations, so that none of these is short of room itself. */
static enum severity with_unknown_kinds(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;
	char endpoint[32];

	for (unsigned i = 0; i < count; i++) {
		snprintf(endpoint, sizeof endpoint, "10.0.9.1:%u", 1 + i);
		hold(&machine, .first = (uint16_t)(40000 + i), .remote = endpoint, .pid = 812,
		     .kind = KIND_UNKNOWN);
	}
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(an_interval_above_the_threshold_is_good_enough)
{
	assert_int_equal(with_unknown_kinds(79), SEVERITY_OK);
}

TEST(an_interval_that_reaches_the_threshold_is_not)
{
	assert_int_equal(with_unknown_kinds(80), SEVERITY_UNKNOWN);
	assert_int_equal(with_unknown_kinds(100), SEVERITY_UNKNOWN);
}

TEST(invisible_bound_sockets_are_the_reason_where_nothing_else_is)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].bound_seen = false;
	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	assert_non_null(strstr(finding->reason, "bound-only sockets"));
	machine_end(&machine, &diagnosis);
}

TEST(a_namespace_that_could_not_be_entered_matters_only_where_all_are_asked_for)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	snapshot_add_gap(&machine, GAP_SCOPE, -1, "network namespace 4026532211",
			 "no privilege", NULL);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	machine.scope_is_all = true;
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	assert_string_equal(finding_of(&diagnosis, rule)->subject,
			    "network namespace 4026532211");
	assert_string_equal(finding_of(&diagnosis, rule)->reason, "no privilege");
	machine_end(&machine, &diagnosis);
}

TEST(owners_that_could_not_be_seen_change_no_verdict)
{
	struct snapshot machine = machine_new();

	snapshot_add_gap(&machine, GAP_OWNERS, -1, "sockets of 3 processes", "no privilege",
			 NULL);
	machine.scope_is_all = true;
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

SUITE(facts_missing, cmocka_unit_test(where_everything_was_read_nothing_is_missing),
      cmocka_unit_test(without_the_range_the_verdict_is_unknown_and_the_gap_is_the_reason),
      cmocka_unit_test(without_reserved_ports_or_tcp_sockets_the_verdict_is_unknown),
      cmocka_unit_test(a_gap_of_the_whole_machine_is_a_reason_too),
      cmocka_unit_test(without_udp_sockets_udp_is_unknown),
      cmocka_unit_test(an_interval_above_the_threshold_is_good_enough),
      cmocka_unit_test(an_interval_that_reaches_the_threshold_is_not),
      cmocka_unit_test(invisible_bound_sockets_are_the_reason_where_nothing_else_is),
      cmocka_unit_test(
	      a_namespace_that_could_not_be_entered_matters_only_where_all_are_asked_for),
      cmocka_unit_test(owners_that_could_not_be_seen_change_no_verdict), );
