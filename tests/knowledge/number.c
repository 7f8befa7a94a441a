#include "suite.h"

#include "knowledge/lookup.h"
#include "knowledge/number.h"

#include <string.h>

static void expect_inside(const char *text, const char *name)
{
	struct lookup lookup = { 0 };

	number_look_up_inside(&lookup, text);
	if (!name) {
		assert_that(!lookup.count, "%s: %s", text, lookup.matches[0].topic->name);
		return;
	}
	assert_that(lookup.count && !strcmp(lookup.matches[0].topic->name, name), "%s", text);
}

TEST(numbers_are_read_in_each_form)
{
	struct number number;

	assert_int_equal(number_parse("99:", &number), 2);
	assert_int_equal(number.value, 99);
	assert_int_equal(number_parse("-99", &number), 3);
	assert_true(number.negative);
	assert_int_equal(number_parse("0xC0000209", &number), 10);
	assert_true(number.hexadecimal && number.value == 0xc0000209);
	assert_int_equal(number_parse("c0000209", &number), 8);
	assert_true(number.hexadecimal);
	assert_int_equal(number_parse("3221225993", &number), 10);
	assert_false(number.hexadecimal);
	assert_int_equal(number_parse("4294967295", &number), 10);
}

TEST(what_is_no_number_is_not_read)
{
	static const char *const texts[] = { "",
					     "-",
					     "x99",
					     "99x",
					     "0x",
					     "4294967296",
					     "99999999999999999999999",
					     "0x1ffffffff",
					     "c000020",
					     "c0000209f" };
	struct number number;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_that(!number_parse(texts[i], &number), "%s", texts[i]);
}

TEST(codes_inside_a_line_are_found_where_codes_stand)
{
	expect_inside("connect failed (99)", "EADDRNOTAVAIL");
	expect_inside("failed (111: Connection refused)", "ECONNREFUSED");
	expect_inside("errno=98", "EADDRINUSE");
	expect_inside("errno: -4091,", "EADDRINUSE");
	expect_inside("Os { code: 99, kind", "EADDRNOTAVAIL");
	expect_inside("failed with 0xC0000209 in", "STATUS_TOO_MANY_ADDRESSES");
	expect_inside("System error 10055 has occurred", "WSAENOBUFS");
	expect_inside("[10048] in use", "WSAEADDRINUSE");
}

TEST(ports_processes_and_counts_are_no_codes)
{
	expect_inside("sshd[111]: ok", NULL);
	expect_inside("10.0.0.5:10048 closed", NULL);
	expect_inside("main.c(99): here", NULL);
	expect_inside("2024/01/01 [error] 111#99: *24 open", NULL);
	expect_inside("took 99 ms for 24 rows", NULL);
	expect_inside("", NULL);
}

TEST(a_number_can_stand_for_several_things)
{
	struct lookup lookup = { 0 };
	struct number number = { .value = 0xd, .hexadecimal = true };

	number_look_up(&lookup, &number, 0);
	assert_int_equal(lookup.count, 2);
	assert_string_equal(lookup.matches[0].topic->name, "EACCES");
	assert_string_equal(lookup.matches[1].topic->name, "STATUS_INVALID_PARAMETER");
	assert_non_null(lookup.matches[1].how);
}

SUITE(number, cmocka_unit_test(numbers_are_read_in_each_form),
      cmocka_unit_test(what_is_no_number_is_not_read),
      cmocka_unit_test(codes_inside_a_line_are_found_where_codes_stand),
      cmocka_unit_test(ports_processes_and_counts_are_no_codes),
      cmocka_unit_test(a_number_can_stand_for_several_things));
