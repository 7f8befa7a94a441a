#include "base/filetime.h"

#include "suite.h"

#define UNIX_BEGINS UINT64_C(116444736000000000) /* Windows' own SecsTo1970 * 10^7 */

TEST(unix_time_begins_369_years_later)
{
	assert_int_equal(filetime_to_unix_ms(UNIX_BEGINS), 0);
	assert_int_equal(filetime_to_unix_s(UNIX_BEGINS), 0);
	assert_int_equal(filetime_from_unix_ms(0), UNIX_BEGINS);
}

/* 2025-01-22T13:05:09Z is 1737551109. */
TEST(a_date_of_today_is_told_in_both)
{
	assert_int_equal(filetime_to_unix_s(UINT64_C(133820247090000000)), 1737551109);
	assert_int_equal(filetime_to_unix_ms(UINT64_C(133820247091239999)), 1737551109123);
	assert_int_equal(filetime_from_unix_ms(1737551109123), UINT64_C(133820247091230000));
}

TEST(parts_of_a_unit_are_rounded_down)
{
	assert_int_equal(filetime_to_unix_ms(UNIX_BEGINS + 9999), 0);
	assert_int_equal(filetime_to_unix_ms(UNIX_BEGINS - 1), -1);
	assert_int_equal(filetime_to_unix_s(UNIX_BEGINS - 1), -1);
}

TEST(the_first_and_the_last_have_a_unix_time)
{
	assert_int_equal(filetime_to_unix_ms(0), INT64_C(-11644473600000));
	assert_int_equal(filetime_to_unix_ms(UINT64_MAX), INT64_C(1833029933770955));
	assert_int_equal(filetime_to_unix_s(UINT64_MAX), INT64_C(1833029933770));
}

TEST(what_it_cannot_count_is_the_nearest)
{
	assert_int_equal(filetime_from_unix_ms(INT64_MIN), 0);
	assert_int_equal(filetime_from_unix_ms(INT64_C(-11644473600001)), 0);
	assert_int_equal(filetime_from_unix_ms(INT64_C(-11644473599999)),
			 FILETIME_UNITS_PER_MS);
	assert_int_equal(filetime_from_unix_ms(INT64_C(1833029933770955)),
			 UINT64_MAX / FILETIME_UNITS_PER_MS * FILETIME_UNITS_PER_MS);
	assert_int_equal(filetime_from_unix_ms(INT64_C(1833029933770956)), UINT64_MAX);
	assert_int_equal(filetime_from_unix_ms(INT64_MAX), UINT64_MAX);
}

TEST(its_halves_make_one_number)
{
	assert_int_equal(filetime_join(0x01db6cce, 0xfedcba98), UINT64_C(0x01db6ccefedcba98));
	assert_int_equal(filetime_join(0, 0xffffffff), UINT64_C(0xffffffff));
}

SUITE(filetime, cmocka_unit_test(unix_time_begins_369_years_later),
      cmocka_unit_test(a_date_of_today_is_told_in_both),
      cmocka_unit_test(parts_of_a_unit_are_rounded_down),
      cmocka_unit_test(the_first_and_the_last_have_a_unix_time),
      cmocka_unit_test(what_it_cannot_count_is_the_nearest),
      cmocka_unit_test(its_halves_make_one_number), );
