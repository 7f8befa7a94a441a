#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "range_full";

static enum severity with_listeners(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .count = count, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(listeners_that_leave_more_than_a_fifth_are_ok)
{
	assert_int_equal(with_listeners(79), SEVERITY_OK);
}

TEST(listeners_that_leave_a_fifth_are_a_warning)
{
	assert_int_equal(with_listeners(80), SEVERITY_WARNING);
	assert_int_equal(with_listeners(94), SEVERITY_WARNING);
}

TEST(listeners_that_leave_a_twentieth_are_critical)
{
	assert_int_equal(with_listeners(95), SEVERITY_CRITICAL);
	assert_int_equal(with_listeners(100), SEVERITY_CRITICAL);
}

TEST(a_range_that_is_reserved_from_end_to_end_is_critical)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40000-40099"));
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(diagnosis.verdict, SEVERITY_CRITICAL);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(evidence_of(finding, "reserved"), 100);
	assert_int_equal(evidence_of(finding, "eligible"), 0);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_int_equal(remedy_with(finding, "drop reservations")->room_after_min, 100);
	assert_null(remedy_with(finding, "move service ports"));
	machine_end(&machine, &diagnosis);
}

TEST(reserving_most_of_the_range_is_no_lack_of_what_is_left)
{
	struct snapshot machine = machine_new();

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40000-40089"));
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(a_full_range_is_told_with_its_numbers_and_remedies)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40090-40099"));
	hold(&machine, .count = 60, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 812);
	hold(&machine, .first = 40060, .count = 30, .state = SOCKET_LISTEN,
	     .local = "::", .pid = 900);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_string_equal(finding->subject, "tcp range 40000-40099");
	assert_non_null(strstr(finding->title, "EADDRNOTAVAIL"));
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "room_min"), 0);
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_int_equal(evidence_of(finding, "eligible"), 90);
	assert_int_equal(evidence_of(finding, "reserved"), 10);
	assert_int_equal(evidence_of(finding, "blocked_by_bind"), 90);
	assert_int_equal(finding->share_count, 2);
	assert_int_equal(remedy_with(finding, "widen")->room_after_min, 64412);
	assert_int_equal(remedy_with(finding, "drop reservations")->room_before, 0);
	assert_int_equal(remedy_with(finding, "drop reservations")->room_after_min, 10);
	assert_string_equal(remedy_with(finding, "drop reservations")->command,
			    "sysctl -w net.ipv4.ip_local_reserved_ports=''");
	assert_int_equal(remedy_with(finding, "move service ports")->room_after_min, -1);
	assert_true(is_useless(finding, "tcp_tw_reuse"));
	machine_end(&machine, &diagnosis);
}

TEST(bind_pools_of_two_addresses_that_starve_connect_together_are_critical)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 50, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .first = 40050, .count = 50, .kind = BIND_OWNED, .pid = 900,
	     .local = "10.0.0.2");
	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(what_a_leak_or_a_full_pool_explains_is_not_told_twice)
{
	struct snapshot leak = machine_new(), pool = machine_new();

	hold(&leak, .count = 96, .state = SOCKET_BOUND, .pid = 812);
	assert_int_equal(severity_by(&leak, rule), SEVERITY_OK);
	hold(&pool, .count = 96, .kind = BIND_OWNED, .pid = 812);
	assert_int_equal(severity_by(&pool, rule), SEVERITY_OK);
	snapshot_free(&leak);
	snapshot_free(&pool);
}

/* A lesser finding must not hide that no connect() has room. */
TEST(a_small_leak_beside_many_listeners_hides_nothing)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 20, .state = SOCKET_BOUND, .pid = 812);
	hold(&machine, .first = 40020, .count = 76, .state = SOCKET_LISTEN, .local = "0.0.0.0",
	     .pid = 900);
	assert_room(room(&machine, 0), 4);
	assert_int_equal(verdict_on(&machine), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_filling_pool_beside_another_hides_nothing)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 80, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .first = 40080, .count = 20, .kind = BIND_OWNED, .pid = 900,
	     .local = "10.0.0.2");
	assert_room(room(&machine, .to = "10.0.9.9:80"), 0);
	assert_int_equal(verdict_on(&machine), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

SUITE(range_full, cmocka_unit_test(listeners_that_leave_more_than_a_fifth_are_ok),
      cmocka_unit_test(listeners_that_leave_a_fifth_are_a_warning),
      cmocka_unit_test(listeners_that_leave_a_twentieth_are_critical),
      cmocka_unit_test(a_range_that_is_reserved_from_end_to_end_is_critical),
      cmocka_unit_test(reserving_most_of_the_range_is_no_lack_of_what_is_left),
      cmocka_unit_test(a_full_range_is_told_with_its_numbers_and_remedies),
      cmocka_unit_test(bind_pools_of_two_addresses_that_starve_connect_together_are_critical),
      cmocka_unit_test(what_a_leak_or_a_full_pool_explains_is_not_told_twice),
      cmocka_unit_test(a_small_leak_beside_many_listeners_hides_nothing),
      cmocka_unit_test(a_filling_pool_beside_another_hides_nothing), );
