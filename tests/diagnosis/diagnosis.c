#include "base/error.h"
#include "diagnosis/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum severity severity_with(unsigned room_min, unsigned room_max, unsigned eligible)
{
	const struct diagnosis diagnosis = { .policy = default_policy };
	const struct capacity capacity = {
		.known = true,
		.eligible = eligible,
		.room_min = room_min,
		.room_max = room_max,
	};

	return diagnosis_severity(&diagnosis, &capacity);
}

TEST(severities_have_names)
{
	assert_string_equal(severity_name(SEVERITY_OK), "ok");
	assert_string_equal(severity_name(SEVERITY_UNKNOWN), "unknown");
	assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
	assert_string_equal(severity_name(SEVERITY_CRITICAL), "critical");
}

TEST(a_fifth_left_is_a_warning_and_a_twentieth_is_critical)
{
	assert_int_equal(severity_with(21, 21, 100), SEVERITY_OK);
	assert_int_equal(severity_with(20, 20, 100), SEVERITY_WARNING);
	assert_int_equal(severity_with(6, 6, 100), SEVERITY_WARNING);
	assert_int_equal(severity_with(5, 5, 100), SEVERITY_CRITICAL);
	assert_int_equal(severity_with(0, 0, 100), SEVERITY_CRITICAL);
}

TEST(thresholds_are_exact_where_percents_are_not_whole_ports)
{
	/* 20 % of 28,232 are 5,646.4, 5 % are 1,411.6. */
	assert_int_equal(severity_with(5647, 5647, 28232), SEVERITY_OK);
	assert_int_equal(severity_with(5646, 5646, 28232), SEVERITY_WARNING);
	assert_int_equal(severity_with(1412, 1412, 28232), SEVERITY_WARNING);
	assert_int_equal(severity_with(1411, 1411, 28232), SEVERITY_CRITICAL);
	assert_int_equal(severity_with(13000, 13000, 64512), SEVERITY_OK);
}

TEST(no_port_at_all_is_critical)
{
	assert_int_equal(severity_with(0, 0, 0), SEVERITY_CRITICAL);
}

TEST(an_interval_across_a_threshold_is_unknown)
{
	assert_int_equal(severity_with(20, 21, 100), SEVERITY_UNKNOWN);
	assert_int_equal(severity_with(5, 6, 100), SEVERITY_UNKNOWN);
	assert_int_equal(severity_with(0, 100, 100), SEVERITY_UNKNOWN);
}

TEST(an_interval_between_two_thresholds_is_judged)
{
	assert_int_equal(severity_with(21, 100, 100), SEVERITY_OK);
	assert_int_equal(severity_with(6, 20, 100), SEVERITY_WARNING);
	assert_int_equal(severity_with(0, 5, 100), SEVERITY_CRITICAL);
}

TEST(thresholds_can_be_set)
{
	const struct policy policy = {
		.warning = { .first = 50, .last = INFINITY, .percent = true, .at_once = true },
		.critical = { .first = 10,
			      .last = INFINITY,
			      .percent = true,
			      .at_once = true },
	};
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 49, .pid = 100);
	diagnosis_make(&diagnosis, &machine, &policy);
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	diagnosis_free(&diagnosis);
	hold(&machine, .first = 40049, .pid = 100);
	diagnosis_make(&diagnosis, &machine, &policy);
	assert_int_equal(diagnosis.verdict, SEVERITY_WARNING);
	diagnosis_free(&diagnosis);
	hold(&machine, .first = 40050, .count = 40, .pid = 100);
	diagnosis_make(&diagnosis, &machine, &policy);
	assert_int_equal(diagnosis.verdict, SEVERITY_CRITICAL);
	machine_end(&machine, &diagnosis);
}

static enum severity severity_by_range(const char *range, unsigned room_min, unsigned room_max)
{
	struct diagnosis diagnosis = { .policy = default_policy };
	const struct capacity capacity = {
		.known = true,
		.eligible = 100,
		.room_min = room_min,
		.room_max = room_max,
	};
	struct error error;

	assert_int_equal(threshold_parse(&diagnosis.policy.warning, "-w", range, &error), 0);
	assert_int_equal(threshold_parse(&diagnosis.policy.critical, "-c", "0:", &error), 0);
	return diagnosis_severity(&diagnosis, &capacity);
}

TEST(an_interval_around_a_range_is_unknown_though_both_ends_are_fine)
{
	assert_int_equal(severity_by_range("@40:50", 30, 60), SEVERITY_UNKNOWN);
	assert_int_equal(severity_by_range("@40:50", 51, 60), SEVERITY_OK);
	assert_int_equal(severity_by_range("@40:50", 41, 49), SEVERITY_WARNING);
	assert_int_equal(severity_by_range("40:50", 41, 49), SEVERITY_OK);
	assert_int_equal(severity_by_range("@45:45", 1, 99), SEVERITY_UNKNOWN);
}

TEST(no_room_is_critical_whatever_the_threshold)
{
	assert_int_equal(severity_by_range("0:", 0, 0), SEVERITY_CRITICAL);
}

TEST(an_ignored_finding_is_kept_but_does_not_count)
{
	const struct ignore by_rule = { .rule = "destination_full" };
	const struct ignore by_subject = { .rule = "destination_full",
					   .subject = "*10.0.9.2:443" };
	struct policy policy = default_policy;
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .remote = "10.0.9.1:80", .kind = CONNECT_OWNED);
	hold(&machine, .count = 90, .remote = "10.0.9.2:443", .kind = CONNECT_OWNED);
	policy.ignores = &by_subject;
	policy.ignore_count = 1;
	diagnosis_make(&diagnosis, &machine, &policy);
	assert_int_equal(diagnosis.finding_count, 1);
	assert_int_equal(diagnosis.ignored_count, 1);
	assert_string_equal(diagnosis.ignored[0].subject, "tcp 10.0.0.1 -> 10.0.9.2:443");
	assert_int_equal(diagnosis.verdict, SEVERITY_CRITICAL);
	diagnosis_free(&diagnosis);
	policy.ignores = &by_rule;
	diagnosis_make(&diagnosis, &machine, &policy);
	assert_int_equal(diagnosis.finding_count, 0);
	assert_int_equal(diagnosis.ignored_count, 2);
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
}

TEST(a_quiet_machine_has_no_finding)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis = judge(&machine);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_int_equal(diagnosis.finding_count, 0);
	assert_int_equal(diagnosis.remark_count, 0);
	assert_int_equal(diagnosis.destination_count, 0);
	assert_int_equal(diagnosis.pool_count, 0);
	assert_string_equal(diagnosis.headline,
			    "ports are not running out; 100 ports left to every destination");
	machine_end(&machine, &diagnosis);
}

TEST(a_quiet_headline_names_the_fullest_destination)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 10, .remote = "10.0.9.1:80");
	hold(&machine, .count = 20, .remote = "10.0.9.2:443");
	diagnosis = judge(&machine);
	assert_string_equal(diagnosis.headline, "ports are not running out; fullest: tcp to "
						"10.0.9.2:443, 80 of 100 left");
	machine_end(&machine, &diagnosis);
}

TEST(the_headline_is_the_worst_finding)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 85, .remote = "10.0.9.1:80");
	hold(&machine, .count = 97, .remote = "10.0.9.2:443");
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 2);
	assert_ptr_equal(diagnosis.headline, diagnosis.findings[0].title);
	assert_non_null(strstr(diagnosis.headline, "10.0.9.2:443"));
	machine_end(&machine, &diagnosis);
}

TEST(critical_comes_before_warning_and_warning_before_unknown)
{
	struct snapshot machine = machine_new();
	uint32_t warned = machine_add_netns(&machine), blind = machine_add_netns(&machine),
		 full = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	hold(&machine, .netns = warned, .count = 85);
	hold(&machine, .netns = full, .count = 100);
	machine.namespaces[blind].tcp_read = false;
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 3);
	assert_int_equal(diagnosis.findings[0].severity, SEVERITY_CRITICAL);
	assert_int_equal(diagnosis.findings[0].netns, full);
	assert_int_equal(diagnosis.findings[1].severity, SEVERITY_WARNING);
	assert_int_equal(diagnosis.findings[1].netns, warned);
	assert_int_equal(diagnosis.findings[2].severity, SEVERITY_UNKNOWN);
	assert_int_equal(diagnosis.findings[2].netns, blind);
	assert_int_equal(diagnosis.verdict, SEVERITY_CRITICAL);
	machine_end(&machine, &diagnosis);
}

TEST(a_warning_outweighs_what_is_unknown_and_that_outweighs_ok)
{
	struct snapshot machine = machine_new();
	uint32_t second = machine_add_netns(&machine);

	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	machine.namespaces[second].tcp_read = false;
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	hold(&machine, .count = 85);
	assert_int_equal(verdict_on(&machine), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(among_equals_the_cause_comes_first)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 96, .pid = 300);
	hold(&machine, .count = 96, .pid = 200, .remote = "10.0.9.2:80");
	hold(&machine, .count = 96, .pid = 100, .state = SOCKET_CLOSE_WAIT);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 3);
	assert_string_equal(diagnosis.findings[0].rule, "close_wait_leak");
	assert_string_equal(diagnosis.findings[1].rule, "destination_full");
	assert_string_equal(diagnosis.findings[2].rule, "udp_pool_full");
	machine_end(&machine, &diagnosis);
}

TEST(an_interval_that_spans_no_threshold_needs_no_finding)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 79, .kind = KIND_UNKNOWN);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(an_interval_that_spans_a_threshold_is_unknown)
{
	struct snapshot machine = machine_new();

	for (unsigned i = 0; i < 80; i++)
		hold(&machine, .first = (uint16_t)(40000 + i), .kind = KIND_UNKNOWN,
		     .remote = i % 2 ? "10.0.9.1:80" : "10.0.9.2:80");
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	snapshot_free(&machine);
}

/* A scenario that looks exhausted and is not: three destinations use every port. */
TEST(three_hundred_connections_over_a_hundred_ports_can_be_healthy)
{
	struct snapshot machine = machine_new();
	char endpoint[32];

	for (unsigned i = 0; i < 6; i++) {
		snprintf(endpoint, sizeof endpoint, "10.0.9.1:%u", 9000 + i);
		hold(&machine, .first = (uint16_t)(40000 + i % 2 * 50), .count = 50,
		     .remote = endpoint);
	}
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

SUITE(diagnosis, cmocka_unit_test(severities_have_names),
      cmocka_unit_test(a_fifth_left_is_a_warning_and_a_twentieth_is_critical),
      cmocka_unit_test(thresholds_are_exact_where_percents_are_not_whole_ports),
      cmocka_unit_test(no_port_at_all_is_critical),
      cmocka_unit_test(an_interval_across_a_threshold_is_unknown),
      cmocka_unit_test(an_interval_between_two_thresholds_is_judged),
      cmocka_unit_test(thresholds_can_be_set),
      cmocka_unit_test(an_interval_around_a_range_is_unknown_though_both_ends_are_fine),
      cmocka_unit_test(no_room_is_critical_whatever_the_threshold),
      cmocka_unit_test(an_ignored_finding_is_kept_but_does_not_count),
      cmocka_unit_test(a_quiet_machine_has_no_finding),
      cmocka_unit_test(a_quiet_headline_names_the_fullest_destination),
      cmocka_unit_test(the_headline_is_the_worst_finding),
      cmocka_unit_test(critical_comes_before_warning_and_warning_before_unknown),
      cmocka_unit_test(a_warning_outweighs_what_is_unknown_and_that_outweighs_ok),
      cmocka_unit_test(among_equals_the_cause_comes_first),
      cmocka_unit_test(an_interval_that_spans_no_threshold_needs_no_finding),
      cmocka_unit_test(an_interval_that_spans_a_threshold_is_unknown),
      cmocka_unit_test(three_hundred_connections_over_a_hundred_ports_can_be_healthy), );
