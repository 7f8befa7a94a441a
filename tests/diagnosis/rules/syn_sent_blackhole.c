#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "syn_sent_blackhole";

static enum severity with_attempts(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_SYN_SENT, .count = count, .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_fifth_of_the_range_in_unanswered_attempts_is_a_warning)
{
	assert_int_equal(with_attempts(19), SEVERITY_OK);
	assert_int_equal(with_attempts(20), SEVERITY_WARNING);
	assert_int_equal(with_attempts(94), SEVERITY_WARNING);
	assert_int_equal(with_attempts(95), SEVERITY_CRITICAL);
}

TEST(in_a_small_range_fewer_than_ten_attempts_are_not_worth_a_word)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40019;
	hold(&machine, .state = SOCKET_SYN_SENT, .count = 9, .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	hold(&machine, .state = SOCKET_SYN_SENT, .first = 40009, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(attempts_to_many_destinations_are_each_judged_alone)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_SYN_SENT, .count = 19, .remote = "10.0.9.1:1");
	hold(&machine, .state = SOCKET_SYN_SENT, .count = 19, .remote = "10.0.9.1:2");
	hold(&machine, .state = SOCKET_SYN_SENT, .count = 19, .remote = "10.0.9.2:1");
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(the_greater_part_decides_between_attempts_and_connections)
{
	struct snapshot mostly = machine_new(), half = machine_new();

	hold(&mostly, .state = SOCKET_SYN_SENT, .count = 51, .pid = 812);
	hold(&mostly, .first = 40051, .count = 49, .pid = 812);
	assert_int_equal(severity_by(&mostly, rule), SEVERITY_CRITICAL);
	assert_int_equal(severity_by(&mostly, "destination_full"), SEVERITY_OK);

	hold(&half, .state = SOCKET_SYN_SENT, .count = 19, .pid = 812);
	hold(&half, .first = 40019, .count = 81, .pid = 812);
	assert_int_equal(severity_by(&half, rule), SEVERITY_OK);
	assert_int_equal(severity_by(&half, "destination_full"), SEVERITY_CRITICAL);
	snapshot_free(&mostly);
	snapshot_free(&half);
}

TEST(a_black_hole_names_who_tries_how_long_and_what_helps)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	const struct remedy *remedy;
	struct diagnosis diagnosis;

	machine.namespaces[0].enter = "/run/netns/blue";
	hold(&machine, .state = SOCKET_SYN_SENT, .count = 80, .pid = 812);
	hold(&machine, .state = SOCKET_SYN_SENT, .first = 40080, .count = 20, .pid = 900);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "syn_sent"), 100);
	assert_int_equal(evidence_of(finding, "syn_timeout"), 131);
	assert_non_null(strstr(finding->reason, "app, pid 812"));
	assert_non_null(strstr(finding->reason, "131 s"));
	assert_ptr_equal(remedy_with(finding, "nobody answers"), &finding->remedies[0]);
	remedy = remedy_with(finding, "tcp_syn_retries=3");
	assert_non_null(strstr(remedy->text, "19 s instead of 131 s"));
	assert_string_equal(
		remedy->command,
		"nsenter --net=/run/netns/blue sysctl -w net.ipv4.tcp_syn_retries=3");
	assert_int_equal(remedy_with(finding, "end or restart")->room_after_min, 80);
	assert_null(remedy_with(finding, "widen"));
	assert_true(is_useless(finding, "more ports"));
	machine_end(&machine, &diagnosis);
}

TEST(without_the_setting_no_time_is_told)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.syn_retries = -1;
	hold(&machine, .state = SOCKET_SYN_SENT, .count = 100, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_null(strstr(finding->reason, " s ("));
	assert_null(remedy_with(finding, "tcp_syn_retries"));
	machine_end(&machine, &diagnosis);
}

SUITE(syn_sent_blackhole,
      cmocka_unit_test(a_fifth_of_the_range_in_unanswered_attempts_is_a_warning),
      cmocka_unit_test(in_a_small_range_fewer_than_ten_attempts_are_not_worth_a_word),
      cmocka_unit_test(attempts_to_many_destinations_are_each_judged_alone),
      cmocka_unit_test(the_greater_part_decides_between_attempts_and_connections),
      cmocka_unit_test(a_black_hole_names_who_tries_how_long_and_what_helps),
      cmocka_unit_test(without_the_setting_no_time_is_told), );
