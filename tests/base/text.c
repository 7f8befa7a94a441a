#include "base/text.h"

#include "suite.h"
#include "system/memory_file.h"

#include <stdlib.h>
#include <string.h>

TEST(words_are_near_within_the_limit_that_is_given)
{
	assert_true(text_is_near("net.ipv4.tcp_tw_resuse", "net.ipv4.tcp_tw_reuse", 1));
	assert_true(text_is_near("net.ipv6.x", "net.ipv4.x", 1));
	assert_false(text_is_near("tcp_retries2", "tcp_retry", 2));
	assert_true(text_is_near("same", "same", 0));
}

TEST(a_whole_decimal_number_is_read)
{
	static const struct {
		const char *text;
		uint64_t number;
	} table[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "007", 7 },
		{ "65535", 65535 },
		{ "18446744073709551615", UINT64_MAX },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		uint64_t number = 42;

		assert_that(text_to_number(table[i].text, UINT64_MAX, &number), "%s",
			    table[i].text);
		assert_that(number == table[i].number, "%s", table[i].text);
	}
}

TEST(what_is_more_than_a_number_is_refused_and_changes_nothing)
{
	static const char *const table[] = {
		"",
		"+1",
		"-1",
		" 1",
		"1 ",
		"1\n",
		"0x10",
		"1e3",
		"1.0",
		"1,000",
		"ten",
		"18446744073709551616",
		"99999999999999999999",
		"184467440737095516150",
		"/",
		":",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		uint64_t number = 42;

		assert_that(!text_to_number(table[i], UINT64_MAX, &number), "'%s'", table[i]);
		assert_int_equal(number, 42);
	}
}

TEST(a_number_may_reach_its_limit_but_not_pass_it)
{
	uint64_t number;

	assert_true(text_to_number("65535", 65535, &number));
	assert_false(text_to_number("65536", 65535, &number));
}

TEST(a_duration_is_a_number_with_its_unit)
{
	static const struct {
		const char *text;
		uint64_t milliseconds;
	} table[] = {
		{ "500ms", 500 }, { "0s", 0 },	     { "5s", 5000 },
		{ "2m", 120000 }, { "1h", 3600000 }, { "3600000ms", 3600000 },
	};
	uint64_t milliseconds;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		assert_that(text_to_duration(table[i].text, 3600000, &milliseconds), "%s",
			    table[i].text);
		assert_that(milliseconds == table[i].milliseconds, "%s", table[i].text);
	}
}

TEST(a_size_is_a_number_with_its_unit)
{
	static const char *const wrong[] = { "",
					     "64",
					     "M",
					     "64m",
					     "64MB",
					     "-1M",
					     " 1M",
					     "1.5G",
					     "4097M",
					     "5G",
					     "18446744073709551615G" };
	const uint64_t most = UINT64_C(4) << 30;
	uint64_t bytes = 7;

	assert_true(text_to_size("512K", most, &bytes));
	assert_int_equal(bytes, 512 << 10);
	assert_true(text_to_size("64M", most, &bytes));
	assert_int_equal(bytes, 64 << 20);
	assert_true(text_to_size("4G", most, &bytes));
	assert_true(bytes == most);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_that(!text_to_size(wrong[i], most, &bytes), "'%s'", wrong[i]);
	assert_true(bytes == most);
}

TEST(what_is_no_duration_or_too_long_is_refused_and_changes_nothing)
{
	static const char *const table[] = {
		"",
		"5",
		"s",
		"ms",
		"5 s",
		" 5s",
		"-5s",
		"+5s",
		"1.5s",
		"5s ",
		"5sec",
		"5S",
		"5d",
		"1e3ms",
		"5s1ms",
		"61m",
		"2h",
		"3600001ms",
		"3601s",
		"5\n",
		"5ms\n",
		"18446744073709551617s",
		"99999999999999999999999s",
		"5124095576030431h",
	};
	uint64_t milliseconds = 42;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		assert_that(!text_to_duration(table[i], 3600000, &milliseconds), "'%s'",
			    table[i]);
		assert_int_equal(milliseconds, 42);
	}
}

TEST(numbers_for_people_are_grouped_by_commas)
{
	char buffer[27];

	assert_string_equal(text_grouped(buffer, 0), "0");
	assert_string_equal(text_grouped(buffer, 999), "999");
	assert_string_equal(text_grouped(buffer, 1000), "1,000");
	assert_string_equal(text_grouped(buffer, 28232), "28,232");
	assert_string_equal(text_grouped(buffer, 100000), "100,000");
	assert_string_equal(text_grouped(buffer, 1234567), "1,234,567");
	assert_string_equal(text_grouped(buffer, UINT64_MAX), "18,446,744,073,709,551,615");
}

static const char *const commands[] = { "check", "room", "list", "range", "help", NULL };

TEST(the_nearest_word_is_one_slip_away)
{
	assert_string_equal(text_nearest("check", commands), "check");
	assert_string_equal(text_nearest("chekc", commands), "check"); /* swap */
	assert_string_equal(text_nearest("lst", commands), "list");    /* left out */
	assert_string_equal(text_nearest("rooom", commands), "room");  /* one too many */
	assert_string_equal(text_nearest("hemp", commands), "help");   /* another letter */
}

TEST(a_third_of_the_letters_may_differ_and_no_more)
{
	static const char *const words[] = { "abcdef", NULL };
	static const char *const short_words[] = { "abc", NULL };

	assert_string_equal(text_nearest("abcdxy", words), "abcdef");
	assert_null(text_nearest("abcxyz", words));
	assert_string_equal(text_nearest("abx", short_words), "abc");
	assert_null(text_nearest("axx", short_words));
}

TEST(a_word_that_is_near_nothing_has_no_nearest)
{
	assert_null(text_nearest("frobnicate", commands));
	assert_null(text_nearest("", commands));
	assert_null(text_nearest("check", commands + 5));
}

TEST(of_two_equally_near_words_the_first_is_taken)
{
	static const char *const words[] = { "cat", "bat", NULL };

	assert_string_equal(text_nearest("rat", words), "cat");
}

TEST(very_long_text_is_near_nothing)
{
	char text[300];

	for (size_t length = 35; length < sizeof text; length++) {
		memset(text, 'x', length);
		text[length] = '\0';
		assert_that(!text_nearest(text, commands), "%zu letters", length);
	}
}

TEST(well_formed_utf8_has_a_length)
{
	static const struct {
		const char *text;
		size_t length;
	} table[] = {
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\xc2\x80", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xee\x80\x80", 3 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_that(text_utf8_length(table[i].text) == table[i].length, "row %zu", i);
}

TEST(malformed_utf8_has_none)
{
	static const char *const table[] = {
		"\x80", /* continues nothing */
		"\xbf",
		"\xc0\x80", /* overlong NUL */
		"\xc1\xbf",
		"\xc2", /* cut short by the end */
		"\xc2"
		"a",
		"\xe0\x80\x80", /* overlong */
		"\xe0\x9f\xbf",
		"\xed\xa0\x80", /* surrogate */
		"\xed\xbf\xbf",
		"\xe2\x80", /* cut short */
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98",
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_that(text_utf8_length(table[i]) == 0, "row %zu", i);
}

static void assert_safe(const char *text, const char *expected)
{
	struct memory_file written;

	memory_file_open(&written);
	text_write_safe(written.out, text);
	memory_file_flush(&written);
	assert_string_equal(written.text, expected);
	memory_file_close(&written);
}

TEST(harmless_text_is_written_as_it_is)
{
	assert_safe("", "");
	assert_safe("nginx: worker process", "nginx: worker process");
	assert_safe("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80",
		    "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_safe("\xc2\xa0", "\xc2\xa0"); /* the first after the control characters */
}

TEST(control_characters_become_question_marks)
{
	assert_safe("a\nb\tc\rd", "a?b?c?d");
	assert_safe("\x1b[2Jgone", "?[2Jgone");
	assert_safe("\x01\x1f\x7f", "???");
	assert_safe("\xc2\x80\xc2\x9b\xc2\x9f", "???"); /* C1: U+009B begins a sequence too */
}

TEST(bytes_that_are_not_utf8_become_question_marks)
{
	assert_safe("a\xff"
		    "b\xc3",
		    "a?b?");
	assert_safe("\xed\xa0\x80", "???");
	assert_safe("\xe2\x80", "??");
}

TEST(marks_that_turn_the_direction_become_question_marks)
{
	assert_safe("\xe2\x80\x8e\xe2\x80\x8f", "??"); /* LRM, RLM */
	assert_safe("\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae", "?????");
	assert_safe("\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9", "????"); /* isolates */
	assert_safe("\xd8\x9c", "?");						 /* ALM */
	assert_safe("\xe2\x80\xa8\xe2\x80\xa9", "??"); /* line and paragraph separator */
}

TEST(neighbours_of_the_direction_marks_pass)
{
	assert_safe("\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf",
		    "\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf");
	assert_safe("\xe2\x81\xaa\xd8\x9b\xd8\x9d", "\xe2\x81\xaa\xd8\x9b\xd8\x9d");
}

TEST(characters_take_the_columns_that_terminals_give_them)
{
	static const struct {
		const char *glyph;
		unsigned columns;
	} table[] = {
		{ "a", 1 },
		{ "~", 1 },
		{ "\xc3\xa9", 1 },	   /* e acute */
		{ "\xcf\x80", 1 },	   /* pi: ambiguous, narrow */
		{ "\xe2\x86\x92", 1 },	   /* arrow: ambiguous, narrow */
		{ "\xe7\xab\xaf", 2 },	   /* U+7AEF */
		{ "\xe3\x80\x82", 2 },	   /* ideographic full stop */
		{ "\xef\xbc\x88", 2 },	   /* fullwidth bracket */
		{ "\xef\xbd\xb1", 1 },	   /* halfwidth katakana */
		{ "\xed\x95\x9c", 2 },	   /* Hangul */
		{ "\xf0\x9f\x98\x80", 2 }, /* emoji */
		{ "\xf0\xa0\x80\x80", 2 }, /* U+20000 */
		{ "\xcc\x81", 0 },	   /* combining acute */
		{ "\xe2\x80\x8d", 0 },	   /* zero width joiner */
		{ "\xef\xb8\x8f", 0 },	   /* variation selector */
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_that(text_glyph_width(table[i].glyph, strlen(table[i].glyph)) ==
				    table[i].columns,
			    "%s", table[i].glyph);
}

TEST(a_text_is_as_wide_as_it_is_written)
{
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("TIME_WAIT"), 9);
	assert_int_equal(text_width("端口 80"), 7);
	assert_int_equal(text_width("cafe\xcc\x81"), 4);
	/* Question marks stand for a byte that is no character, a control character and a mark
	 * that turns the direction. */
	assert_int_equal(text_width("\xff\033\xe2\x80\xae"), 3);
}

SUITE(text, cmocka_unit_test(words_are_near_within_the_limit_that_is_given),
      cmocka_unit_test(a_whole_decimal_number_is_read),
      cmocka_unit_test(what_is_more_than_a_number_is_refused_and_changes_nothing),
      cmocka_unit_test(a_number_may_reach_its_limit_but_not_pass_it),
      cmocka_unit_test(a_duration_is_a_number_with_its_unit),
      cmocka_unit_test(a_size_is_a_number_with_its_unit),
      cmocka_unit_test(what_is_no_duration_or_too_long_is_refused_and_changes_nothing),
      cmocka_unit_test(numbers_for_people_are_grouped_by_commas),
      cmocka_unit_test(the_nearest_word_is_one_slip_away),
      cmocka_unit_test(a_third_of_the_letters_may_differ_and_no_more),
      cmocka_unit_test(a_word_that_is_near_nothing_has_no_nearest),
      cmocka_unit_test(of_two_equally_near_words_the_first_is_taken),
      cmocka_unit_test(very_long_text_is_near_nothing),
      cmocka_unit_test(well_formed_utf8_has_a_length),
      cmocka_unit_test(malformed_utf8_has_none),
      cmocka_unit_test(harmless_text_is_written_as_it_is),
      cmocka_unit_test(control_characters_become_question_marks),
      cmocka_unit_test(bytes_that_are_not_utf8_become_question_marks),
      cmocka_unit_test(marks_that_turn_the_direction_become_question_marks),
      cmocka_unit_test(neighbours_of_the_direction_marks_pass),
      cmocka_unit_test(characters_take_the_columns_that_terminals_give_them),
      cmocka_unit_test(a_text_is_as_wide_as_it_is_written));
