#include "system/windows/wide.h"

#include "base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

wchar_t *wide_of(const char *text)
{
	int length = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
	wchar_t *wide = memory_zeroed((size_t)length + 1, sizeof *wide);

	MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, length);
	return wide;
}

char *wide_to_text(const wchar_t *wide)
{
	int length = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
	char *text = memory_zeroed((size_t)length + 1, 1);

	WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, length, NULL, NULL);
	return text;
}

wchar_t *wide_path(const char *path)
{
	static const wchar_t prefix[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
	wchar_t *wide = wide_of(path), *whole, *result;
	DWORD length;
	bool is_share;

	if (!wcsncmp(wide, prefix, 4))
		return wide;
	length = GetFullPathNameW(wide, 0, NULL, NULL);
	if (length < MAX_PATH - 12) /* that of a folder must leave room for a name of 8.3 */
		return wide;
	whole = memory_zeroed((size_t)length + 1, sizeof *whole);
	if (!GetFullPathNameW(wide, length, whole, NULL)) {
		free(whole);
		return wide;
	}
	free(wide);
	is_share = whole[0] == L'\\' && whole[1] == L'\\';
	result = memory_zeroed(wcslen(whole) + sizeof share / sizeof *share + 1,
			       sizeof *result);
	wcscpy(result, is_share ? share : prefix);
	wcscat(result, is_share ? whole + 2 : whole);
	free(whole);
	return result;
}
