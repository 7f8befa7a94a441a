#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "time_wait_pileup";

static enum severity with_time_wait(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = count);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(time_wait_that_leaves_more_than_a_fifth_is_ok)
{
	assert_int_equal(with_time_wait(79), SEVERITY_OK);
}

TEST(time_wait_that_leaves_a_fifth_is_a_warning)
{
	assert_int_equal(with_time_wait(80), SEVERITY_WARNING);
	assert_int_equal(with_time_wait(94), SEVERITY_WARNING);
}

TEST(time_wait_that_leaves_a_twentieth_is_critical)
{
	assert_int_equal(with_time_wait(95), SEVERITY_CRITICAL);
	assert_int_equal(with_time_wait(100), SEVERITY_CRITICAL);
}

TEST(time_wait_that_can_be_reused_is_ok)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100, .remote = "10.0.0.1:80");
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(the_greater_part_decides_between_time_wait_and_connections)
{
	struct snapshot mostly = machine_new(), half = machine_new();

	hold(&mostly, .state = SOCKET_TIME_WAIT, .count = 51);
	hold(&mostly, .first = 40051, .count = 49, .pid = 812);
	assert_int_equal(severity_by(&mostly, rule), SEVERITY_CRITICAL);
	assert_int_equal(severity_by(&mostly, "destination_full"), SEVERITY_OK);

	hold(&half, .state = SOCKET_TIME_WAIT, .count = 50);
	hold(&half, .first = 40050, .count = 50, .pid = 812);
	assert_int_equal(severity_by(&half, rule), SEVERITY_OK);
	assert_int_equal(severity_by(&half, "destination_full"), SEVERITY_CRITICAL);
	snapshot_free(&mostly);
	snapshot_free(&half);
}

TEST(nobody_is_blamed_for_time_wait_and_its_end_is_told)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90, .expires_ms = 41001);
	hold(&machine, .first = 40090, .count = 10, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_string_equal(finding->subject, "tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_int_equal(evidence_of(finding, "time_wait"), 90);
	assert_int_equal(evidence_of(finding, "time_wait_left"), 41001);
	assert_int_equal(evidence_of(finding, "room_min"), 0);
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_non_null(strstr(finding->reason, "90 ports"));
	assert_non_null(strstr(finding->reason, "42 s"));
	assert_non_null(strstr(finding->reason, "at least 1.5 connections/s"));
	assert_non_null(strstr(finding->reason, "1.5 x 60 = 90"));
	assert_int_equal(evidence_of(finding, "closes_per_s"), 2);
	assert_int_equal(evidence_of(finding, "sustainable_per_s"), 1);
	assert_int_equal(finding->share_count, 2);
	machine_end(&machine, &diagnosis);
}

TEST(without_timers_the_end_is_not_told)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_null(strstr(finding->reason, "The last is free"));
	machine_end(&machine, &diagnosis);
}

TEST(remedies_for_time_wait_tell_the_room_they_would_give)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90, .remote = "10.0.0.1:80");
	hold(&machine, .first = 40090, .count = 10, .remote = "10.0.0.1:80", .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(remedy_with(finding, "again")->room_after_min, 90);
	assert_int_equal(remedy_with(finding, "tcp_tw_reuse=1")->room_after_min, 90);
	assert_string_equal(remedy_with(finding, "tcp_tw_reuse=1")->command,
			    "sysctl -w net.ipv4.tcp_tw_reuse=1");
	assert_int_equal(remedy_with(finding, "second source address")->room_after_min, 100);
	assert_int_equal(remedy_with(finding, "widen")->room_after_min, 64412);
	assert_null(remedy_with(finding, "restart"));
	assert_true(is_useless(finding, "tcp_fin_timeout"));
	assert_true(is_useless(finding, "SO_REUSEADDR"));
	assert_false(is_useless(finding, "tcp_tw_reuse:"));
	machine_end(&machine, &diagnosis);
}

TEST(towards_another_host_tw_reuse_gives_an_interval_and_has_a_risk)
{
	struct snapshot machine = machine_new();
	const struct remedy *remedy;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100);
	diagnosis = judge(&machine);
	remedy = remedy_with(finding_of(&diagnosis, rule), "tcp_tw_reuse=1");
	assert_int_equal(remedy->room_before, 0);
	assert_int_equal(remedy->room_after_min, 0);
	assert_int_equal(remedy->room_after_max, 100);
	assert_non_null(strstr(remedy->risk, "peer"));
	machine_end(&machine, &diagnosis);
}

TEST(tw_reuse_is_not_offered_where_it_is_on)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100, .age = AGE_YOUNG);
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, rule)->severity, SEVERITY_CRITICAL);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "tcp_tw_reuse=1"));
	machine_end(&machine, &diagnosis);
}

TEST(tw_reuse_is_useless_without_timestamps)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.timestamps = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100);
	diagnosis = judge(&machine);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "tcp_tw_reuse=1"));
	assert_true(is_useless(finding_of(&diagnosis, rule), "tcp_timestamps=0"));
	machine_end(&machine, &diagnosis);
}

TEST(time_wait_that_perhaps_can_be_reused_is_unknown_with_its_reason)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(finding->severity, SEVERITY_UNKNOWN);
	assert_non_null(strstr(finding->reason, "timestamps"));
	machine_end(&machine, &diagnosis);
}

SUITE(time_wait_pileup, cmocka_unit_test(time_wait_that_leaves_more_than_a_fifth_is_ok),
      cmocka_unit_test(time_wait_that_leaves_a_fifth_is_a_warning),
      cmocka_unit_test(time_wait_that_leaves_a_twentieth_is_critical),
      cmocka_unit_test(time_wait_that_can_be_reused_is_ok),
      cmocka_unit_test(the_greater_part_decides_between_time_wait_and_connections),
      cmocka_unit_test(nobody_is_blamed_for_time_wait_and_its_end_is_told),
      cmocka_unit_test(without_timers_the_end_is_not_told),
      cmocka_unit_test(remedies_for_time_wait_tell_the_room_they_would_give),
      cmocka_unit_test(towards_another_host_tw_reuse_gives_an_interval_and_has_a_risk),
      cmocka_unit_test(tw_reuse_is_not_offered_where_it_is_on),
      cmocka_unit_test(tw_reuse_is_useless_without_timestamps),
      cmocka_unit_test(time_wait_that_perhaps_can_be_reused_is_unknown_with_its_reason), );
