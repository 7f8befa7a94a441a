#include "diagnosis/threshold.h"

#include "base/error.h"

#include "suite.h"

#include <string.h>

static struct threshold parsed(const char *text)
{
	struct threshold threshold = { 0 };
	struct error error;

	if (threshold_parse(&threshold, "--warning", text, &error))
		fail_msg("'%s': %s", text, error.text);
	return threshold;
}

static bool alerts(const char *text, uint64_t room, uint64_t eligible)
{
	struct threshold threshold = parsed(text);

	return threshold_alerts(&threshold, room, eligible);
}

TEST(a_number_alerts_when_less_is_left)
{
	assert_true(alerts("500", 499, 28232));
	assert_false(alerts("500", 500, 28232));
	assert_true(alerts("500:", 499, 28232));
	assert_false(alerts("500:", 28232, 28232));
	assert_false(alerts("0", 0, 100));
}

TEST(percent_is_of_the_eligible_ports)
{
	/* 20 % of 28,232 are 5,646.4 */
	assert_true(alerts("20%", 5646, 28232));
	assert_false(alerts("20%", 5647, 28232));
	assert_true(alerts("12.5%:", 12, 100));
	assert_false(alerts("12.5%:", 13, 100));
}

TEST(both_ends_belong_to_a_range)
{
	assert_true(alerts("10:20", 9, 100));
	assert_false(alerts("10:20", 10, 100));
	assert_false(alerts("10:20", 20, 100));
	assert_true(alerts("10:20", 21, 100));
	assert_true(alerts(":20", 21, 100));
	assert_false(alerts("~:20", 0, 100));
}

TEST(an_at_sign_alerts_inside)
{
	assert_true(alerts("@0:50", 0, 100));
	assert_true(alerts("@0:50", 50, 100));
	assert_false(alerts("@0:50", 51, 100));
	assert_true(alerts("@5%:10%", 7, 100));
	assert_false(alerts("@5%:10%", 4, 100));
}

TEST(what_is_no_threshold_is_refused_with_a_sentence)
{
	static const char *const bad[] = { "",
					   "x",
					   "20%x",
					   "10:5",
					   "-5",
					   "1e3",
					   "~",
					   "@",
					   "101%",
					   "5 %",
					   "1,5",
					   "10:20:",
					   "::",
					   "nan",
					   "inf",
					   "0x10",
					   "%",
					   "10%%",
					   "5%:x",
					   "@~",
					   " 5",
					   "5 ",
					   "10:101%",
					   "9007199254740993",
					   "10:99999999999999999" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct threshold threshold;
		struct error error = { "" };

		assert_int_equal(threshold_parse(&threshold, "--warning", bad[i], &error), -1);
		assert_non_null(strstr(error.text, "--warning"));
	}
}

static void prints(const char *text, uint64_t eligible, const char *wanted)
{
	struct threshold threshold = parsed(text);
	char buffer[80];

	threshold_print(&threshold, eligible, buffer, sizeof buffer);
	assert_string_equal(buffer, wanted);
}

TEST(performance_data_has_ranges_in_ports)
{
	prints("5%", 28232, "1412:");
	prints("500", 28232, "500:");
	prints("@10:20", 100, "@10:20");
	prints("~:50%", 100, "~:50");
	prints(":20", 100, "0:20");
}

/* A range printed for the ports of today alerts for the same rooms as the one it was made from. */
TEST(a_printed_range_alerts_like_its_origin)
{
	static const char *const texts[] = { "5%",    "20%",  "33.3%:", "@5%:9%",
					     "10:20", "~:7%", "5%:9%" };

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		for (uint64_t eligible = 1; eligible < 130; eligible += 7)
			for (uint64_t room = 0; room <= eligible; room++) {
				struct threshold origin = parsed(texts[i]);
				char buffer[80];

				threshold_print(&origin, eligible, buffer, sizeof buffer);
				if (threshold_alerts(&origin, room, eligible) !=
				    (*buffer && alerts(buffer, room, eligible)))
					fail_msg("%s of %d ports is not %s at %d", texts[i],
						 (int)eligible, buffer, (int)room);
			}
}

SUITE(threshold, cmocka_unit_test(a_number_alerts_when_less_is_left),
      cmocka_unit_test(percent_is_of_the_eligible_ports),
      cmocka_unit_test(both_ends_belong_to_a_range),
      cmocka_unit_test(an_at_sign_alerts_inside),
      cmocka_unit_test(what_is_no_threshold_is_refused_with_a_sentence),
      cmocka_unit_test(performance_data_has_ranges_in_ports),
      cmocka_unit_test(a_printed_range_alerts_like_its_origin));
