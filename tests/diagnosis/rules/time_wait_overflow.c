#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "time_wait_overflow";

static struct snapshot with_time_wait(int64_t now, int64_t limit, int64_t overflows)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.max_tw_buckets = limit;
	machine.namespaces[0].counters.time_wait_now = now;
	machine.namespaces[0].counters.time_wait_overflows = overflows;
	return machine;
}

/* What the rule says: a finding, a remark, or nothing. */
enum said { NOTHING, REMARK, FINDING };

static enum said said_of(int64_t now, int64_t limit, int64_t overflows)
{
	struct snapshot machine = with_time_wait(now, limit, overflows);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);
	const struct finding *remark = remark_of(&diagnosis, rule);
	enum said said = finding ? FINDING : remark ? REMARK : NOTHING;

	assert_false(finding && remark);
	assert_true(!finding || finding->severity == SEVERITY_WARNING);
	assert_int_equal(diagnosis.verdict, finding ? SEVERITY_WARNING : SEVERITY_OK);
	machine_end(&machine, &diagnosis);
	return said;
}

TEST(only_at_the_limit_it_is_a_finding)
{
	assert_int_equal(said_of(999, 1000, 0), NOTHING);
	assert_int_equal(said_of(1000, 1000, 0), FINDING);
	assert_int_equal(said_of(1000, 1000, -1), FINDING);
	assert_int_equal(said_of(1200, 1000, 7), FINDING); /* the limit was lowered */
}

TEST(a_little_below_the_limit_is_at_it_if_there_were_overflows)
{
	assert_int_equal(said_of(989, 1000, 7), REMARK);
	assert_int_equal(said_of(990, 1000, 7), FINDING);
	assert_int_equal(said_of(990, 1000, 0), NOTHING);
}

TEST(overflows_of_the_past_are_a_remark)
{
	assert_int_equal(said_of(10, 1000, 0), NOTHING);
	assert_int_equal(said_of(10, 1000, 1), REMARK);
}

TEST(a_limit_of_zero_is_a_finding_once_something_was_lost)
{
	assert_int_equal(said_of(0, 0, 0), NOTHING);
	assert_int_equal(said_of(0, 0, 1), FINDING);
}

TEST(what_was_not_read_is_not_judged)
{
	assert_int_equal(said_of(-1, 1000, 7), NOTHING);
	assert_int_equal(said_of(1000, -1, 7), NOTHING);
	assert_int_equal(said_of(-1, -1, -1), NOTHING);
	assert_int_equal(said_of(INT64_MAX, 1000, 0), NOTHING); /* no kernel says so */
}

TEST(the_finding_counts_and_offers_a_higher_limit)
{
	struct snapshot machine = with_time_wait(400000, 400000, 33);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_int_equal(evidence_of(finding, "time_wait_now"), 400000);
	assert_int_equal(evidence_of(finding, "max_tw_buckets"), 400000);
	assert_int_equal(evidence_of(finding, "overflows"), 33);
	assert_string_equal(remedy_with(finding, "tcp_max_tw_buckets")->command,
			    "sysctl -w net.ipv4.tcp_max_tw_buckets=800000");
	assert_non_null(remedy_with(finding, "pool"));
	assert_true(is_useless(finding, "tcp_fin_timeout"));
	machine_end(&machine, &diagnosis);
}

SUITE(time_wait_overflow, cmocka_unit_test(only_at_the_limit_it_is_a_finding),
      cmocka_unit_test(a_little_below_the_limit_is_at_it_if_there_were_overflows),
      cmocka_unit_test(overflows_of_the_past_are_a_remark),
      cmocka_unit_test(a_limit_of_zero_is_a_finding_once_something_was_lost),
      cmocka_unit_test(what_was_not_read_is_not_judged),
      cmocka_unit_test(the_finding_counts_and_offers_a_higher_limit), );
