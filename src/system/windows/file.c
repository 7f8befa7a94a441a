#include "system/file.h"

#include "base/arena.h"
#include "system/windows/file_errno.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* A reparse point may be a link, or a file whose bytes lie in a cloud: only the former leads elsewhere. */
static bool is_link(const wchar_t *path, DWORD attributes)
{
	WIN32_FIND_DATAW about;
	HANDLE found;

	if (!(attributes & FILE_ATTRIBUTE_REPARSE_POINT))
		return false;
	found = FindFirstFileW(path, &about);
	if (found == INVALID_HANDLE_VALUE)
		return true;
	FindClose(found);
	return about.dwReserved0 == IO_REPARSE_TAG_SYMLINK ||
	       about.dwReserved0 == IO_REPARSE_TAG_MOUNT_POINT;
}

/* Windows takes either sign, and people write one of them. */
char file_separator(const char *path)
{
	return strchr(path, '/') && !strchr(path, '\\') ? '/' : '\\';
}

bool file_is_separator(char sign)
{
	return sign == '/' || sign == '\\';
}

static bool is_null_device(const char *path)
{
	return !_stricmp(path, "NUL") || !strcmp(path, "/dev/null");
}

static enum file_kind kind_of(const char *path, bool itself)
{
	wchar_t *wide;
	DWORD attributes;
	enum file_kind kind = FILE_NONE;

	if (is_null_device(path))
		return FILE_NULL;
	wide = wide_path(path);
	attributes = GetFileAttributesW(wide);
	if (attributes == INVALID_FILE_ATTRIBUTES)
		errno = file_errno(GetLastError());
	else if (itself && is_link(wide, attributes))
		kind = FILE_LINK;
	else if (attributes & FILE_ATTRIBUTE_DIRECTORY)
		kind = FILE_FOLDER;
	else
		kind = attributes & FILE_ATTRIBUTE_DEVICE ? FILE_OTHER : FILE_PLAIN;
	free(wide);
	return kind;
}

enum file_kind file_kind(const char *path)
{
	return kind_of(path, false);
}

enum file_kind file_kind_itself(const char *path)
{
	return kind_of(path, true);
}

enum file_kind file_kind_of(int file)
{
	HANDLE handle = (HANDLE)_get_osfhandle(file);
	BY_HANDLE_FILE_INFORMATION about;

	if (GetFileType(handle) != FILE_TYPE_DISK)
		return FILE_OTHER;
	if (GetFileInformationByHandle(handle, &about) &&
	    about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		return FILE_FOLDER;
	return FILE_PLAIN;
}

int file_open(const char *path, enum file_kind *kind)
{
	wchar_t *wide = is_null_device(path) ? wide_of("NUL") : wide_path(path);
	HANDLE handle = CreateFileW(wide, GENERIC_READ,
				    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
				    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
	int file;

	*kind = FILE_NONE;
	if (handle == INVALID_HANDLE_VALUE)
		errno = file_errno(GetLastError());
	free(wide);
	if (handle == INVALID_HANDLE_VALUE)
		return -1;
	file = _open_osfhandle((intptr_t)handle, _O_RDONLY | _O_BINARY);
	if (file < 0)
		CloseHandle(handle);
	else
		*kind = is_null_device(path) ? FILE_NULL : file_kind_of(file);
	return file;
}

int64_t file_read(int file, void *bytes, size_t size)
{
	return _read(file, bytes, size > INT_MAX ? INT_MAX : (unsigned)size);
}

int file_close(int file)
{
	return _close(file);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static wchar_t *pattern_of(const char *folder)
{
	size_t length = strlen(folder);
	char *pattern = memory_zeroed(length + 3, 1);
	wchar_t *wide;

	memcpy(pattern, folder, length);
	if (length && folder[length - 1] != '/' && folder[length - 1] != '\\')
		pattern[length++] = '\\';
	pattern[length] = '*';
	wide = wide_path(pattern);
	free(pattern);
	return wide;
}

int file_names(struct file_names *names, const char *folder)
{
	wchar_t *pattern = pattern_of(folder);
	WIN32_FIND_DATAW entry;
	HANDLE found = FindFirstFileW(pattern, &entry);
	DWORD failed = GetLastError();

	free(pattern);
	*names = (struct file_names){ NULL };
	if (found == INVALID_HANDLE_VALUE) {
		errno = file_errno(failed);
		return -1;
	}
	do {
		if (!wcscmp(entry.cFileName, L".") || !wcscmp(entry.cFileName, L".."))
			continue;
		array_reserve(names->items, names->count, names->capacity);
		names->items[names->count++] = wide_to_text(entry.cFileName);
	} while (FindNextFileW(found, &entry));
	FindClose(found);
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, by_name);
	return 0;
}

void file_names_free(struct file_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct file_names){ NULL };
}
