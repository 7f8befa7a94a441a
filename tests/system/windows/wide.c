#include "system/windows/wide.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

TEST(text_is_the_same_after_there_and_back)
{
	static const char text[] = "a \xe7\xab\xaf\xe5\x8f\xa3 \xf0\x9f\x98\x80";
	wchar_t *wide = wide_of(text);
	char *back = wide_to_text(wide);

	assert_int_equal(wcslen(wide), 7); /* the last is a pair */
	assert_string_equal(back, text);
	free(back);
	free(wide);
}

TEST(half_a_pair_becomes_a_sign_for_it)
{
	static const wchar_t half[] = { L'a', 0xd83d, L'b', 0 };
	char *text = wide_to_text(half);

	assert_string_equal(text, "a\xef\xbf\xbd"
				  "b");
	free(text);
}

TEST(a_short_path_stays_as_it_is)
{
	wchar_t *wide = wide_path("netstat.txt");

	assert_true(!wcscmp(wide, L"netstat.txt"));
	free(wide);
}

static char *long_path(const char *beginning)
{
	char *path = calloc(1, 1000);

	assert_non_null(path);
	strcpy(path, beginning);
	while (strlen(path) < 300)
		strcat(path, "/folder-of-some-length");
	return path;
}

TEST(a_long_path_is_made_absolute_and_marked)
{
	char *path = long_path("c:/x/.");
	wchar_t *wide = wide_path(path);

	assert_true(!wcsncmp(wide, L"\\\\?\\c:\\x\\folder-of", 17));
	assert_null(wcschr(wide, L'/'));
	free(wide);
	free(path);
}

TEST(a_long_path_of_a_share_is_marked_as_one)
{
	char *path = long_path("//server/share");
	wchar_t *wide = wide_path(path);

	assert_true(!wcsncmp(wide, L"\\\\?\\UNC\\server\\share\\folder-of", 30));
	free(wide);
	free(path);
}

TEST(what_is_marked_stays)
{
	char *path = long_path("\\\\?\\c:");
	wchar_t *wide = wide_path(path), *expected = wide_of(path);

	assert_true(!wcscmp(wide, expected));
	free(expected);
	free(wide);
	free(path);
}

TEST(a_short_name_in_a_long_folder_is_a_long_path)
{
	wchar_t before[MAX_PATH + 1], folder[MAX_PATH + 1], *wide;
	char name[120];

	assert_true(GetCurrentDirectoryW(MAX_PATH + 1, before) > 0);
	assert_true(GetTempPathW(MAX_PATH + 1, folder) > 0);
	while (wcslen(folder) < 150)
		wcscat(folder, L"long-name-of-a-folder");
	assert_true(CreateDirectoryW(folder, NULL));
	assert_true(SetCurrentDirectoryW(folder));
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	wide = wide_path(name);
	SetCurrentDirectoryW(before);
	RemoveDirectoryW(folder);
	assert_true(!wcsncmp(wide, L"\\\\?\\", 4));
	free(wide);
}

SUITE(wide, cmocka_unit_test(text_is_the_same_after_there_and_back),
      cmocka_unit_test(half_a_pair_becomes_a_sign_for_it),
      cmocka_unit_test(a_short_path_stays_as_it_is),
      cmocka_unit_test(a_long_path_is_made_absolute_and_marked),
      cmocka_unit_test(a_long_path_of_a_share_is_marked_as_one),
      cmocka_unit_test(what_is_marked_stays),
      cmocka_unit_test(a_short_name_in_a_long_folder_is_a_long_path), );
