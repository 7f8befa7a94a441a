#include "system/windows/library.h"

#include "suite.h"

#include <windows.h>

TEST(what_every_windows_has_is_found)
{
	DWORD(WINAPI * pid)(void);

	assert_true(library_find(pid, "kernel32.dll", "GetCurrentProcessId"));
	assert_int_equal(pid(), GetCurrentProcessId());
}

TEST(what_is_not_there_is_absent)
{
	void (*nothing)(void);

	assert_false(library_find(nothing, "kernel32.dll", "NoSuchFunction"));
	assert_null(nothing);
	assert_false(library_find(nothing, "no-such-library.dll", "GetCurrentProcessId"));
	assert_null(nothing);
}

/* Only the system's own folder is looked in: a library of that name that lies elsewhere is none. */
TEST(a_library_outside_the_systems_folder_is_not_taken)
{
	wchar_t folder[MAX_PATH + 1], name[MAX_PATH + 20], kernel[MAX_PATH + 20];
	void (*nothing)(void);

	assert_true(GetCurrentDirectoryW(MAX_PATH + 1, folder) > 0);
	wcscpy(name, folder);
	wcscat(name, L"\\planted.dll");
	GetSystemDirectoryW(kernel, MAX_PATH);
	wcscat(kernel, L"\\kernel32.dll");
	assert_true(CopyFileW(kernel, name, FALSE));
	assert_false(library_find(nothing, "planted.dll", "GetCurrentProcessId"));
	DeleteFileW(name);
}

SUITE(library, cmocka_unit_test(what_every_windows_has_is_found),
      cmocka_unit_test(what_is_not_there_is_absent),
      cmocka_unit_test(a_library_outside_the_systems_folder_is_not_taken), );
