#include "system/file.h"

#include "base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static enum file_kind kind_of(const struct stat *about)
{
	if (S_ISREG(about->st_mode))
		return FILE_PLAIN;
	if (S_ISDIR(about->st_mode))
		return FILE_FOLDER;
	if (S_ISLNK(about->st_mode))
		return FILE_LINK;
	if (S_ISCHR(about->st_mode) && major(about->st_rdev) == 1 &&
	    minor(about->st_rdev) == 3)
		return FILE_NULL;
	return S_ISBLK(about->st_mode) ? FILE_DISK : FILE_OTHER;
}

char file_separator(const char *path)
{
	(void)path;
	return '/';
}

bool file_is_separator(char sign)
{
	return sign == '/';
}

enum file_kind file_kind(const char *path)
{
	struct stat about;

	return stat(path, &about) ? FILE_NONE : kind_of(&about);
}

enum file_kind file_kind_itself(const char *path)
{
	struct stat about;

	return lstat(path, &about) ? FILE_NONE : kind_of(&about);
}

enum file_kind file_kind_of(int file)
{
	struct stat about;

	return fstat(file, &about) ? FILE_NONE : kind_of(&about);
}

int file_open(const char *path, enum file_kind *kind)
{
	int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	*kind = file < 0 ? FILE_NONE : file_kind_of(file);
	return file;
}

int64_t file_read(int file, void *bytes, size_t size)
{
	ssize_t got;

	do
		got = read(file, bytes, size);
	while (got < 0 && errno == EINTR);
	return got;
}

int file_close(int file)
{
	return close(file);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int file_names(struct file_names *names, const char *folder)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	int failed;

	*names = (struct file_names){ NULL };
	if (!directory)
		return -1;
	for (errno = 0; (entry = readdir(directory)); errno = 0) {
		const size_t size = strlen(entry->d_name) + 1;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		array_reserve(names->items, names->count, names->capacity);
		names->items[names->count++] =
			memcpy(memory_resize(NULL, size, 1), entry->d_name, size);
	}
	failed = errno;
	closedir(directory);
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, by_name);
	if (failed)
		file_names_free(names);
	errno = failed;
	return failed ? -1 : 0;
}

void file_names_free(struct file_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct file_names){ NULL };
}
