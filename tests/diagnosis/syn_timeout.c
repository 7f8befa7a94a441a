#include "diagnosis/syn_timeout.h"

#include "suite.h"

/* Measured on Linux 6.18 with a neighbour that never answers, less the timer's slack. */
TEST(the_default_of_new_kernels_is_131_s)
{
	assert_int_equal(syn_timeout_s(6, 4), 131);
}

TEST(without_linear_timeouts_each_is_twice_as_long_as_the_one_before)
{
	assert_int_equal(syn_timeout_s(6, 0), 127);
	assert_int_equal(syn_timeout_s(6, -1), 127);
	assert_int_equal(syn_timeout_s(5, 0), 63);
	assert_int_equal(syn_timeout_s(3, 0), 15);
	assert_int_equal(syn_timeout_s(1, 0), 3);
}

TEST(linear_timeouts_come_on_top_but_time_may_end_them_earlier)
{
	assert_int_equal(syn_timeout_s(5, 4), 67);
	assert_int_equal(syn_timeout_s(3, 4), 19);
	assert_int_equal(syn_timeout_s(2, 4), 7);
	assert_int_equal(syn_timeout_s(1, 10), 3);
}

TEST(what_is_not_known_is_not_made_up)
{
	assert_int_equal(syn_timeout_s(-1, 4), -1);
	assert_true(syn_timeout_s(127, 127) > 0);
}

SUITE(syn_timeout, cmocka_unit_test(the_default_of_new_kernels_is_131_s),
      cmocka_unit_test(without_linear_timeouts_each_is_twice_as_long_as_the_one_before),
      cmocka_unit_test(linear_timeouts_come_on_top_but_time_may_end_them_earlier),
      cmocka_unit_test(what_is_not_known_is_not_made_up), );
