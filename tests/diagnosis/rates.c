#include "diagnosis/machine.h"

#include <math.h>
#include <string.h>

enum { SECONDS = 5 };

/* The destination that all of these tests connect to. */
static const struct rates *rates_of(const struct diagnosis *diagnosis)
{
	assert_int_equal(diagnosis->destination_count, 1);
	return &diagnosis->destinations[0].rates;
}

static bool about(double value, double expected)
{
	return fabs(value - expected) < 0.01;
}

/* So many connections open at the first look, and at the second. */
static struct snapshot growing(unsigned first, unsigned second)
{
	struct snapshot machine = machine_new(), before = machine_new();

	if (first)
		hold(&before, .count = first, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .count = second, .pid = 812, .kind = CONNECT_OWNED);
	machine_sample(&machine, before, SECONDS);
	return machine;
}

TEST(one_look_tells_no_rates)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct rates *rates;

	hold(&machine, .count = 90, .pid = 812);
	diagnosis = judge(&machine);
	rates = rates_of(&diagnosis);
	assert_true(rates->opens_per_s < 0 && rates->rests_per_s < 0 && rates->lost_per_s < 0);
	assert_int_equal(rates->full_in_s, -1);
	assert_int_equal(rates->failed_calls, -1);
	assert_int_equal(rates->opener_count, 0);
	assert_null(finding_of(&diagnosis, "destination_full")->forecast);
	machine_end(&machine, &diagnosis);
}

TEST(opens_are_counted_by_process_most_first)
{
	struct snapshot machine = growing(10, 10);
	struct diagnosis diagnosis;
	const struct rates *rates;

	machine_call(&machine, 812, 100, 0);
	machine_call(&machine, 813, 300, 0);
	diagnosis = judge(&machine);
	rates = rates_of(&diagnosis);
	assert_true(about(rates->opens_per_s, 80));
	assert_false(rates->opens_at_least);
	assert_int_equal(rates->failed_calls, 0);
	assert_int_equal(rates->opener_count, 2);
	assert_int_equal(machine.processes[rates->openers[0].process].pid, 813);
	assert_int_equal(rates->openers[0].opens, 300);
	assert_int_equal(rates->openers[1].opens, 100);
	machine_end(&machine, &diagnosis);
}

TEST(connections_that_the_ledger_forgot_make_the_rate_a_lower_bound)
{
	struct snapshot machine = growing(10, 10);
	struct diagnosis diagnosis;

	machine_call(&machine, 812, 100, 0);
	machine.sample.lost = 1;
	diagnosis = judge(&machine);
	assert_true(rates_of(&diagnosis)->opens_at_least);
	machine_end(&machine, &diagnosis);
}

TEST(without_a_ledger_what_rests_and_what_is_open_tell_the_least)
{
	struct snapshot machine = growing(10, 20);
	struct diagnosis diagnosis;
	const struct rates *rates;

	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40050, .count = 15, .fresh = true,
	     .kind = CONNECT_OWNED);
	machine.sample.recorded = machine.sample.complete = false;
	machine.sample.failures_watched = false;
	diagnosis = judge(&machine);
	rates = rates_of(&diagnosis);
	assert_true(about(rates->opens_per_s, 5) && rates->opens_at_least);
	assert_true(about(rates->rests_per_s, 3));
	assert_int_equal(rates->failed_calls, -1);
	machine_end(&machine, &diagnosis);
}

TEST(what_is_held_and_grows_fills_at_its_pace)
{
	struct snapshot machine = growing(20, 40);
	struct diagnosis diagnosis;
	const struct rates *rates;

	machine_call(&machine, 812, 20, 0);
	diagnosis = judge(&machine);
	rates = rates_of(&diagnosis);
	assert_true(about(rates->lost_per_s, 4));
	assert_int_equal(rates->full_in_s, 15);
	assert_true(diagnosis.destinations[0].shares[0].compared);
	assert_int_equal(diagnosis.destinations[0].shares[0].growth, 20);
	machine_end(&machine, &diagnosis);
}

TEST(a_destination_that_nobody_was_connected_to_has_lost_what_it_uses)
{
	struct snapshot machine = growing(0, 50);
	struct diagnosis diagnosis;

	machine_call(&machine, 812, 50, 0);
	diagnosis = judge(&machine);
	assert_true(about(rates_of(&diagnosis)->lost_per_s, 10));
	assert_int_equal(rates_of(&diagnosis)->full_in_s, 5);
	machine_end(&machine, &diagnosis);
}

TEST(what_shrinks_or_grows_by_chance_does_not_fill)
{
	static const struct {
		unsigned first, second, opens;
		bool grows;
	} cases[] = {
		{ 40, 40, 0, false },	{ 40, 20, 0, false },	{ 40, 48, 8, false },
		{ 40, 49, 9, true },	{ 40, 60, 100, false }, { 40, 60, 30, true },
		{ 40, 60, 500, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct snapshot machine = growing(cases[i].first, cases[i].second);
		struct diagnosis diagnosis;

		machine_call(&machine, 812, cases[i].opens, 0);
		diagnosis = judge(&machine);
		assert_that((rates_of(&diagnosis)->full_in_s > 0) == cases[i].grows,
			    "case %zu: full in %d s", i, (int)rates_of(&diagnosis)->full_in_s);
		assert_that((rates_of(&diagnosis)->lost_per_s > 0) == cases[i].grows,
			    "case %zu", i);
		machine_end(&machine, &diagnosis);
	}
}

/* `count` that came to rest in 5 s: twelve times as many will rest at once. */
static struct diagnosis churning(unsigned count, struct snapshot *machine)
{
	*machine = machine_new();
	machine->namespaces[0].settings.tw_reuse = 0;
	hold(machine, .state = SOCKET_TIME_WAIT, .count = count, .pid = 812,
	     .owner = OWNER_RECORDED, .fresh = true, .expires_ms = 58000,
	     .kind = CONNECT_OWNED);
	machine_sample(machine, machine_new(), SECONDS);
	machine_call(machine, 812, count, 0);
	return judge(machine);
}

TEST(time_wait_fills_only_if_more_will_rest_at_once_than_there_are_ports)
{
	struct snapshot machine;
	struct diagnosis diagnosis = churning(9, &machine);

	/* 9 x 12 = 108 of 100 */
	assert_true(about(rates_of(&diagnosis)->lost_per_s, 1.8));
	assert_int_equal(rates_of(&diagnosis)->full_in_s, 50);
	assert_int_equal(rates_of(&diagnosis)->openers[0].rested, 9);
	machine_end(&machine, &diagnosis);
	/* 8 x 12 = 96 */
	diagnosis = churning(8, &machine);
	assert_int_equal(rates_of(&diagnosis)->full_in_s, -1);
	machine_end(&machine, &diagnosis);
}

TEST(time_wait_that_is_soon_reused_does_not_fill)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 40, .pid = 812,
	     .owner = OWNER_RECORDED, .fresh = true, .expires_ms = 59900, .age = AGE_YOUNG,
	     .remote = "10.0.0.1:80", .kind = CONNECT_OWNED);
	machine_sample(&machine, machine_new(), SECONDS);
	diagnosis = judge(&machine);
	assert_int_equal(rates_of(&diagnosis)->full_in_s, -1);
	machine_end(&machine, &diagnosis);
}

TEST(where_the_range_was_changed_meanwhile_nothing_was_lost_by_use)
{
	struct snapshot machine = growing(20, 40);
	struct diagnosis diagnosis;

	machine.sample.before->namespaces[0].settings.range.last += 1000;
	diagnosis = judge(&machine);
	assert_true(rates_of(&diagnosis)->lost_per_s < 0);
	assert_int_equal(rates_of(&diagnosis)->full_in_s, -1);
	machine_end(&machine, &diagnosis);
}

TEST(what_is_full_is_full_now)
{
	struct snapshot machine = growing(100, 100);
	struct diagnosis diagnosis = judge(&machine);

	assert_int_equal(rates_of(&diagnosis)->full_in_s, 0);
	machine_end(&machine, &diagnosis);
}

TEST(a_call_that_failed_is_critical_whatever_room_there_is_now)
{
	struct snapshot machine = growing(50, 50);
	struct diagnosis diagnosis;
	const struct finding *finding;

	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	machine_call(&machine, 812, 5, 3);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "destination_full");
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(evidence_of(finding, "failed_calls"), 3);
	assert_int_equal(evidence_of(finding, "opens_per_s"), 1);
	assert_non_null(strstr(finding->forecast, "3 calls of app, pid 812 failed"));
	assert_non_null(strstr(finding->title, "connect() failed with EADDRNOTAVAIL"));
	machine_end(&machine, &diagnosis);
}

TEST(where_nobody_watched_no_call_has_failed_or_succeeded)
{
	struct snapshot machine = growing(90, 90);
	struct diagnosis diagnosis;

	machine.sample.failures_watched = false;
	machine_call(&machine, 812, 5, 3);
	diagnosis = judge(&machine);
	assert_int_equal(rates_of(&diagnosis)->failed_calls, -1);
	assert_int_equal(finding_of(&diagnosis, "destination_full")->severity,
			 SEVERITY_WARNING);
	machine_end(&machine, &diagnosis);
}

TEST(a_failed_bind_or_udp_call_is_its_pools)
{
	struct snapshot machine = machine_new();
	struct sample_flow bind = { .process = -1 }, udp = { .process = -1 };
	struct diagnosis diagnosis;

	hold(&machine, .count = 20, .pid = 812, .kind = BIND_OWNED);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 20,
	     .pid = 813);
	machine_sample(&machine, machine_new(), SECONDS);
	address_parse("10.0.0.1", &bind.local);
	sample_flow_of(&machine.sample, &bind)->failed_calls = 4;
	address_parse("0.0.0.0", &udp.local);
	udp.protocol = PROTOCOL_UDP;
	sample_flow_of(&machine.sample, &udp)->failed_calls = 6;
	diagnosis = judge(&machine);
	assert_int_equal(evidence_of(finding_of(&diagnosis, "bind_pool_full"), "failed_calls"),
			 4);
	assert_int_equal(finding_of(&diagnosis, "udp_pool_full")->severity, SEVERITY_CRITICAL);
	assert_int_equal(evidence_of(finding_of(&diagnosis, "udp_pool_full"), "failed_calls"),
			 6);
	machine_end(&machine, &diagnosis);
}

TEST(a_pool_that_grows_has_a_forecast)
{
	struct snapshot machine = machine_new(), before = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&before, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 70,
	     .pid = 401);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 90,
	     .pid = 401);
	machine_sample(&machine, before, 10);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "udp_pool_full");
	assert_int_equal(evidence_of(finding, "lost_per_minute"), 120);
	assert_int_equal(evidence_of(finding, "full_in"), 5);
	assert_string_equal(finding->forecast,
			    "measured over 10 s; 2.0 ports/s fewer are left; full in 5 s if "
			    "that goes on");
	machine_end(&machine, &diagnosis);
}

TEST(a_pool_that_stays_as_it_is_is_told_to_have)
{
	struct snapshot machine = machine_new(), before = machine_new();
	struct diagnosis diagnosis;

	hold(&before, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 90,
	     .pid = 401);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 90,
	     .pid = 401);
	machine_sample(&machine, before, 10);
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, "udp_pool_full")->forecast,
			    "measured over 10 s; no fewer ports are left");
	machine_end(&machine, &diagnosis);
}

TEST(a_leak_that_was_seen_to_grow_gives_the_pace_of_the_remedy)
{
	struct snapshot machine = machine_new(), before = machine_new();
	struct diagnosis diagnosis;
	const struct remedy *restart;

	hold(&before, .state = SOCKET_CLOSE_WAIT, .count = 80, .pid = 812,
	     .kind = CONNECT_OWNED);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = 100, .pid = 812,
	     .kind = CONNECT_OWNED);
	machine_sample(&machine, before, 10);
	diagnosis = judge(&machine);
	restart = remedy_with(finding_of(&diagnosis, "close_wait_leak"), "end or restart");
	assert_int_equal(restart->lasts_s, 50);
	assert_non_null(strstr(restart->lasts, "at the pace measured that is 50 s"));
	machine_end(&machine, &diagnosis);
}

TEST(the_rate_that_was_measured_takes_the_place_of_the_average)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 50, .pid = 812,
	     .owner = OWNER_RECORDED, .fresh = true);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40050, .count = 45);
	machine_sample(&machine, machine_new(), SECONDS);
	machine_call(&machine, 812, 50, 0);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "time_wait_pileup");
	assert_int_equal(evidence_of(finding, "closes_per_s"), 10);
	assert_non_null(strstr(finding->reason, "10 connections/s by app, pid 812, measured "
						"over 5 s: 10 x 60 = 600"));
	machine_end(&machine, &diagnosis);
}

TEST(a_burst_that_is_over_is_told_to_be)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 95);
	machine_sample(&machine, machine_new(), SECONDS);
	diagnosis = judge(&machine);
	assert_non_null(strstr(finding_of(&diagnosis, "time_wait_pileup")->reason,
			       "1.6 x 60 = 96, but none within the last 5 s"));
	machine_end(&machine, &diagnosis);
}

SUITE(rates, cmocka_unit_test(one_look_tells_no_rates),
      cmocka_unit_test(opens_are_counted_by_process_most_first),
      cmocka_unit_test(connections_that_the_ledger_forgot_make_the_rate_a_lower_bound),
      cmocka_unit_test(without_a_ledger_what_rests_and_what_is_open_tell_the_least),
      cmocka_unit_test(what_is_held_and_grows_fills_at_its_pace),
      cmocka_unit_test(a_destination_that_nobody_was_connected_to_has_lost_what_it_uses),
      cmocka_unit_test(what_shrinks_or_grows_by_chance_does_not_fill),
      cmocka_unit_test(time_wait_fills_only_if_more_will_rest_at_once_than_there_are_ports),
      cmocka_unit_test(time_wait_that_is_soon_reused_does_not_fill),
      cmocka_unit_test(where_the_range_was_changed_meanwhile_nothing_was_lost_by_use),
      cmocka_unit_test(what_is_full_is_full_now),
      cmocka_unit_test(a_call_that_failed_is_critical_whatever_room_there_is_now),
      cmocka_unit_test(where_nobody_watched_no_call_has_failed_or_succeeded),
      cmocka_unit_test(a_failed_bind_or_udp_call_is_its_pools),
      cmocka_unit_test(a_pool_that_grows_has_a_forecast),
      cmocka_unit_test(a_pool_that_stays_as_it_is_is_told_to_have),
      cmocka_unit_test(a_leak_that_was_seen_to_grow_gives_the_pace_of_the_remedy),
      cmocka_unit_test(the_rate_that_was_measured_takes_the_place_of_the_average),
      cmocka_unit_test(a_burst_that_is_over_is_told_to_be));
