#include "action/windows/range_guard.h"

#include "action/windows/range_record.h"
#include "fake_range.h"
#include "suite.h"

#include <windows.h>

/* A trial whose guard we are. */
static struct range_record try_it(void)
{
	struct range_record record = { .deadline_ms = 1, .guard = GetCurrentProcessId() };
	struct range_folder opened;
	struct error error;

	all_rows(&record.before.active, fake_old);
	all_rows(&record.after.active, fake_wide);
	all_rows(&fake.rows, fake_wide);
	assert_int_equal(range_folder_open(&opened, fake.folder, &error), 0);
	assert_int_equal(range_record_write(&opened, &record, &error), 0);
	range_folder_close(&opened);
	return record;
}

TEST(the_range_is_set_back_however_long_something_hinders_it)
{
	const struct range_tools with = fake_tools();
	struct range_record record;

	fake_begin();
	record = try_it();
	fake.refused_row = 0;
	fake.refused_rests = 500; /* an hour and more */
	range_guard_roll_back(&with, &record);
	assert_int_equal(fake.rests, 500);
	assert_true(are_all(&fake.rows, fake_old));
	assert_false(range_record_is_there(fake.folder));
	fake_end();
}

TEST(another_change_ends_it)
{
	const struct range_tools with = fake_tools();
	struct range_record record;

	fake_begin();
	record = try_it();
	fake_leave(false, 0, fake_wide);
	range_guard_roll_back(&with, &record);
	assert_int_equal(fake.sets + fake.rests, 0);
	assert_true(range_record_is_there(fake.folder));
	fake_end();
}

SUITE(windows_range_guard,
      cmocka_unit_test(the_range_is_set_back_however_long_something_hinders_it),
      cmocka_unit_test(another_change_ends_it));
