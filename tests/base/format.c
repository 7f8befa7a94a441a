#include "base/format.h"

#include "suite.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int print(char *text, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = format_vprint(text, size, format, args);
	va_end(args);
	return length;
}

TEST(without_places_it_is_printf)
{
	char text[64];

	assert_int_equal(print(text, sizeof text, "%s %d%% %zu $", "a", -3, (size_t)7), 9);
	assert_string_equal(text, "a -3% 7 $");
}

TEST(places_reorder_what_is_given)
{
	char text[64];

	assert_int_equal(print(text, sizeof text, "%2$s of %1$s", "one", "two"), 10);
	assert_string_equal(text, "two of one");
	print(text, sizeof text, "%2$s, %1$s, %2$s", "one", "two");
	assert_string_equal(text, "two, one, two");
}

TEST(each_size_is_taken_as_it_was_given)
{
	char text[128];

	print(text, sizeof text, "%6$s %5$zu %4$llx %3$ld %2$u %1$d", -1, 4000000000U, -2L,
	      0x123456789abcdefULL, (size_t)9, "end");
	assert_string_equal(text, "end 9 123456789abcdef -2 4000000000 -1");
}

TEST(widths_and_percent_signs_stay)
{
	char text[64];

	print(text, sizeof text, "%2$-4s|%1$03d|100%%", 7, "ab");
	assert_string_equal(text, "ab  |007|100%");
}

TEST(what_does_not_fit_is_cut_and_its_length_told)
{
	char text[6] = "xxxxx";

	assert_int_equal(print(text, sizeof text, "%2$s%1$s", "defg", "abc"), 7);
	assert_string_equal(text, "abcde");
	assert_int_equal(print(NULL, 0, "%2$s%1$s", "defg", "abc"), 7);
}

SUITE(format, cmocka_unit_test(without_places_it_is_printf),
      cmocka_unit_test(places_reorder_what_is_given),
      cmocka_unit_test(each_size_is_taken_as_it_was_given),
      cmocka_unit_test(widths_and_percent_signs_stay),
      cmocka_unit_test(what_does_not_fit_is_cut_and_its_length_told));
