#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "fin_wait2_pileup";

static enum severity with_orphans(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = count);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

static enum severity with_half_closed(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = count, .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(orphans_matter_only_where_they_leave_little_for_they_end)
{
	assert_int_equal(with_orphans(79), SEVERITY_OK);
	assert_int_equal(with_orphans(80), SEVERITY_WARNING);
	assert_int_equal(with_orphans(94), SEVERITY_WARNING);
	assert_int_equal(with_orphans(95), SEVERITY_CRITICAL);
}

TEST(a_fifth_of_the_range_half_closed_is_a_leak_however_much_is_left)
{
	assert_int_equal(with_half_closed(19), SEVERITY_OK);
	assert_int_equal(with_half_closed(20), SEVERITY_WARNING);
	assert_int_equal(with_half_closed(94), SEVERITY_WARNING);
	assert_int_equal(with_half_closed(95), SEVERITY_CRITICAL);
}

TEST(in_a_small_range_fewer_than_ten_half_closed_are_no_leak)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40019;
	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 9, .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	hold(&machine, .state = SOCKET_FIN_WAIT2, .first = 40009, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(the_greater_part_decides_between_fin_wait2_and_connections)
{
	struct snapshot mostly = machine_new(), half = machine_new();

	hold(&mostly, .state = SOCKET_FIN_WAIT2, .count = 51);
	hold(&mostly, .first = 40051, .count = 49, .pid = 812);
	assert_int_equal(severity_by(&mostly, rule), SEVERITY_CRITICAL);
	assert_int_equal(severity_by(&mostly, "destination_full"), SEVERITY_OK);

	hold(&half, .state = SOCKET_FIN_WAIT2, .count = 50);
	hold(&half, .first = 40050, .count = 50, .pid = 812);
	assert_int_equal(severity_by(&half, rule), SEVERITY_OK);
	assert_int_equal(severity_by(&half, "destination_full"), SEVERITY_CRITICAL);
	snapshot_free(&mostly);
	snapshot_free(&half);
}

TEST(orphans_blame_nobody_here_name_the_peer_and_end_by_a_lower_fin_timeout)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	const struct remedy *remedy;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 90);
	hold(&machine, .first = 40090, .count = 10, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_int_equal(evidence_of(finding, "fin_wait2"), 90);
	assert_int_equal(evidence_of(finding, "half_closed"), 0);
	assert_non_null(strstr(finding->reason, "the peer 10.0.9.1:5432 does not close"));
	assert_non_null(strstr(finding->reason, "60 s (net.ipv4.tcp_fin_timeout)"));
	remedy = remedy_with(finding, "tcp_fin_timeout=10");
	assert_string_equal(remedy->command, "sysctl -w net.ipv4.tcp_fin_timeout=10");
	/* Those that wait now go on waiting. */
	assert_int_equal(remedy->room_after_min, -1);
	assert_null(remedy_with(finding, "end or restart"));
	assert_true(is_useless(finding, "tcp_tw_reuse"));
	assert_false(is_useless(finding, "tcp_fin_timeout"));
	machine_end(&machine, &diagnosis);
}

TEST(half_closed_connections_blame_who_holds_them_and_fin_timeout_is_useless)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 30, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "half_closed"), 30);
	assert_non_null(strstr(finding->reason, "app, pid 812"));
	assert_non_null(strstr(finding->reason, "no time limit"));
	assert_null(remedy_with(finding, "tcp_fin_timeout"));
	assert_true(is_useless(finding, "tcp_fin_timeout"));
	assert_int_equal(remedy_with(finding, "end or restart")->room_before, 70);
	assert_int_equal(remedy_with(finding, "end or restart")->room_after_min, 100);
	assert_null(remedy_with(finding, "second source address"));
	machine_end(&machine, &diagnosis);
}

TEST(both_at_once_are_told_apart)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 60);
	hold(&machine, .state = SOCKET_FIN_WAIT2, .first = 40060, .count = 25, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_non_null(strstr(finding->reason, "25 ports"));
	assert_non_null(strstr(finding->reason, "60 ports"));
	assert_non_null(remedy_with(finding, "tcp_fin_timeout=10"));
	assert_int_equal(remedy_with(finding, "end or restart")->room_after_min, 40);
	machine_end(&machine, &diagnosis);
}

TEST(a_peer_on_this_host_is_named)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_LISTEN, .local = "127.0.0.1", .first = 9000, .pid = 77);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .local = "127.0.0.1", .first = 9000,
	     .remote = "127.0.0.1:40000", .each = 90, .pid = 77);
	hold(&machine, .state = SOCKET_FIN_WAIT2, .local = "127.0.0.1",
	     .remote = "127.0.0.1:9000", .count = 90);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_non_null(strstr(finding->reason, "127.0.0.1:9000 (here: app, pid 77)"));
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	machine_end(&machine, &diagnosis);
}

/* It listens on every address, and the connections still wait to be accepted. */
TEST(a_peer_on_this_host_that_does_not_even_accept_is_named)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_LISTEN, .local = "0.0.0.0", .first = 9000, .pid = 77);
	hold(&machine, .state = SOCKET_FIN_WAIT2, .remote = "10.0.0.1:9000", .count = 90);
	hold(&machine, .state = SOCKET_FIN_WAIT2, .remote = "10.0.9.1:9000", .count = 90);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct finding *finding = &diagnosis.findings[i];

		assert_int_equal(!strstr(finding->reason, "here: app, pid 77"),
				 !strstr(finding->subject, "10.0.0.1:9000"));
	}
	machine_end(&machine, &diagnosis);
}

TEST(a_low_fin_timeout_is_not_told_to_be_lowered)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.fin_timeout_s = 10;
	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 100);
	diagnosis = judge(&machine);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "tcp_fin_timeout"));
	machine_end(&machine, &diagnosis);
}

SUITE(fin_wait2_pileup,
      cmocka_unit_test(orphans_matter_only_where_they_leave_little_for_they_end),
      cmocka_unit_test(a_fifth_of_the_range_half_closed_is_a_leak_however_much_is_left),
      cmocka_unit_test(in_a_small_range_fewer_than_ten_half_closed_are_no_leak),
      cmocka_unit_test(the_greater_part_decides_between_fin_wait2_and_connections),
      cmocka_unit_test(orphans_blame_nobody_here_name_the_peer_and_end_by_a_lower_fin_timeout),
      cmocka_unit_test(
	      half_closed_connections_blame_who_holds_them_and_fin_timeout_is_useless),
      cmocka_unit_test(both_at_once_are_told_apart),
      cmocka_unit_test(a_peer_on_this_host_is_named),
      cmocka_unit_test(a_peer_on_this_host_that_does_not_even_accept_is_named),
      cmocka_unit_test(a_low_fin_timeout_is_not_told_to_be_lowered), );
