#include "action/range_trial.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

static const struct port_range before = { 49152, 65535 }, after = { 10000, 65535 };
static char told[600];

static void tell(const char *sentence)
{
	snprintf(told, sizeof told, "%s", sentence);
}

/* Seconds are rounded up, and none are left of one that is over. */
TEST(a_trial_that_is_not_over_says_how_long)
{
	struct error error;

	assert_int_equal(range_trial_refuse_other(after, 1001, &error), -1);
	assert_non_null(strstr(error.text, "10000-65535 is on trial here for another 2 s"));
	assert_int_equal(range_trial_refuse_other(after, -5000, &error), -1);
	assert_non_null(strstr(error.text, "another 0 s"));
}

TEST(a_trial_is_confirmed_before_its_end)
{
	struct error error;

	assert_int_equal(range_trial_refuse_confirming(5000, 1, before, after, &error), 0);
	assert_int_equal(range_trial_refuse_confirming(5000, 0, before, after, &error), -1);
	assert_non_null(strstr(error.text, "too late"));
	assert_int_equal(range_trial_refuse_confirming(0, -1, before, after, &error), -1);
	assert_non_null(strstr(error.text, "10000-65535 is set for good"));
}

TEST(what_became_of_a_trial_is_told)
{
	struct error error;

	range_trial_tell(tell, before, after, 0, NULL);
	assert_non_null(strstr(told, "the range is 49152-65535 again"));
	error_set(&error, "netsh is gone");
	range_trial_tell(tell, before, after, -1, &error);
	assert_non_null(strstr(told, "10000-65535 was not confirmed in time: netsh is gone"));
}

SUITE(range_trial, cmocka_unit_test(a_trial_that_is_not_over_says_how_long),
      cmocka_unit_test(a_trial_is_confirmed_before_its_end),
      cmocka_unit_test(what_became_of_a_trial_is_told));
