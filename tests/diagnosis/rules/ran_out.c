#include "diagnosis/machine.h"

#include <string.h>

static const int64_t noon = INT64_C(1800000000000), hour = 3600000;

TEST(a_quiet_machine_has_no_finding)
{
	struct snapshot machine = machine_new();

	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(a_recorded_call_is_proof)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine_recorded(&machine, "10.0.9.1:5432", 812, 5, noon);
	machine_recorded(&machine, "10.0.9.2:443", 900, 4, noon);
	machine_process(&machine, 812)->name = "billing";
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "ran_out");
	assert_non_null(finding);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(finding->strength, STRENGTH_PROOF);
	assert_int_equal(evidence_of(finding, "failed_calls"), 9);
	assert_string_equal(finding->subject, "tcp");
	assert_string_equal(machine.evidence.artefacts[finding->sources[0]].file,
			    "failures.jsonl");
	/* Whoever failed most need not have the ports. */
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_non_null(
		strstr(finding->reason, "connect() to 10.0.9.1:5432 of billing, pid 812"));
	machine_end(&machine, &diagnosis);
}

TEST(udp_is_told_apart)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct traced_failure *failure =
		machine_recorded(&machine, "10.0.9.1:53", 812, 5, noon);

	failure->protocol = PROTOCOL_UDP;
	failure->call = FAILURE_SEND;
	failure->error = "EAGAIN";
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, "ran_out")->subject, "udp");
	machine_end(&machine, &diagnosis);
}

TEST(an_hour_later_it_is_over)
{
	struct snapshot machine = machine_new();

	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);
	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon)->error = NULL;
	machine.evidence.failures[1].last_ms = noon + hour;
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_CRITICAL);
	machine.evidence.failures[1].last_ms++;
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(a_snapshot_since_then_with_room_says_that_it_is_over)
{
	struct snapshot machine = machine_new();

	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);
	machine.time_ms = noon + 1000;
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_WARNING);
	machine.time_ms = noon - 1000;
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_CRITICAL);
	machine.time_ms = noon + 1000;
	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(without_a_snapshot_one_is_asked_for)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);
	machine.namespaces[0].tcp_read = false;
	diagnosis = judge(&machine);
	assert_non_null(remedy_with(finding_of(&diagnosis, "ran_out"), "save the state"));
	machine_end(&machine, &diagnosis);
}

TEST(a_namespace_that_the_snapshot_does_not_have_is_named)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct traced_failure *failure =
		machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);

	failure->netns = 4026539999;
	machine.time_ms = noon + 1000; /* its room is another's */
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, "ran_out")->severity, SEVERITY_CRITICAL);
	assert_string_equal(finding_of(&diagnosis, "ran_out")->subject,
			    "tcp, network namespace 4026539999");
	machine_end(&machine, &diagnosis);
}

TEST(a_listing_of_no_known_namespace_proves_nothing_about_the_calls)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);
	machine.namespaces[0].inode = 0;
	machine.time_ms = noon + 1000;
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "ran_out");
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_null(strstr(finding->reason, "since then"));
	assert_non_null(remedy_with(finding, "save the state"));
	machine_end(&machine, &diagnosis);
}

TEST(calls_of_windows_are_not_counted_here)
{
	struct snapshot machine = machine_new();

	machine_failure(&machine, 0xC0000209, 812, 5);
	assert_int_equal(severity_by(&machine, "ran_out"), SEVERITY_OK);
	snapshot_free(&machine);
	machine = machine_windows();
	machine_recorded(&machine, "10.0.9.1:5432", 812, 1, noon);
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_OK);
	snapshot_free(&machine);
}

SUITE(ran_out, cmocka_unit_test(a_quiet_machine_has_no_finding),
      cmocka_unit_test(a_recorded_call_is_proof), cmocka_unit_test(udp_is_told_apart),
      cmocka_unit_test(an_hour_later_it_is_over),
      cmocka_unit_test(a_snapshot_since_then_with_room_says_that_it_is_over),
      cmocka_unit_test(without_a_snapshot_one_is_asked_for),
      cmocka_unit_test(a_namespace_that_the_snapshot_does_not_have_is_named),
      cmocka_unit_test(a_listing_of_no_known_namespace_proves_nothing_about_the_calls),
      cmocka_unit_test(calls_of_windows_are_not_counted_here));
