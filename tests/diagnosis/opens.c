#include "diagnosis/opens.h"

#include "diagnosis/machine.h"

/* A look at namespaces 1, 2 and 3; a counter below 0: it is not there. */
static double look(struct opens *opens, int64_t at_ms, int64_t one, int64_t two, int64_t three)
{
	const int64_t counters[] = { one, two, three };
	struct netns namespaces[3];
	struct snapshot snapshot = { .namespaces = namespaces };

	for (size_t i = 0; i < 3; i++)
		if (counters[i] >= 0)
			namespaces[snapshot.namespace_count++] = (struct netns){
				.inode = i + 1,
				.counters = { .active_opens = counters[i] },
			};
	return opens_rate(opens, &snapshot, at_ms);
}

static void assert_rate(double rate, double wanted)
{
	assert_that(rate > wanted - 0.001 && rate < wanted + 0.001, "%f, not %f", rate,
		    wanted);
}

TEST(the_first_look_tells_no_rate)
{
	struct opens opens = { 0 };

	assert_true(look(&opens, 5000, 100, 200, -1) < 0);
	assert_rate(look(&opens, 7000, 110, 230, -1), 20);
	assert_rate(look(&opens, 7500, 110, 230, -1), 0);
	opens_free(&opens);
}

TEST(a_namespace_that_comes_or_goes_makes_no_opens_up)
{
	struct opens opens = { 0 };

	look(&opens, 0, 100, 5000, -1);
	assert_rate(look(&opens, 1000, 110, 5000, 70000), 10);
	/* More were opened than the counter of the one that went had. */
	assert_rate(look(&opens, 2000, 9110, -1, 70001), 9001);
	assert_rate(look(&opens, 3000, 9110, 3, 70001), 0);
	opens_free(&opens);
}

TEST(another_namespace_of_the_same_number_is_another)
{
	struct opens opens = { 0 };

	look(&opens, 0, 100, 200, -1);
	assert_rate(look(&opens, 1000, 50, 203, -1), 3);
	assert_true(look(&opens, 2000, -1, -1, 5) < 0);
	opens_free(&opens);
}

TEST(a_clock_that_stands_still_tells_none)
{
	struct opens opens = { 0 };

	look(&opens, 1000, 1, 2, 3);
	assert_true(look(&opens, 1000, 2, 3, 4) < 0);
	assert_rate(look(&opens, 2000, 3, 4, 5), 3);
	opens_free(&opens);
}

SUITE(opens, cmocka_unit_test(the_first_look_tells_no_rate),
      cmocka_unit_test(a_namespace_that_comes_or_goes_makes_no_opens_up),
      cmocka_unit_test(another_namespace_of_the_same_number_is_another),
      cmocka_unit_test(a_clock_that_stands_still_tells_none));
