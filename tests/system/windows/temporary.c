#include "system/memory_file.h"

#include "suite.h"

#include <stdlib.h>
#include <windows.h>

/* Remote desktop gives each session a folder of its own in there, and something clears it away. */
TEST(a_folder_for_temporary_files_that_has_gone_is_not_needed)
{
	static const wchar_t *const names[] = { L"TMP", L"TEMP" };
	wchar_t before[2][MAX_PATH];
	struct memory_file file;

	for (int i = 0; i < 2; i++) {
		if (!GetEnvironmentVariableW(names[i], before[i], MAX_PATH))
			before[i][0] = L'\0';
		SetEnvironmentVariableW(names[i], L"C:\\gone\\2");
	}
	memory_file_open(&file);
	fputs("one", file.out);
	memory_file_flush(&file);
	assert_string_equal(file.text, "one");
	memory_file_close(&file);
	for (int i = 0; i < 2; i++)
		SetEnvironmentVariableW(names[i], *before[i] ? before[i] : NULL);
}

SUITE(temporary, cmocka_unit_test(a_folder_for_temporary_files_that_has_gone_is_not_needed));
