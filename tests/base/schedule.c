#include "base/schedule.h"

#include "suite.h"

TEST(what_is_in_time_misses_nothing)
{
	struct schedule schedule = { 1000, 100 };

	for (int64_t now = 1000; now < 2000; now += 100) {
		assert_int_equal(schedule_take(&schedule, now), 0);
		assert_int_equal(schedule.next_ms, now + 100);
	}
}

/* A little each time does not add up. */
TEST(being_late_moves_no_other_time)
{
	struct schedule schedule = { 0, 100 };

	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(schedule_take(&schedule, i * 100 + 99), 0);
	assert_int_equal(schedule.next_ms, 100000);
}

TEST(times_that_have_passed_are_missed_and_not_made_up_for)
{
	struct schedule schedule = { 0, 100 };

	assert_int_equal(schedule_take(&schedule, 0), 0);
	assert_int_equal(schedule_take(&schedule, 199), 0);
	assert_int_equal(schedule_take(&schedule, 300), 1);
	assert_int_equal(schedule.next_ms, 400);
	assert_int_equal(schedule_take(&schedule, 1234), 8);
	assert_int_equal(schedule.next_ms, 1300);
}

/* Of each time it is known: it was taken, or missed. */
TEST(what_always_takes_too_long_misses_every_third)
{
	struct schedule schedule = { 0, 100 };
	uint64_t taken = 0, missed = 0;
	int64_t now = 0;

	while (now < 30000) {
		now = now > schedule.next_ms ? now : schedule.next_ms;
		missed += schedule_take(&schedule, now);
		taken++;
		now += 150;
	}
	assert_int_equal(taken + missed, schedule.next_ms / 100);
	assert_int_equal(missed, schedule.next_ms / 100 / 3);
}

TEST(a_machine_that_slept_for_a_week_has_one_look)
{
	const int64_t week_ms = INT64_C(7) * 24 * 3600 * 1000;
	struct schedule schedule = { 0, 10000 };

	assert_int_equal(schedule_take(&schedule, week_ms + 5), 60480);
	assert_int_equal(schedule.next_ms, week_ms + 10000);
}

SUITE(schedule, cmocka_unit_test(what_is_in_time_misses_nothing),
      cmocka_unit_test(being_late_moves_no_other_time),
      cmocka_unit_test(times_that_have_passed_are_missed_and_not_made_up_for),
      cmocka_unit_test(what_always_takes_too_long_misses_every_third),
      cmocka_unit_test(a_machine_that_slept_for_a_week_has_one_look), );
