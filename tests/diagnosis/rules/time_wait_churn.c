#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "time_wait_churn";

static struct snapshot resting(unsigned range, unsigned count)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = (uint16_t)(40000 + range - 1);
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = count, .expires_ms = 30000);
	return machine;
}

static bool is_remarked(unsigned range, unsigned count)
{
	struct snapshot machine = resting(range, count);
	struct diagnosis diagnosis = judge(&machine);
	bool remarked = remark_of(&diagnosis, rule);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
	return remarked;
}

TEST(a_quarter_of_the_ports_in_time_wait_is_worth_a_remark)
{
	assert_false(is_remarked(1000, 249));
	assert_true(is_remarked(1000, 250));
	assert_true(is_remarked(1000, 799));
}

TEST(less_than_one_close_a_second_is_not)
{
	assert_false(is_remarked(100, 59));
	assert_true(is_remarked(100, 60));
}

TEST(where_ports_run_short_the_pileup_speaks_instead)
{
	struct snapshot machine = resting(100, 80);
	struct diagnosis diagnosis = judge(&machine);

	assert_null(remark_of(&diagnosis, rule));
	assert_non_null(finding_of(&diagnosis, "time_wait_pileup"));
	machine_end(&machine, &diagnosis);
}

TEST(the_remark_tells_the_rate_and_how_much_the_ports_bear)
{
	struct snapshot machine = resting(20000, 6000);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *remark = remark_of(&diagnosis, rule);

	assert_int_equal(evidence_of(remark, "time_wait"), 6000);
	assert_int_equal(evidence_of(remark, "closes_per_s"), 100);
	assert_int_equal(evidence_of(remark, "sustainable_per_s"), 333);
	assert_non_null(strstr(remark->reason, "about 100 connections/s"));
	assert_non_null(strstr(remark->reason, "100 x 60 = 6,000"));
	assert_non_null(strstr(remark->reason, "about 333/s"));
	assert_non_null(strstr(remark->title, "6,000 of 20,000 ports"));
	machine_end(&machine, &diagnosis);
}

TEST(ports_that_bind_owns_bear_nothing)
{
	struct snapshot machine = resting(20000, 6000);
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_LISTEN, .first = 50000, .count = 2000, .pid = 1);
	diagnosis = judge(&machine);
	assert_int_equal(evidence_of(remark_of(&diagnosis, rule), "sustainable_per_s"), 300);
	machine_end(&machine, &diagnosis);
}

/* The entries that were reused are not there any more. */
TEST(with_reuse_the_rate_is_a_lower_bound_and_the_ports_bear_more)
{
	struct snapshot machine = machine_new();
	const struct finding *remark;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 100, .remote = "10.0.0.1:80");
	diagnosis = judge(&machine);
	remark = remark_of(&diagnosis, rule);
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_non_null(strstr(remark->reason, "at least 1.7 connections/s"));
	assert_non_null(strstr(remark->reason, "after 1000 ms"));
	assert_int_equal(evidence_of(remark, "sustainable_per_s"), 100);
	machine_end(&machine, &diagnosis);
}

/* Neither tcp_tw_reuse nor the timestamps help a port that bind() took. */
TEST(what_bind_took_is_never_taken_over)
{
	struct snapshot machine = machine_new();
	const struct finding *remark;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 40399 };
	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 120, .remote = "10.0.0.1:80",
	     .kind = BIND_OWNED);
	diagnosis = judge(&machine);
	remark = remark_of(&diagnosis, rule);
	assert_int_equal(evidence_of(remark, "sustainable_per_s"), 6);
	assert_null(strstr(remark->reason, "tcp_tw_reuse"));
	machine_end(&machine, &diagnosis);
}

TEST(whether_a_distant_peer_allows_reuse_is_left_open)
{
	struct snapshot machine = resting(20000, 6000);
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 1;
	diagnosis = judge(&machine);
	assert_int_equal(evidence_of(remark_of(&diagnosis, rule), "sustainable_per_s"), 333);
	assert_non_null(strstr(remark_of(&diagnosis, rule)->reason, "timestamps"));
	assert_non_null(strstr(remark_of(&diagnosis, rule)->reason, "at least"));
	machine_end(&machine, &diagnosis);
}

TEST(past_the_limit_of_buckets_the_rate_is_a_lower_bound)
{
	struct snapshot machine = resting(20000, 6000);
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.max_tw_buckets = 6000;
	machine.namespaces[0].counters.time_wait_now = 6000;
	diagnosis = judge(&machine);
	assert_non_null(strstr(remark_of(&diagnosis, rule)->reason, "at least 100"));
	machine_end(&machine, &diagnosis);
}

TEST(only_the_destination_with_most_entries_is_remarked)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 61, .remote = "10.0.9.1:1");
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 70, .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	assert_string_equal(remark_of(&diagnosis, rule)->subject,
			    "tcp 10.0.0.1 -> 10.0.9.1:2");
	machine_end(&machine, &diagnosis);
}

SUITE(time_wait_churn, cmocka_unit_test(a_quarter_of_the_ports_in_time_wait_is_worth_a_remark),
      cmocka_unit_test(less_than_one_close_a_second_is_not),
      cmocka_unit_test(where_ports_run_short_the_pileup_speaks_instead),
      cmocka_unit_test(the_remark_tells_the_rate_and_how_much_the_ports_bear),
      cmocka_unit_test(ports_that_bind_owns_bear_nothing),
      cmocka_unit_test(with_reuse_the_rate_is_a_lower_bound_and_the_ports_bear_more),
      cmocka_unit_test(what_bind_took_is_never_taken_over),
      cmocka_unit_test(whether_a_distant_peer_allows_reuse_is_left_open),
      cmocka_unit_test(past_the_limit_of_buckets_the_rate_is_a_lower_bound),
      cmocka_unit_test(only_the_destination_with_most_entries_is_remarked), );
