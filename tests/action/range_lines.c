#include "action/range_lines.h"

#include "suite.h"

TEST(lines_are_read_in_their_order_and_no_other)
{
	char text[] = RANGE_HEADING "\nfirst 1 2\nfirst-too\nlast \nend\n";
	char *at = range_lines_begin(text);

	assert_non_null(at);
	assert_null(range_lines_next(&at, "last"));
	assert_null(range_lines_next(&at, "fir"));
	assert_string_equal(range_lines_next(&at, "first"), "1 2");
	assert_null(range_lines_next(&at, "first"));
	assert_null(range_lines_next(&at, "first-too"));
}

TEST(a_line_that_is_cut_is_none)
{
	char text[] = RANGE_HEADING "\nfirst 1", other[] = "portroom range 2\nfirst 1\n";
	char *at = range_lines_begin(text);

	assert_null(range_lines_next(&at, "first"));
	at = range_lines_begin(other);
	assert_null(at);
	assert_null(range_lines_next(&at, "first"));
}

SUITE(range_lines, cmocka_unit_test(lines_are_read_in_their_order_and_no_other),
      cmocka_unit_test(a_line_that_is_cut_is_none));
