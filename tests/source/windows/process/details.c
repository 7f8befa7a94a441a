#include "source/windows/process/details.h"

#include "base/arena.h"
#include "snapshot/process.h"
#include "source/windows/process/account.h"
#include "source/windows/process/nt.h"
#include "suite.h"

#include <string.h>
#include <time.h>

static DWORD why_not;

static HANDLE WINAPI open_none(DWORD access, BOOL inherited, DWORD pid)
{
	(void)access, (void)inherited, (void)pid;
	SetLastError(why_not);
	return NULL;
}

static struct process read_process(const struct process *from, bool real, struct arena *arena)
{
	struct process process = *from;
	struct account_route account;
	struct nt_route nt;

	nt_find(&nt);
	account_find(&account);
	if (!real)
		nt.open_process = open_none;
	details_read(&nt, &account, arena, &process);
	return process;
}

TEST(a_process_tells_its_executable_its_beginning_and_its_user)
{
	const struct process own = { .pid = (int32_t)GetCurrentProcessId(), .start_time = -1 };
	struct arena arena = { 0 };
	struct process process = read_process(&own, true, &arena);

	assert_false(process.ended);
	assert_non_null(strstr(process.executable, "test-source.exe"));
	assert_string_equal(process.name, "test-source.exe");
	assert_non_null(process.user_name);
	assert_int_equal(process.start_ticks, details_created(GetCurrentProcess()));
	assert_true(process.start_time > 1700000000 && process.start_time <= time(NULL));
	arena_free(&arena);
}

TEST(a_process_that_may_not_be_opened_keeps_what_is_known_of_it)
{
	const struct process known = { .pid = 8, .name = "lsass.exe", .start_ticks = 5 };
	struct arena arena = { 0 };
	struct process process;

	why_not = ERROR_ACCESS_DENIED;
	process = read_process(&known, false, &arena);
	assert_false(process.ended);
	assert_string_equal(process.name, "lsass.exe");
	assert_int_equal(process.start_ticks, 5);
	assert_null(process.executable);
	arena_free(&arena);
}

TEST(a_number_that_no_process_has_any_more_has_ended)
{
	const struct process known = { .pid = 8 };
	struct arena arena = { 0 };

	why_not = ERROR_INVALID_PARAMETER;
	assert_true(read_process(&known, false, &arena).ended);
	arena_free(&arena);
}

TEST(a_number_that_is_another_processs_by_now_has_ended)
{
	const struct process before = { .pid = (int32_t)GetCurrentProcessId(),
					.start_ticks = 5 };
	struct arena arena = { 0 };
	struct process process = read_process(&before, true, &arena);

	assert_true(process.ended);
	assert_null(process.executable);
	arena_free(&arena);
}

SUITE(details, cmocka_unit_test(a_process_tells_its_executable_its_beginning_and_its_user),
      cmocka_unit_test(a_process_that_may_not_be_opened_keeps_what_is_known_of_it),
      cmocka_unit_test(a_number_that_no_process_has_any_more_has_ended),
      cmocka_unit_test(a_number_that_is_another_processs_by_now_has_ended));
