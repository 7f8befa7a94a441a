#include "diagnosis/machine.h"

static const int64_t noon = INT64_C(1800000000000), hour = 3600000;
static const uint32_t too_many = 0xC0000209, in_use = 0xC000020A, denied = 0xC0000022;

TEST(a_quiet_machine_has_no_finding)
{
	struct snapshot machine = machine_windows();

	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(an_event_of_the_empty_pool_is_proof)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine_event(&machine, 4231, 12, noon);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_ran_out");
	assert_non_null(finding);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(finding->strength, STRENGTH_PROOF);
	assert_int_equal(diagnosis.strength, STRENGTH_PROOF);
	assert_int_equal(evidence_of(finding, "events"), 12);
	assert_string_equal(finding->subject, "tcp");
	assert_string_equal(machine.evidence.artefacts[finding->sources[0]].file,
			    "System.evtx");
	assert_non_null(remedy_with(finding, "widen"));
	machine_end(&machine, &diagnosis);
}

TEST(udp_has_an_event_of_its_own)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;

	machine_event(&machine, 4266, 1, 0);
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, "windows_ran_out")->subject, "udp");
	machine_end(&machine, &diagnosis);
}

TEST(what_others_log_under_that_number_is_something_else)
{
	struct snapshot machine = machine_windows();

	machine_event(&machine, 4231, 1, noon);
	machine.evidence.events[0].provider = "Backup";
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_OK);
	machine.evidence.events[0].provider = NULL;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_OK);
	machine.evidence.events[0].provider = "TCPIP";
	machine.evidence.events[0].id = 4227;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(an_hour_later_it_is_over)
{
	struct snapshot machine = machine_windows();

	machine_event(&machine, 4231, 1, noon);
	machine_event(&machine, 7036, 1, noon + hour);
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_CRITICAL);
	machine.evidence.events[1].last_ms++;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(a_whole_listing_since_then_with_room_says_that_it_is_over)
{
	struct snapshot machine = machine_windows();

	machine_event(&machine, 4231, 1, noon);
	machine.time_ms = noon + 1000;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_WARNING);
	machine.time_ms = noon - 1000;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_CRITICAL);
	machine.time_ms = noon + 1000;
	machine.windows->bound_listed = false;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_traced_call_is_proof_and_names_who_made_most)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine_failure(&machine, too_many, 812, 5);
	machine_failure(&machine, too_many, 900, 4);
	machine_failure(&machine, too_many, 0, 100);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_ran_out");
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "failed_calls"), 109);
	assert_int_equal(finding->strength, STRENGTH_PROOF);
	machine_end(&machine, &diagnosis);
}

TEST(calls_that_failed_for_another_reason_prove_nothing)
{
	struct snapshot machine = machine_windows();

	machine_failure(&machine, in_use, 812, 5);
	machine_failure(&machine, denied, 812, 5);
	machine_failure(&machine, too_many, 812, 5)->ephemeral = false;
	machine_failure(&machine, too_many, 812, 5)->call = FAILURE_RESERVE;
	assert_int_equal(severity_by(&machine, "windows_ran_out"), SEVERITY_OK);
	snapshot_free(&machine);
}

SUITE(windows_ran_out, cmocka_unit_test(a_quiet_machine_has_no_finding),
      cmocka_unit_test(an_event_of_the_empty_pool_is_proof),
      cmocka_unit_test(udp_has_an_event_of_its_own),
      cmocka_unit_test(what_others_log_under_that_number_is_something_else),
      cmocka_unit_test(an_hour_later_it_is_over),
      cmocka_unit_test(a_whole_listing_since_then_with_room_says_that_it_is_over),
      cmocka_unit_test(a_traced_call_is_proof_and_names_who_made_most),
      cmocka_unit_test(calls_that_failed_for_another_reason_prove_nothing));
