#include "snapshot/port_range.h"

#include "suite.h"

static const struct port_range usual = { 40000, 40099 };

static void assert_clipped(uint16_t own_first, uint16_t own_last, uint16_t first,
			   uint16_t last)
{
	struct port_range clipped =
		port_range_clip(usual, (struct port_range){ own_first, own_last });

	assert_int_equal(clipped.first, first);
	assert_int_equal(clipped.last, last);
}

TEST(both_bounds_belong_to_the_range)
{
	assert_true(port_range_contains(usual, 40000));
	assert_true(port_range_contains(usual, 40099));
	assert_false(port_range_contains(usual, 39999));
	assert_false(port_range_contains(usual, 40100));
}

TEST(the_size_counts_both_bounds)
{
	assert_int_equal(port_range_size(usual), 100);
	assert_int_equal(port_range_size((struct port_range){ 7, 7 }), 1);
	assert_int_equal(port_range_size((struct port_range){ 1, 65535 }), 65535);
	assert_int_equal(port_range_size((struct port_range){ 8, 7 }), 0);
}

TEST(a_range_that_starts_at_zero_is_not_known)
{
	assert_false(port_range_known((struct port_range){ 0, 0 }));
	assert_true(port_range_known((struct port_range){ 1, 1 }));
}

TEST(a_range_of_its_own_inside_the_usual_one_is_taken)
{
	assert_clipped(40010, 40019, 40010, 40019);
	assert_clipped(40000, 40099, 40000, 40099);
	assert_clipped(40000, 40000, 40000, 40000);
}

TEST(no_range_of_its_own_changes_nothing)
{
	assert_clipped(0, 0, 40000, 40099);
}

TEST(one_bound_alone_is_taken)
{
	assert_clipped(40090, 0, 40090, 40099);
	assert_clipped(0, 40009, 40000, 40009);
}

TEST(a_bound_outside_the_usual_range_is_ignored)
{
	assert_clipped(30000, 30009, 40000, 40099);
	assert_clipped(39999, 40009, 40000, 40009);
	assert_clipped(40090, 40100, 40090, 40099);
	assert_clipped(50000, 50009, 40000, 40099);
}

SUITE(port_range, cmocka_unit_test(both_bounds_belong_to_the_range),
      cmocka_unit_test(the_size_counts_both_bounds),
      cmocka_unit_test(a_range_that_starts_at_zero_is_not_known),
      cmocka_unit_test(a_range_of_its_own_inside_the_usual_one_is_taken),
      cmocka_unit_test(no_range_of_its_own_changes_nothing),
      cmocka_unit_test(one_bound_alone_is_taken),
      cmocka_unit_test(a_bound_outside_the_usual_range_is_ignored), );
