#include "action/windows/range_change.h"

#include "action/windows/range_rows.h"
#include "fake_range.h"
#include "suite.h"

#include <string.h>

static int change(const struct range_request *request, struct range_stores *now,
		  struct error *error)
{
	struct range_stores before;

	assert_int_equal(range_stores_read(&fake_netsh, request->persistent, &before, error),
			 0);
	return range_change_do(&fake_netsh, request, &before, now, error);
}

TEST(rows_that_are_taken_are_read_back)
{
	struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	assert_int_equal(change(&request, &now, &error), 0);
	assert_true(are_all(&now.active, fake_wide) && fake.sets == 4);
	assert_string_equal(fake.last_set,
			    "int ipv6 set dynamicport udp start=10000 num=55536 store=active");
	request.persistent = true;
	assert_int_equal(change(&request, &now, &error), 0);
	assert_non_null(strstr(fake.last_set, "store=persistent"));
}

/* Whichever row is refused: those before it are set back. */
TEST(a_row_that_is_refused_takes_the_others_back)
{
	for (int row = 0; row < 4; row++) {
		const struct range_request request = fake_request();
		struct range_stores now;
		struct error error;

		fake_begin();
		fake.refused_row = row;
		assert_int_equal(change(&request, &now, &error), -1);
		assert_true(are_all(&fake.rows, fake_old));
		assert_non_null(strstr(error.text, range_row_name(row / 2, row % 2)));
		assert_non_null(strstr(error.text, row ? "set back" : "nothing was changed"));
	}
}

/* Each store has what it had, though what is set for the next start is set at once, too. */
TEST(a_lasting_change_that_is_refused_takes_both_stores_back)
{
	struct range_request request = fake_request();
	const struct port_range next = { 20000, 30000 };
	struct range_stores now;
	struct error error;

	request.persistent = true;
	for (int row = 1; row < 4; row++) {
		fake_begin();
		all_rows(&fake.next_rows, next);
		fake.refused_row = row;
		assert_int_equal(change(&request, &now, &error), -1);
		assert_true(are_all(&fake.rows, fake_old) && are_all(&fake.next_rows, next));
		assert_non_null(strstr(error.text, "set back"));
	}
}

TEST(a_netsh_that_does_nothing_is_not_believed)
{
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.does_nothing = true;
	assert_int_equal(change(&request, &now, &error), -1);
	assert_non_null(strstr(error.text, "tcp ipv4 was not taken"));
}

TEST(what_cannot_be_set_back_is_told)
{
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.refuse_from = 2;
	assert_int_equal(change(&request, &now, &error), -2);
	assert_non_null(strstr(error.text, "could not be set back"));
	assert_non_null(strstr(error.text, "10000-65535"));
}

TEST(a_netsh_that_hangs_changes_nothing)
{
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.hangs = true;
	assert_int_equal(change(&request, &now, &error), -1);
	assert_non_null(strstr(error.text, "no answer"));
}

/* It has done nothing then: on a loaded machine it may be better luck. */
TEST(a_netsh_that_could_not_be_started_is_started_once_more)
{
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.unstarted = 1;
	assert_that(!change(&request, &now, &error), "%s", error.text);
	assert_true(are_all(&now.active, fake_wide) && fake.sets == 4);
	fake_begin();
	fake.unstarted = 2;
	assert_int_equal(change(&request, &now, &error), -1);
	assert_non_null(strstr(error.text, "could not be started"));
}

/* For the next start only where netsh tells what that will set. */
TEST(a_netsh_that_hangs_when_it_has_done_its_work_is_believed_for_now)
{
	struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.hangs_when_done = true;
	assert_that(!change(&request, &now, &error), "%s", error.text);
	assert_true(are_all(&now.active, fake_wide) && fake.sets == 4);
	fake_begin();
	fake.hangs_when_done = true;
	request.persistent = true;
	assert_that(!change(&request, &now, &error), "%s", error.text);
	assert_true(are_all(&fake.next_rows, fake_wide));
	fake_begin();
	fake.hangs_when_done = fake.is_mute_of_next = true;
	assert_true(change(&request, &now, &error) < 0);
	assert_non_null(strstr(error.text, "no answer"));
}

SUITE(windows_range_change, cmocka_unit_test(rows_that_are_taken_are_read_back),
      cmocka_unit_test(a_row_that_is_refused_takes_the_others_back),
      cmocka_unit_test(a_lasting_change_that_is_refused_takes_both_stores_back),
      cmocka_unit_test(a_netsh_that_does_nothing_is_not_believed),
      cmocka_unit_test(what_cannot_be_set_back_is_told),
      cmocka_unit_test(a_netsh_that_could_not_be_started_is_started_once_more),
      cmocka_unit_test(a_netsh_that_hangs_changes_nothing),
      cmocka_unit_test(a_netsh_that_hangs_when_it_has_done_its_work_is_believed_for_now));
