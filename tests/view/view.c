#include "suite.h"
#include "view/view.h"

#include <stdio.h>
#include <time.h>

/* Against the C library, for days in four centuries. */
TEST(times_are_those_of_the_calendar)
{
	for (int64_t second = 0; second < 400LL * 365 * 86400; second += 86400 * 13 + 4711) {
		time_t clock = (time_t)second;
		char ours[32], theirs[64];

		strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.007Z", gmtime(&clock));
		assert_string_equal(view_time(ours, second * 1000 + 7), theirs);
	}
}

SUITE(view, cmocka_unit_test(times_are_those_of_the_calendar));
