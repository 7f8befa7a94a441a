#include "system/windows/positions.h"

#include "base/format.h"
#include "suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char written[256];

/* As everybody prints; the compiler knows numbered placeholders and checks them. */
static const char *print(const char *format, ...) FORMAT_PRINTF(1, 2);

static const char *print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(written, sizeof written, format, arguments);
	va_end(arguments);
	return written;
}

TEST(without_numbers_nothing_changes)
{
	assert_string_equal(print("%s has %d, 5$ and 100%%", "he", 3),
			    "he has 3, 5$ and 100%");
}

TEST(arguments_come_in_the_order_of_their_numbers)
{
	assert_string_equal(print("%2$s before %1$s", "a", "b"), "b before a");
	assert_string_equal(print("%3$s%1$s%2$s", "a", "b", "c"), "cab");
}

TEST(arguments_of_every_type_may_change_places)
{
	assert_string_equal(print("%4$.1f %3$s %2$zu %1$d", -1, (size_t)7, "x", 2.5),
			    "2.5 x 7 -1");
	assert_string_equal(print("%2$llu %1$hu", (unsigned short)65535, 1ULL << 40),
			    "1099511627776 65535");
	assert_string_equal(print("%2$5u|%1$-4s|", "ab", 42U), "   42|ab  |");
}

TEST(an_argument_may_come_twice)
{
	assert_string_equal(print("%1$s %1$s %2$d", "a", 1), "a a 1");
}

TEST(percent_signs_stay)
{
	assert_string_equal(print("%2$d%% of %1$s", "ports", 5), "5% of ports");
}

TEST(files_get_the_same)
{
	FILE *file = tmpfile();
	char read[32] = "";

	assert_non_null(file);
	/* cppcheck-suppress [invalidPrintfArgType_s,invalidPrintfArgType_uint] */
	fprintf(file, "%2$s %1$u", 9U, "to");
	rewind(file);
	assert_non_null(fgets(read, sizeof read, file));
	fclose(file);
	assert_string_equal(read, "to 9");
}

TEST(a_string_gets_the_same)
{
	char text[16];

	/* cppcheck-suppress [invalidPrintfArgType_s,invalidPrintfArgType_uint] */
	sprintf(text, "%2$s %1$u", 9U, "to");
	assert_string_equal(text, "to 9");
}

static bool applies(const char *format, ...)
{
	static struct positions positions;
	va_list arguments;
	bool result;

	va_start(arguments, format);
	result = positions_apply(&positions, format, arguments);
	va_end(arguments);
	return result;
}

TEST(what_is_no_such_format_is_left_alone)
{
	assert_false(applies("%s $", "a"));
	assert_false(applies("%1$s %s", "a", "b"));
	assert_false(applies("%0$s", "a"));
	assert_false(applies("%25$s", "a"));
	assert_true(applies("%1$s", "a"));
}

TEST(a_format_that_is_too_long_is_left_alone)
{
	static char format[POSITIONS_FORMAT + 8];

	memset(format, 'x', POSITIONS_FORMAT);
	memcpy(format, "%1$s", 4);
	assert_false(applies(format, "a"));
	format[POSITIONS_FORMAT - 1] = '\0';
	assert_true(applies(format, "a"));
}

SUITE(positions, cmocka_unit_test(without_numbers_nothing_changes),
      cmocka_unit_test(arguments_come_in_the_order_of_their_numbers),
      cmocka_unit_test(arguments_of_every_type_may_change_places),
      cmocka_unit_test(an_argument_may_come_twice), cmocka_unit_test(percent_signs_stay),
      cmocka_unit_test(files_get_the_same), cmocka_unit_test(a_string_gets_the_same),
      cmocka_unit_test(what_is_no_such_format_is_left_alone),
      cmocka_unit_test(a_format_that_is_too_long_is_left_alone), );
