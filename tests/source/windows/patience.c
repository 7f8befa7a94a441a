#include "source/windows/patience.h"

#include "suite.h"

#include <windows.h>

struct work {
	HANDLE go_on, released;
	int done;
};

static void work_at_once(void *context)
{
	((struct work *)context)->done++;
}

static void work_until_told(void *context)
{
	struct work *work = context;

	WaitForSingleObject(work->go_on, INFINITE);
	work->done++;
}

static void release(void *context)
{
	SetEvent(((struct work *)context)->released);
}

TEST(work_that_is_done_in_time_is_the_callers_again)
{
	struct work work = { .done = 0 };

	assert_int_equal(patience_run(60000, work_at_once, NULL, &work), PATIENCE_DONE);
	assert_int_equal(work.done, 1);
}

TEST(work_that_takes_too_long_goes_on_and_releases_what_it_has)
{
	struct work work = { .go_on = CreateEventW(NULL, TRUE, FALSE, NULL),
			     .released = CreateEventW(NULL, TRUE, FALSE, NULL) };

	assert_int_equal(patience_run(1, work_until_told, release, &work), PATIENCE_OVER);
	assert_int_equal(work.done, 0);
	SetEvent(work.go_on);
	assert_int_equal(WaitForSingleObject(work.released, INFINITE), WAIT_OBJECT_0);
	assert_int_equal(work.done, 1);
	CloseHandle(work.go_on);
	CloseHandle(work.released);
}

SUITE(patience, cmocka_unit_test(work_that_is_done_in_time_is_the_callers_again),
      cmocka_unit_test(work_that_takes_too_long_goes_on_and_releases_what_it_has));
