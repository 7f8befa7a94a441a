#include "source/artefact/windows/event_time.h"

#include "suite.h"

#include <string.h>

static struct event_time read_time(const char *text, enum event_order *order)
{
	return event_time_read((struct span){ text, strlen(text) }, order);
}

static void assert_time(const char *text, int64_t time_ms, bool is_local)
{
	enum event_order order = ORDER_UNKNOWN;
	struct event_time time = read_time(text, &order);

	assert_that(time.time_ms == time_ms, "%s: %lld", text, (long long)time.time_ms);
	assert_that(time.is_local == is_local, "%s", text);
}

TEST(times_of_xml_are_utc)
{
	assert_time("2019-01-16T02:01:10.611477100Z", INT64_C(1547604070611), false);
	assert_time("2019-01-16T02:01:10Z", INT64_C(1547604070000), false);
	assert_time("2019-01-16T02:01:10.5Z", INT64_C(1547604070500), false);
	assert_time("2019-01-16T03:31:10+01:30", INT64_C(1547604070000), false);
	assert_time("2000-02-29T00:00:00Z", INT64_C(951782400000), false);
}

TEST(times_for_people_are_of_an_unknown_zone)
{
	assert_time("2019-01-15T21:01:10.611", INT64_C(1547586070611), true);
	assert_time("1/15/2019 9:01:10 PM", INT64_C(1547586070000), true);
	assert_time("1/15/19 9:01:10 PM", INT64_C(1547586070000), true);
	assert_time("15.01.2019 21:01:10", INT64_C(1547586070000), true);
	assert_time("2019/1/15 21:01:10", INT64_C(1547586070000), true);
	assert_time("1/15/2019 12:00:00 AM", INT64_C(1547510400000), true);
	assert_time("1/15/2019 12:00:00 PM", INT64_C(1547553600000), true);
}

TEST(what_may_be_two_days_is_none)
{
	assert_time("1/2/2019 21:01:10", 0, false);
	assert_time("2/2/2019 00:00:00", INT64_C(1549065600000), true);
	assert_time("1/15/2019 21:01:10 PM", 0, false);
}

TEST(a_date_that_is_clear_tells_the_order_of_the_others)
{
	enum event_order order = ORDER_UNKNOWN;

	assert_int_equal(read_time("1/2/2019 21:01:10", &order).time_ms, 0);
	assert_true(read_time("1/15/2019 21:01:10", &order).time_ms > 0);
	assert_int_equal(order, ORDER_MONTH_FIRST);
	assert_int_equal(read_time("1/2/2019 00:00:00", &order).time_ms,
			 INT64_C(1546387200000));
}

TEST(an_hour_beside_a_word_of_another_language_is_none_up_to_twelve)
{
	assert_time("2020-08-28 오후 12:52:04", 0, false);
	assert_time("26.5.2015 г. 21:54:10", INT64_C(1432677250000), true);
}

TEST(what_is_no_time_is_none)
{
	static const char *const texts[] = { "",
					     "Tcpip",
					     "10.0.0.5:443",
					     "2019-13-01T00:00:00Z",
					     "2019-01-32T00:00:00Z",
					     "2019-01-01T24:00:00Z",
					     "2019-01-01",
					     "99999999999999/1/1 1:1:1",
					     "::::::::" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_time(texts[i], 0, false);
}

SUITE(event_time, cmocka_unit_test(times_of_xml_are_utc),
      cmocka_unit_test(times_for_people_are_of_an_unknown_zone),
      cmocka_unit_test(what_may_be_two_days_is_none),
      cmocka_unit_test(a_date_that_is_clear_tells_the_order_of_the_others),
      cmocka_unit_test(an_hour_beside_a_word_of_another_language_is_none_up_to_twelve),
      cmocka_unit_test(what_is_no_time_is_none));
