#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "filling_up";

/* A range large enough that a leak leaves it healthy. */
static struct snapshot wide(void)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 40999 };
	return machine;
}

/* Connections of 812 at the two looks, five seconds apart. */
static struct snapshot growing(unsigned first, unsigned second)
{
	struct snapshot machine = wide(), before = wide();

	hold(&before, .count = first, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .count = second, .pid = 812, .kind = CONNECT_OWNED);
	machine_sample(&machine, before, 5);
	machine_call(&machine, 812, second > first ? second - first : 0, 0);
	return machine;
}

static enum severity with_growth(unsigned first, unsigned second)
{
	struct snapshot machine = growing(first, second);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

/* 600 ports left: 10 minutes at 1/s. */
TEST(room_that_goes_within_ten_minutes_is_a_warning)
{
	assert_int_equal(with_growth(389, 400), SEVERITY_WARNING);
	assert_int_equal(with_growth(391, 400), SEVERITY_WARNING);
	assert_int_equal(with_growth(392, 400), SEVERITY_OK);
	assert_int_equal(with_growth(400, 400), SEVERITY_OK);
	assert_int_equal(with_growth(400, 300), SEVERITY_OK);
}

/* 991 left, and 9 in five seconds: 550 s. 10 more in the range: over 600. */
TEST(more_than_ten_minutes_are_no_warning)
{
	struct snapshot machine = growing(9, 18), slow;

	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
	slow = growing(9, 18);
	slow.namespaces[0].settings.range.last += 300;
	slow.sample.before->namespaces[0].settings.range.last += 300;
	assert_int_equal(severity_by(&slow, rule), SEVERITY_OK);
	snapshot_free(&slow);
}

TEST(one_look_says_nothing)
{
	struct snapshot machine = wide();

	hold(&machine, .count = 700, .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(it_names_who_grows_the_pace_and_the_time)
{
	struct snapshot machine = growing(300, 400);
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .first = 40500, .count = 10, .pid = 813, .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_string_equal(finding->title,
			    "tcp 10.0.0.1 -> 10.0.9.1:5432: 590 ports left, and none in 26 s "
			    "if it goes on like that");
	assert_int_equal(evidence_of(finding, "full_in"), 26);
	assert_int_equal(evidence_of(finding, "lost_per_minute"), 1320);
	assert_non_null(remedy_with(finding, "second source address"));
	machine_end(&machine, &diagnosis);
}

TEST(where_time_wait_grows_its_maker_is_named_and_reuse_offered)
{
	struct snapshot machine = wide();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 200, .pid = 812,
	     .owner = OWNER_RECORDED, .fresh = true, .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->ended = true;
	machine_sample(&machine, wide(), 5);
	machine_call(&machine, 812, 200, 0);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "full_in"), 20);
	assert_non_null(remedy_with(finding, "tcp_tw_reuse=1"));
	assert_null(remark_of(&diagnosis, "time_wait_churn"));
	machine_end(&machine, &diagnosis);
}

TEST(what_is_low_already_has_another_finding)
{
	struct snapshot machine = growing(700, 900);

	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	assert_int_equal(severity_by(&machine, "destination_full"), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(pools_fill_too)
{
	struct snapshot machine = wide(), before = wide();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&before, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 100,
	     .pid = 401);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED, .count = 200,
	     .pid = 401);
	machine_sample(&machine, before, 5);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_string_equal(finding->subject, "udp IPv4");
	assert_int_equal(culprit_pid(&diagnosis, finding), 401);
	assert_int_equal(evidence_of(finding, "full_in"), 40);
	assert_non_null(remedy_with(finding, "end or restart"));
	machine_end(&machine, &diagnosis);
}

SUITE(filling_up, cmocka_unit_test(room_that_goes_within_ten_minutes_is_a_warning),
      cmocka_unit_test(more_than_ten_minutes_are_no_warning),
      cmocka_unit_test(one_look_says_nothing),
      cmocka_unit_test(it_names_who_grows_the_pace_and_the_time),
      cmocka_unit_test(where_time_wait_grows_its_maker_is_named_and_reuse_offered),
      cmocka_unit_test(what_is_low_already_has_another_finding),
      cmocka_unit_test(pools_fill_too));
