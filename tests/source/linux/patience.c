#include "source/linux/patience.h"

#include "suite.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

struct errand {
	int pipe[2]; /* the work ends when this does */
	atomic_int released;
};

static void read_pipe(void *context)
{
	struct errand *errand = context;
	char byte;

	while (read(errand->pipe[0], &byte, 1) > 0)
		;
}

static void release(void *context)
{
	struct errand *errand = context;

	errand->released++;
}

TEST(what_comes_back_in_time_stays_with_the_caller)
{
	struct errand errand = { 0 };

	assert_int_equal(pipe(errand.pipe), 0);
	close(errand.pipe[1]);
	assert_int_equal(patience_run(10000, read_pipe, release, &errand), PATIENCE_DONE);
	assert_int_equal(errand.released, 0);
	close(errand.pipe[0]);
}

TEST(what_never_comes_back_is_given_up_and_released_when_it_does)
{
	static struct errand errand;
	struct timespec moment = { .tv_nsec = 1000000 };

	assert_int_equal(pipe(errand.pipe), 0);
	assert_int_equal(patience_run(20, read_pipe, release, &errand), PATIENCE_OVER);
	assert_int_equal(errand.released, 0);
	close(errand.pipe[1]);
	for (int i = 0; i < 10000 && !errand.released; i++)
		nanosleep(&moment, NULL);
	assert_int_equal(errand.released, 1);
	close(errand.pipe[0]);
}

SUITE(patience, cmocka_unit_test(what_comes_back_in_time_stays_with_the_caller),
      cmocka_unit_test(what_never_comes_back_is_given_up_and_released_when_it_does));
