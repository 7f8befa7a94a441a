#include "portable/folder.h"

#include "suite.h"
#include "system/file.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

void folder_make(char path[FOLDER_PATH])
{
	wchar_t folder[MAX_PATH + 1];
	char *text;

	assert_true(GetTempPathW(MAX_PATH + 1, folder) > 0);
	text = wide_to_text(folder);
	snprintf(path, FOLDER_PATH, "%sportroom-test-%lx-%lx", text, GetCurrentProcessId(),
		 GetTickCount());
	free(text);
	for (char *at = path; *at; at++)
		if (*at == '\\')
			*at = '/';
	folder_add(path);
}

void folder_remove(const char *path)
{
	wchar_t *wide = wide_path(path);
	struct file_names names;

	if (file_kind_itself(path) == FILE_FOLDER && !file_names(&names, path)) {
		for (size_t i = 0; i < names.count; i++) {
			char inside[FOLDER_PATH * 2];

			snprintf(inside, sizeof inside, "%s/%s", path, names.items[i]);
			folder_remove(inside);
		}
		file_names_free(&names);
		RemoveDirectoryW(wide);
	} else {
		DeleteFileW(wide);
	}
	free(wide);
}

void folder_add(const char *path)
{
	wchar_t *wide = wide_path(path);

	assert_true(CreateDirectoryW(wide, NULL));
	free(wide);
}

void folder_write(const char *path, const char *text)
{
	wchar_t *wide = wide_path(path);
	FILE *file = _wfopen(wide, L"wb");

	free(wide);
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}
