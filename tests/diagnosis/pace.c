#include "diagnosis/pace.h"

#include "diagnosis/machine.h"
#include "diagnosis/words.h"

#include <string.h>

enum { NOW_S = 1800000000 };

/* A machine whose ports one process has leaked since it started. */
static struct snapshot leaking(unsigned ports, int64_t age_s)
{
	struct snapshot machine = machine_new();

	machine.time_ms = (int64_t)NOW_S * 1000;
	hold(&machine, .count = ports, .state = SOCKET_CLOSE_WAIT, .pid = 812,
	     .kind = CONNECT_OWNED);
	machine_process(&machine, 812)->start_time = NOW_S - age_s;
	return machine;
}

TEST(a_restart_lasts_as_long_as_the_leak_took_so_far)
{
	struct snapshot machine = leaking(100, 12000);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, "close_wait_leak");
	const struct remedy *restart = remedy_with(finding, "end or restart");

	assert_int_equal(restart->room_after_min, 100);
	assert_int_equal(restart->lasts_s, 12000);
	assert_non_null(strstr(restart->lasts, "3 h 20 min"));
	machine_end(&machine, &diagnosis);
}

TEST(a_young_process_has_no_pace)
{
	struct snapshot machine = leaking(100, 4);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, "close_wait_leak");

	assert_int_equal(remedy_with(finding, "end or restart")->lasts_s, -1);
	assert_true(pace_ports_per_s(&diagnosis, finding) < 0);
	machine_end(&machine, &diagnosis);
}

TEST(an_unknown_start_has_no_pace)
{
	struct snapshot machine = leaking(100, 1000);
	struct diagnosis diagnosis;

	machine_process(&machine, 812)->start_time = -1;
	diagnosis = judge(&machine);
	assert_true(pace_ports_per_s(&diagnosis, finding_of(&diagnosis, "close_wait_leak")) <
		    0);
	machine_end(&machine, &diagnosis);
}

/* 100 in TIME_WAIT are 1.7 connections a second; 64,512 ports take 1,075. */
TEST(a_wider_range_lasts_up_to_a_rate_where_ports_rest)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	const struct remedy *wider;

	hold(&machine, .count = 100, .state = SOCKET_TIME_WAIT, .owner = OWNER_NOBODY,
	     .expires_ms = 50000, .age = AGE_YOUNG, .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	wider = remedy_with(finding_of(&diagnosis, "time_wait_pileup"), "widen");
	assert_int_equal(wider->lasts_s, -1);
	assert_non_null(strstr(wider->lasts, "1,075 connections/s"));
	assert_non_null(strstr(wider->lasts, "about 1.7/s"));
	machine_end(&machine, &diagnosis);
}

TEST(durations_have_two_units_at_most)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 59, "59 s" },
		{ 60, "1 min" },
		{ 3599, "59 min" },
		{ 3600, "1 h 0 min" },
		{ 86400 + 3600, "1 day 1 h" },
		{ 10 * 86400, "10 days 0 h" },
	};
	struct diagnosis diagnosis = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(words_duration(&diagnosis, cases[i].seconds),
				    cases[i].text);
	arena_free(&diagnosis.arena);
}

SUITE(pace, cmocka_unit_test(a_restart_lasts_as_long_as_the_leak_took_so_far),
      cmocka_unit_test(a_young_process_has_no_pace),
      cmocka_unit_test(an_unknown_start_has_no_pace),
      cmocka_unit_test(a_wider_range_lasts_up_to_a_rate_where_ports_rest),
      cmocka_unit_test(durations_have_two_units_at_most));
