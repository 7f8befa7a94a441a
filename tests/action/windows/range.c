#include "action/windows/range.h"

#include "action/windows/range_record.h"
#include "action/windows/range_rows.h"
#include "fake_range.h"
#include "suite.h"

#include <string.h>
#include <windows.h>

TEST(a_change_is_noted_and_undone)
{
	const struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	fake_begin();
	assert_int_equal(range_last(&with, &record, &error), 0);
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	assert_int_equal(range_last(&with, &record, &error), 1);
	assert_true(!record.changing && !record.deadline_ms &&
		    are_all(&record.before.active, fake_old) &&
		    are_all(&record.after.active, fake_wide));
	assert_int_equal(range_undo(&with, &record, &error), 0);
	assert_true(are_all(&fake.rows, fake_old));
	assert_int_equal(range_undo(&with, &record, &error), -1);
	fake_end();
}

/* What the next start was to set is that again, and what was set at once, too. */
TEST(a_lasting_change_is_undone_in_both_stores)
{
	const struct range_tools with = fake_tools();
	const struct port_range next = { 20000, 30000 };
	struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	request.persistent = true;
	for (int alike = 0; alike < 2; alike++) {
		fake_begin();
		all_rows(&fake.next_rows, alike ? fake_old : next);
		assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
		assert_true(are_all(&fake.rows, fake_wide) &&
			    are_all(&fake.next_rows, fake_wide));
		assert_int_equal(fake.sets, 4);
		assert_that(!range_undo(&with, &record, &error), "%s", error.text);
		assert_true(are_all(&fake.rows, fake_old));
		assert_true(are_all(&fake.next_rows, alike ? fake_old : next));
		assert_int_equal(fake.sets, 4 + (alike ? 4 : 8));
		fake_end();
	}
}

/* As a netsh is that does not know "show dynamicport tcp store=persistent". */
TEST(where_the_next_start_is_not_told_it_gets_what_was_set)
{
	const struct range_tools with = fake_tools();
	struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	request.persistent = true;
	fake_begin();
	fake.is_mute_of_next = true;
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	assert_that(!range_undo(&with, &record, &error), "%s", error.text);
	assert_false(port_range_known(record.before.persistent.rows[0][0]));
	assert_true(are_all(&fake.rows, fake_old) && are_all(&fake.next_rows, fake_old));
	fake_end();
}

/* Netsh was asked, and had no time to answer. */
TEST(what_was_not_read_back_of_the_next_start_is_undone)
{
	const struct range_tools with = fake_tools();
	struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	request.persistent = true;
	fake_begin();
	fake.is_mute_once_set = true;
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	fake.is_mute_once_set = false;
	assert_that(!range_undo(&with, &record, &error), "%s", error.text);
	assert_true(are_all(&fake.rows, fake_old) && are_all(&fake.next_rows, fake_old));
	fake_end();
}

TEST(what_is_only_for_the_next_start_is_undone)
{
	const struct range_tools with = fake_tools();
	struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	request.persistent = true;
	fake_begin();
	all_rows(&fake.rows, fake_wide);
	request.before = fake.rows;
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	assert_true(are_all(&fake.next_rows, fake_wide));
	assert_that(!range_undo(&with, &record, &error), "%s", error.text);
	assert_true(are_all(&fake.rows, fake_wide) && are_all(&fake.next_rows, fake_old));
	fake_end();
}

TEST(what_somebody_else_has_set_for_the_next_start_stays)
{
	const struct range_tools with = fake_tools();
	struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	request.persistent = true;
	fake_begin();
	assert_that(!range_set(&with, &request, &now, &error), "%s", error.text);
	fake.next_rows.rows[PROTOCOL_UDP][1] = (struct port_range){ 30000, 40000 };
	assert_int_equal(range_undo(&with, &record, &error), -1);
	assert_non_null(
		strstr(error.text, "somebody else has set udp ipv6 for the next boot"));
	assert_true(are_all(&fake.rows, fake_old));
	assert_int_equal(fake.next_rows.rows[PROTOCOL_UDP][1].first, 30000);
	assert_int_equal(fake.next_rows.rows[PROTOCOL_UDP][0].first, fake_old.first);
	fake_end();
}

TEST(a_trial_that_is_not_over_is_a_refusal_before_anything_is_read)
{
	struct range_tools with = fake_tools();
	struct error error;

	fake_begin();
	assert_int_equal(range_refuse(&with, &error), 0);
	assert_false(range_folder_is_there(fake.folder));
	fake_leave(false, 60000, fake_wide);
	assert_int_equal(range_refuse(&with, &error), -1);
	assert_non_null(strstr(error.text, "10000-65535 is on trial"));
	fake_leave(false, 0, fake_wide);
	assert_int_equal(range_refuse(&with, &error), 0);
	with.elevated = false;
	assert_int_equal(range_refuse(&with, &error), -1);
	assert_non_null(strstr(error.text, "Run as administrator"));
	fake_end();
}

TEST(without_rights_nothing_is_begun)
{
	struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	fake_begin();
	with.elevated = false;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "Run as administrator"));
	assert_int_equal(range_undo(&with, &record, &error), -1);
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_int_equal(fake.sets, 0);
	assert_int_equal(GetFileAttributesA(fake.folder), INVALID_FILE_ATTRIBUTES);
}

TEST(what_somebody_else_has_set_meanwhile_is_not_overwritten)
{
	const struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.rows.rows[PROTOCOL_UDP][0].first = 50000;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "somebody else"));
	assert_int_equal(fake.sets, 0);
	assert_false(range_record_is_there(fake.folder));
	fake_end();
}

TEST(rows_that_cannot_be_read_are_not_set)
{
	const struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake.is_mute = true;
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "cannot be read"));
	assert_int_equal(fake.sets, 0);
	fake_end();
}

/* Wine: what is made without a list of rights all may read. */
TEST(a_folder_that_others_may_open_gets_no_change_but_keeps_its_way_back)
{
	const struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_record record;
	struct range_stores now;
	struct error error;

	fake_begin();
	assert_true(CreateDirectoryA(fake.folder, NULL));
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "could hinder the way back"));
	assert_int_equal(fake.sets, 0);
	fake_leave(false, 0, fake_wide);
	assert_that(!range_undo(&with, &record, &error), "%s", error.text);
	assert_true(are_all(&fake.rows, fake_old));
	fake_end();
}

TEST(a_broken_change_is_set_back_by_the_next)
{
	const struct range_tools with = fake_tools();

	fake_begin();
	fake_leave(true, 0, fake_wide);
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_non_null(strstr(fake.told, "broken off: the range is 49152-65535 again"));
	assert_true(are_all(&fake.rows, fake_old));
	assert_false(range_record_is_there(fake.folder));
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_string_equal(fake.told, "");
	fake_end();
}

TEST(a_trial_past_its_time_is_set_back_and_one_within_is_not)
{
	const struct range_tools with = fake_tools();

	fake_begin();
	fake_leave(false, 60000, fake_wide);
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_string_equal(fake.told, "");
	assert_true(range_row_is(fake.rows.rows[0][0], fake_wide));
	fake_leave(false, -1, fake_wide);
	range_overdue_by(&with, fake_tell);
	assert_non_null(strstr(fake.told, "not confirmed in time"));
	assert_true(are_all(&fake.rows, fake_old));
	fake_end();
}

TEST(whoever_is_at_it_is_left_to_it)
{
	const struct range_tools with = fake_tools();
	struct range_folder open;
	struct error error;

	fake_begin();
	fake_leave(true, 0, fake_wide);
	assert_int_equal(range_folder_open(&open, fake.folder, &error), 0);
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_string_equal(fake.told, "");
	assert_int_equal(fake.sets, 0);
	range_folder_close(&open);
	fake_end();
}

TEST(without_rights_nothing_is_told_of_what_nobody_else_may_see)
{
	struct range_tools with = fake_tools();
	struct range_record record;
	struct error error;

	fake_begin();
	with.elevated = false;
	assert_int_equal(range_last(&with, &record, &error), 0);
	fake_leave(true, 0, fake_wide);
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_string_equal(fake.told, "");
	assert_int_equal(fake.sets, 0);
	assert_int_equal(range_last(&with, &record, &error), -1);
	assert_non_null(strstr(error.text, "administrators only"));
	assert_true(range_record_is_there(fake.folder));
	fake_end();
}

TEST(what_cannot_be_set_back_waits_for_the_next)
{
	const struct range_tools with = fake_tools();
	const struct range_request request = fake_request();
	struct range_stores now;
	struct error error;

	fake_begin();
	fake_leave(true, 0, fake_wide);
	fake.refused_row = 0;
	*fake.told = '\0';
	range_overdue_by(&with, fake_tell);
	assert_non_null(strstr(fake.told, "tcp ipv4"));
	assert_true(range_record_is_there(fake.folder));
	/* Its way back must not be lost by another change. */
	assert_int_equal(range_set(&with, &request, &now, &error), -1);
	assert_non_null(strstr(error.text, "range undo"));
	fake.refused_row = -1;
	range_overdue_by(&with, fake_tell);
	assert_true(are_all(&fake.rows, fake_old));
	fake_end();
}

TEST(a_trial_is_confirmed_in_time_only)
{
	const struct range_tools with = fake_tools();
	struct range_record record;
	struct error error;

	fake_begin();
	fake_leave(false, 60000, fake_wide);
	all_rows(&fake.rows, fake_wide);
	assert_that(!range_confirm(&with, true, &record, &error), "%s", error.text);
	assert_true(record.persistent && fake.sets == 4);
	assert_non_null(strstr(fake.last_set, "store=persistent"));
	assert_true(are_all(&record.before.persistent, fake_old) &&
		    are_all(&record.after.persistent, fake_wide));
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_non_null(strstr(error.text, "nothing waits"));
	fake_leave(false, -1, fake_wide);
	assert_int_equal(range_confirm(&with, false, &record, &error), -1);
	assert_non_null(strstr(error.text, "too late"));
	fake_end();
}

SUITE(windows_range, cmocka_unit_test(a_change_is_noted_and_undone),
      cmocka_unit_test(a_lasting_change_is_undone_in_both_stores),
      cmocka_unit_test(where_the_next_start_is_not_told_it_gets_what_was_set),
      cmocka_unit_test(what_was_not_read_back_of_the_next_start_is_undone),
      cmocka_unit_test(what_is_only_for_the_next_start_is_undone),
      cmocka_unit_test(what_somebody_else_has_set_for_the_next_start_stays),
      cmocka_unit_test(a_trial_that_is_not_over_is_a_refusal_before_anything_is_read),
      cmocka_unit_test(without_rights_nothing_is_begun),
      cmocka_unit_test(what_somebody_else_has_set_meanwhile_is_not_overwritten),
      cmocka_unit_test(rows_that_cannot_be_read_are_not_set),
      cmocka_unit_test(a_folder_that_others_may_open_gets_no_change_but_keeps_its_way_back),
      cmocka_unit_test(a_broken_change_is_set_back_by_the_next),
      cmocka_unit_test(a_trial_past_its_time_is_set_back_and_one_within_is_not),
      cmocka_unit_test(whoever_is_at_it_is_left_to_it),
      cmocka_unit_test(without_rights_nothing_is_told_of_what_nobody_else_may_see),
      cmocka_unit_test(what_cannot_be_set_back_waits_for_the_next),
      cmocka_unit_test(a_trial_is_confirmed_in_time_only));
