#include "portable/folder.h"

#include "suite.h"
#include "system/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_make(char path[FOLDER_PATH])
{
	strcpy(path, "/tmp/portroom-test-XXXXXX");
	assert_non_null(mkdtemp(path));
}

void folder_remove(const char *path)
{
	struct file_names names;

	if (file_kind_itself(path) == FILE_FOLDER && !file_names(&names, path)) {
		for (size_t i = 0; i < names.count; i++) {
			char inside[FOLDER_PATH * 2];

			snprintf(inside, sizeof inside, "%s/%s", path, names.items[i]);
			folder_remove(inside);
		}
		file_names_free(&names);
		rmdir(path);
	} else {
		unlink(path);
	}
}

void folder_add(const char *path)
{
	assert_int_equal(mkdir(path, 0700), 0);
}

void folder_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}
