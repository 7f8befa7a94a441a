#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "bind_pool_full";

static enum severity with_bind_made(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .count = count, .kind = BIND_OWNED, .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_pool_with_more_than_a_fifth_left_is_ok)
{
	assert_int_equal(with_bind_made(79), SEVERITY_OK);
}

TEST(a_pool_with_a_fifth_left_is_filling)
{
	assert_int_equal(with_bind_made(80), SEVERITY_WARNING);
	assert_int_equal(with_bind_made(94), SEVERITY_WARNING);
}

TEST(a_pool_with_a_twentieth_left_is_full)
{
	assert_int_equal(with_bind_made(95), SEVERITY_CRITICAL);
	assert_int_equal(with_bind_made(100), SEVERITY_CRITICAL);
}

TEST(a_low_pool_that_nobody_draws_from_hurts_nobody)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 48, .pid = 812, .remote = "10.0.9.1:1");
	hold(&machine, .first = 40048, .count = 48, .pid = 812, .remote = "10.0.9.1:2");
	assert_room(room(&machine, .kind = CAPACITY_BIND), 4);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(a_pool_that_connections_have_emptied_is_full_for_those_who_bind)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 48, .pid = 812, .remote = "10.0.9.1:1");
	hold(&machine, .first = 40048, .count = 47, .pid = 812, .remote = "10.0.9.1:2");
	hold(&machine, .first = 40095, .kind = BIND_OWNED, .pid = 900, .remote = "10.0.9.1:3");
	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_full_pool_of_one_address_leaves_the_others_alone)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 85, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .count = 10, .kind = BIND_OWNED, .pid = 900, .local = "10.0.0.2");
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, rule)->subject, "tcp bind(10.0.0.1, 0)");
	machine_end(&machine, &diagnosis);
}

TEST(a_full_pool_names_the_greatest_holder_and_the_numbers)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 80, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .first = 40080, .count = 10, .kind = BIND_OWNED, .pid = 900);
	hold(&machine, .first = 40090, .count = 10, .pid = 700);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "room_min"), 0);
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_int_equal(evidence_of(finding, "eligible"), 100);
	assert_int_equal(evidence_of(finding, "bind_made"), 90);
	assert_int_equal(evidence_of(finding, "connect_room"), 10);
	assert_int_equal(finding->share_count, 3);
	assert_int_equal(finding->shares[0].ports, 80);
	assert_non_null(strstr(finding->title, "EADDRINUSE"));
	machine_end(&machine, &diagnosis);
}

TEST(remedies_of_a_full_pool_tell_the_room_they_would_give)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 90, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .first = 40090, .count = 10, .pid = 700);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(remedy_with(finding, "IP_BIND_ADDRESS_NO_PORT")->room_before, 0);
	/* They all go to one destination: it stays as full as it is, others are as good as new. */
	assert_int_equal(remedy_with(finding, "IP_BIND_ADDRESS_NO_PORT")->room_after_min, 0);
	assert_int_equal(remedy_with(finding, "IP_BIND_ADDRESS_NO_PORT")->room_after_max, 100);
	assert_int_equal(remedy_with(finding, "widen")->room_after_min, 64412);
	assert_int_equal(remedy_with(finding, "restart")->room_after_min, 90);
	assert_true(is_useless(finding, "SO_REUSEADDR"));
	assert_true(is_useless(finding, "tcp_tw_reuse"));
	machine_end(&machine, &diagnosis);
}

TEST(ports_that_another_address_has_too_may_not_come_back)
{
	struct snapshot machine = machine_new();
	const struct remedy *remedy;
	struct diagnosis diagnosis;

	hold(&machine, .count = 90, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .first = 40050, .count = 30, .kind = BIND_OWNED, .pid = 900,
	     .local = "10.0.0.2");
	hold(&machine, .first = 40080, .count = 10, .state = SOCKET_LISTEN, .pid = 700,
	     .local = "10.0.0.2");
	diagnosis = judge(&machine);
	remedy = remedy_with(finding_of(&diagnosis, rule), "IP_BIND_ADDRESS_NO_PORT");
	assert_int_equal(remedy->room_after_min, 0);
	assert_int_equal(remedy->room_after_max, 10 + 80);
	machine_end(&machine, &diagnosis);
}

/* A bound-only socket on another address makes them bind-owned, not the connections. */
TEST(connections_on_ports_that_were_joined_draw_from_no_pool)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 90, .pid = 812, .kind = KIND_UNKNOWN);
	hold(&machine, .count = 80, .pid = 900, .state = SOCKET_BOUND, .local = "10.0.0.2");
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(time_wait_that_bind_made_fills_the_pool_and_nobody_is_blamed)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100, .kind = BIND_OWNED);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_null(remedy_with(finding, "restart"));
	machine_end(&machine, &diagnosis);
}

SUITE(bind_pool_full, cmocka_unit_test(a_pool_with_more_than_a_fifth_left_is_ok),
      cmocka_unit_test(a_pool_with_a_fifth_left_is_filling),
      cmocka_unit_test(a_pool_with_a_twentieth_left_is_full),
      cmocka_unit_test(a_low_pool_that_nobody_draws_from_hurts_nobody),
      cmocka_unit_test(a_pool_that_connections_have_emptied_is_full_for_those_who_bind),
      cmocka_unit_test(a_full_pool_of_one_address_leaves_the_others_alone),
      cmocka_unit_test(a_full_pool_names_the_greatest_holder_and_the_numbers),
      cmocka_unit_test(remedies_of_a_full_pool_tell_the_room_they_would_give),
      cmocka_unit_test(ports_that_another_address_has_too_may_not_come_back),
      cmocka_unit_test(connections_on_ports_that_were_joined_draw_from_no_pool),
      cmocka_unit_test(time_wait_that_bind_made_fills_the_pool_and_nobody_is_blamed), );
