#include "system/clock.h"

#include "suite.h"

#include <time.h>

TEST(now_is_what_the_c_library_says)
{
	int64_t before = time(NULL), now = clock_now_ms() / 1000, after = time(NULL);

	/* time() may be read from a coarser clock, which lags. */
	assert_in_range(now, before, after + 1);
}

TEST(the_monotonic_clock_goes_forward)
{
	int64_t first = clock_monotonic_ms(), first_boot = clock_boot_ms();
	double first_s = clock_monotonic_s();

	clock_rest_ms(30);
	assert_true(clock_monotonic_ms() - first >= 20);
	assert_true(clock_monotonic_s() - first_s >= 0.02);
	assert_true(clock_boot_ms() - first_boot >= 20);
}

TEST(fields_of_utc_are_seconds)
{
	static const struct {
		int year, month, day, hour;
		int64_t seconds;
	} table[] = {
		{ 1970, 1, 1, 0, 0 },		{ 1970, 1, 1, 1, 3600 },
		{ 2000, 2, 29, 0, 951782400 },	{ 2025, 1, 22, 23, 1737586800 },
		{ 2038, 1, 19, 4, 2147486400 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct tm fields = { .tm_year = table[i].year - 1900,
				     .tm_mon = table[i].month - 1,
				     .tm_mday = table[i].day,
				     .tm_hour = table[i].hour };

		assert_that(clock_of_utc(&fields) == table[i].seconds, "%d", table[i].year);
	}
}

TEST(fields_out_of_their_ranges_are_brought_into_them)
{
	struct tm fields = { .tm_year = 124, .tm_mon = 12, .tm_mday = 32 };

	assert_int_equal(clock_of_utc(&fields), 1738368000); /* 2025-02-01 */
	assert_int_equal(fields.tm_mon, 1);
	assert_int_equal(fields.tm_mday, 1);
}

TEST(local_time_is_at_most_a_day_from_utc)
{
	int offset = clock_utc_offset_s(clock_now_ms());

	assert_true(offset > -86400 && offset < 86400);
	assert_int_equal(offset % 60, 0);
}

SUITE(clock, cmocka_unit_test(now_is_what_the_c_library_says),
      cmocka_unit_test(the_monotonic_clock_goes_forward),
      cmocka_unit_test(fields_of_utc_are_seconds),
      cmocka_unit_test(fields_out_of_their_ranges_are_brought_into_them),
      cmocka_unit_test(local_time_is_at_most_a_day_from_utc), );
