#include "system/patience.h"

#include "suite.h"
#include "system/clock.h"

#include <stdatomic.h>
#include <stdbool.h>

struct errand {
	atomic_bool may_end;
	atomic_int done, released;
};

static void work(void *context)
{
	struct errand *errand = context;

	while (!errand->may_end)
		clock_rest_ms(1);
	errand->done++;
}

static void release(void *context)
{
	((struct errand *)context)->released++;
}

TEST(what_comes_back_in_time_stays_with_the_caller)
{
	struct errand errand = { .may_end = true };

	assert_int_equal(patience_run(60000, work, release, &errand), PATIENCE_DONE);
	assert_int_equal(errand.done, 1);
	assert_int_equal(errand.released, 0);
}

TEST(what_takes_too_long_goes_on_and_is_released_when_it_comes_back)
{
	static struct errand errand;

	assert_int_equal(patience_run(20, work, release, &errand), PATIENCE_OVER);
	assert_int_equal(errand.done, 0);
	errand.may_end = true;
	for (int i = 0; i < 60000 && !errand.released; i++)
		clock_rest_ms(1);
	assert_int_equal(errand.done, 1);
	assert_int_equal(errand.released, 1);
}

SUITE(patience, cmocka_unit_test(what_comes_back_in_time_stays_with_the_caller),
      cmocka_unit_test(what_takes_too_long_goes_on_and_is_released_when_it_comes_back));
