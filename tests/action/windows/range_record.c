#include "action/windows/range_record.h"

#include "fake_range.h"
#include "suite.h"
#include "system/windows/trust.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static DWORD WINAPI close_later(void *file)
{
	Sleep(200);
	CloseHandle(file);
	return 0;
}

/* As a scanner for viruses has it open: nobody may remove it meanwhile. */
static HANDLE open_for_a_moment(void)
{
	char path[MAX_PATH + 20];
	HANDLE file, thread;

	snprintf(path, sizeof path, "%s\\range.record", fake.folder);
	file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	assert_true(file != INVALID_HANDLE_VALUE);
	thread = CreateThread(NULL, 0, close_later, file, 0, NULL);
	assert_non_null(thread);
	return thread;
}

static void await(HANDLE thread)
{
	WaitForSingleObject(thread, INFINITE);
	CloseHandle(thread);
}

TEST(a_record_that_somebody_reads_is_replaced_and_removed_after)
{
	struct range_folder opened;
	struct range_record record = { .deadline_ms = 0 };
	struct error error;
	HANDLE reader;

	fake_begin();
	all_rows(&record.before.active, fake_old);
	all_rows(&record.after.active, fake_wide);
	assert_int_equal(range_folder_open(&opened, fake.folder, &error), 0);
	assert_int_equal(range_record_write(&opened, &record, &error), 0);
	reader = open_for_a_moment();
	assert_int_equal(range_record_write(&opened, &record, &error), 0);
	await(reader);
	reader = open_for_a_moment();
	range_record_drop(&opened);
	assert_false(range_record_is_there(fake.folder));
	await(reader);
	range_folder_close(&opened);
	fake_end();
}

TEST(a_record_that_is_cut_anywhere_is_none)
{
	char whole[4096], path[MAX_PATH + 20];
	FILE *file;
	size_t size;

	fake_begin();
	fake_leave(false, 60000, fake_wide);
	snprintf(path, sizeof path, "%s\\range.record", fake.folder);
	file = fopen(path, "rb");
	size = fread(whole, 1, sizeof whole, file);
	fclose(file);
	assert_true(size > 100);
	for (size_t cut = 0; cut < size; cut++) {
		struct range_record record;
		struct error error;

		file = fopen(path, "wb");
		fwrite(whole, 1, cut, file);
		fclose(file);
		assert_that(range_record_read(fake.folder, &record, &error) == -1,
			    "cut at %zu", cut);
	}
	fake_end();
}

static enum trust whose(const char *path, enum trust_wish wish)
{
	wchar_t *wide = wide_of(path);
	enum trust trust = trust_look(wide, wish);

	free(wide);
	return trust;
}

TEST(nobody_else_can_open_what_is_in_the_folder)
{
	struct range_folder opened;
	struct error error;

	fake_begin();
	assert_int_equal(range_folder_open(&opened, fake.folder, &error), 0);
	assert_int_equal(whose(fake.folder, TRUST_PRIVATE), TRUST_OURS);
	assert_int_equal(range_folder_refuse_open(&opened, &error), 0);
	range_folder_close(&opened);
	fake_end();
}

SUITE(windows_range_record,
      cmocka_unit_test(a_record_that_somebody_reads_is_replaced_and_removed_after),
      cmocka_unit_test(a_record_that_is_cut_anywhere_is_none),
      cmocka_unit_test(nobody_else_can_open_what_is_in_the_folder));
