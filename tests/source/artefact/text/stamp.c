#include "source/artefact/text/stamp.h"

#include "source/artefact/text/calendar.h"
#include "suite.h"

#include <string.h>

static bool find(const char *line, struct stamp *stamp, struct span *text)
{
	return stamp_find((struct span){ line, strlen(line) }, stamp, text);
}

static struct stamp stamp_of(const char *line)
{
	struct stamp stamp;
	struct span text;

	assert_that(find(line, &stamp, &text), "no stamp in '%s'", line);
	return stamp;
}

/* Of 2025-01-22, 13:05:09.12 unless another time of the day is told. */
static const int64_t noon = INT64_C(1737551109120);

static int64_t ms_of(const char *line, enum stamp_order order)
{
	struct stamp stamp = stamp_of(line);
	int64_t time_ms = 0;

	return stamp_ms(&stamp, order, &time_ms) ? time_ms : -1;
}

TEST(stamps_of_cmd_are_read_in_the_forms_of_many_locales)
{
	static const struct {
		const char *line;
		enum stamp_order order;
	} forms[] = {
		{ "Wed 01/22/2025 13:05:09.12", STAMP_MONTH_FIRST },
		{ "Wed 01/22/2025 13:05:09.12 ", STAMP_MONTH_FIRST },
		{ "22.01.2025 13:05:09,12", STAMP_DAY_FIRST },
		{ "22/01/2025 13:05:09.12", STAMP_DAY_FIRST },
		{ "wo 22-01-2025 13:05:09,12", STAMP_DAY_FIRST },
		{ "2025/01/22 \xE5\x91\xA8\xE4\xB8\x89 13:05:09.12", STAMP_YEAR_FIRST },
		{ "2025/01/22 \xD6\xDC\xC8\xFD 13:05:09.12", STAMP_YEAR_FIRST },
		{ "2025-01-22 13:05:09.12", STAMP_YEAR_FIRST },
		{ "2025. 01. 22. 13:05:09,12", STAMP_YEAR_FIRST },
		{ "22.1.2025 13.05.09,12", STAMP_DAY_FIRST },
		{ "01/22/25 13:05:09.12", STAMP_MONTH_FIRST },
		{ "2025-01-22T13:05:09.120", STAMP_YEAR_FIRST },
		{ "1/22/2025 1:05:09.12 PM", STAMP_MONTH_FIRST },
		{ "2025-01-22 \xEC\x98\xA4\xED\x9B\x84 1:05:09.12", STAMP_YEAR_FIRST },
		{ "2025-01-22 \xBF\xC0\xC8\xC4 1:05:09.12", STAMP_YEAR_FIRST },
		{ "=== 2025-01-22 13:05:09.12 ===", STAMP_YEAR_FIRST },
		{ "2025-01-22T12:05:09.12-01:00", STAMP_YEAR_FIRST },
		{ "2025-01-22T14:05:09.12+0100", STAMP_YEAR_FIRST },
		{ "2025-01-22T13:05:09.12Z", STAMP_YEAR_FIRST },
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		assert_that(ms_of(forms[i].line, forms[i].order) == noon, "'%s': %lld",
			    forms[i].line, (long long)ms_of(forms[i].line, forms[i].order));
}

TEST(before_noon_is_before_noon)
{
	assert_int_equal(stamp_of("1/22/2025 12:05:09 AM").day_ms, 5 * 60000 + 9000);
	assert_int_equal(stamp_of("1/22/2025 12:05:09 PM").day_ms, 725 * 60000 + 9000);
	assert_int_equal(stamp_of("2025/01/22 \xE4\xB8\x8A\xE5\x8D\x88 9:05:00").day_ms,
			 545 * 60000);
	assert_int_equal(stamp_of("2025/01/22 \xE4\xB8\x8B\xE5\x8D\x88 9:05:00").day_ms,
			 1265 * 60000);
}

TEST(only_what_was_said_of_the_zone_is_known)
{
	assert_true(stamp_of("2025-01-22T13:05:09Z").zone_known);
	assert_false(stamp_of("2025-01-22T13:05:09").zone_known);
	assert_false(stamp_of("2025-01-22 13:05:09 - start").zone_known);
}

TEST(the_stamp_is_what_stands_there_with_the_name_of_the_day)
{
	struct stamp stamp;
	struct span text;

	assert_true(find("log: Wed 01/22/2025  9:05:09.12 begin", &stamp, &text));
	assert_int_equal(text.length, strlen("Wed 01/22/2025  9:05:09.12"));
	assert_memory_equal(text.text, "Wed 01/22/2025  9:05:09.12", text.length);
	assert_string_equal(stamp.weekday, "Wed");
}

TEST(a_date_or_a_time_may_stand_alone)
{
	struct stamp date = stamp_of("Wed 01/22/2025"), time = stamp_of("13:05:09.12"),
		     clock = stamp_of("01:05 PM");

	assert_true(date.has_date && !date.has_time);
	assert_true(!time.has_date && time.has_time);
	assert_int_equal(clock.day_ms, 785 * 60000);
}

TEST(what_is_no_date_is_none)
{
	static const char *const lines[] = {
		"",
		"Active Connections",
		"Microsoft Windows [Version 10.0.19045.3803]",
		"(c) Microsoft Corporation. 2025",
		"  TCP    10.0.0.5:50123         10.0.9.1:443           ESTABLISHED     812",
		"  TCP    [fe80::1%12]:50123     [fe80::2]:443          ESTABLISHED     812",
		"192.168.1.10",
		"1.2.3",
		"25:00:00",
		"1/2",
		"12/34/567/8",
	};
	struct stamp stamp;
	struct span text;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_that(!find(lines[i], &stamp, &text), "'%s' is taken for '%.*s'",
			    lines[i], (int)text.length, text.text);
}

TEST(a_date_that_does_not_exist_is_refused)
{
	assert_int_equal(ms_of("31/04/2025 00:00:00", STAMP_DAY_FIRST), -1);
	assert_int_equal(ms_of("29/02/2025 00:00:00", STAMP_DAY_FIRST), -1);
	assert_int_not_equal(ms_of("29/02/2024 00:00:00", STAMP_DAY_FIRST), -1);
	assert_int_equal(ms_of("22/01/2568 00:00:00", STAMP_DAY_FIRST), -1);
	assert_int_equal(ms_of("01.02.2025 00:00:00", STAMP_MONTH_FIRST), -1);
}

/* ---- all stamps of a file ---- */

static enum stamp_order order_of(const char *const *lines, int64_t modified_ms)
{
	struct calendar calendar;

	calendar_begin(&calendar);
	for (; *lines; lines++) {
		struct stamp stamp = stamp_of(*lines);

		calendar_add(&calendar, &stamp);
	}
	return calendar_order(&calendar, modified_ms);
}

#define ORDER(modified_ms, ...)                                                               \
	order_of((const char *const[]){ __VA_ARGS__, NULL }, (modified_ms))

TEST(a_day_behind_the_twelfth_tells_the_order)
{
	assert_int_equal(ORDER(0, "01/12/2025 23:59:00", "01/13/2025 00:00:00"),
			 STAMP_MONTH_FIRST);
	assert_int_equal(ORDER(0, "12/01/2025 23:59:00", "13/01/2025 00:00:00"),
			 STAMP_DAY_FIRST);
	assert_int_equal(ORDER(0, "2025/01/02 23:59:00"), STAMP_YEAR_FIRST);
	assert_int_equal(ORDER(0, "02.01.2025 23:59:00"), STAMP_DAY_FIRST);
}

TEST(one_ambiguous_date_stays_ambiguous)
{
	assert_int_equal(ORDER(0, "01/02/2025 23:58:00", "01/02/2025 23:59:00"), STAMP_ORDERS);
	assert_int_equal(ORDER(0, "05/05/2025 23:58:00"), STAMP_DAY_FIRST); /* both agree */
}

/* 2025-01-02 was a Thursday, 2025-02-01 a Saturday. */
TEST(the_english_name_of_the_day_tells_the_order)
{
	assert_int_equal(ORDER(0, "Thu 01/02/2025 23:58:00"), STAMP_MONTH_FIRST);
	assert_int_equal(ORDER(0, "Sat 01/02/2025 23:58:00"), STAMP_DAY_FIRST);
	assert_int_equal(ORDER(0, "Saturday 01/02/2025 23:58:00"), STAMP_DAY_FIRST);
	assert_int_equal(ORDER(0, "Satisfied 01/02/2025 23:58:00"), STAMP_ORDERS);
	/* What fits nothing is no reason against both. */
	assert_int_equal(ORDER(0, "Mon 01/02/2025 23:58:00"), STAMP_ORDERS);
}

/* By day and month in that order all three are Mondays. */
TEST(names_of_days_in_any_language_must_be_of_one_day_each)
{
	assert_int_equal(ORDER(0, "ma 03/02/2025 10:00:00", "ma 10/02/2025 10:00:00",
			       "ma 03/03/2025 10:00:00"),
			 STAMP_DAY_FIRST);
}

TEST(a_step_of_a_minute_over_midnight_tells_the_order)
{
	assert_int_equal(ORDER(0, "01/02/2025 23:59:30", "01/03/2025 00:00:30"),
			 STAMP_MONTH_FIRST);
	assert_int_equal(ORDER(0, "01/02/2025 23:59:30", "02/02/2025 00:00:30"),
			 STAMP_DAY_FIRST);
}

/* From the 31st of January: by the other order it would be a step back. */
TEST(time_does_not_go_back)
{
	assert_int_equal(ORDER(0, "10/02/2025 23:59:30", "11/01/2025 00:00:30"),
			 STAMP_MONTH_FIRST);
}

TEST(when_the_file_was_written_tells_the_order)
{
	const int64_t january = ms_of("2025-01-02 23:59:00", STAMP_YEAR_FIRST),
		      february = ms_of("2025-02-01 23:59:00", STAMP_YEAR_FIRST),
		      hour = 3600 * 1000;

	assert_int_equal(ORDER(january + 9 * hour, "01/02/2025 23:59:00"), STAMP_MONTH_FIRST);
	assert_int_equal(ORDER(february - 9 * hour, "01/02/2025 23:59:00"), STAMP_DAY_FIRST);
	/* A copy made between them cannot have the later one; one made long after says nothing. */
	assert_int_equal(ORDER(january + 100 * hour, "01/02/2025 23:59:00"),
			 STAMP_MONTH_FIRST);
	assert_int_equal(ORDER(february + 1000 * hour, "01/02/2025 23:59:00"), STAMP_ORDERS);
}

SUITE(stamp, cmocka_unit_test(stamps_of_cmd_are_read_in_the_forms_of_many_locales),
      cmocka_unit_test(before_noon_is_before_noon),
      cmocka_unit_test(only_what_was_said_of_the_zone_is_known),
      cmocka_unit_test(the_stamp_is_what_stands_there_with_the_name_of_the_day),
      cmocka_unit_test(a_date_or_a_time_may_stand_alone),
      cmocka_unit_test(what_is_no_date_is_none),
      cmocka_unit_test(a_date_that_does_not_exist_is_refused),
      cmocka_unit_test(a_day_behind_the_twelfth_tells_the_order),
      cmocka_unit_test(one_ambiguous_date_stays_ambiguous),
      cmocka_unit_test(the_english_name_of_the_day_tells_the_order),
      cmocka_unit_test(names_of_days_in_any_language_must_be_of_one_day_each),
      cmocka_unit_test(a_step_of_a_minute_over_midnight_tells_the_order),
      cmocka_unit_test(time_does_not_go_back),
      cmocka_unit_test(when_the_file_was_written_tells_the_order));
