#include "system/windows/file_errno.h"

#include <errno.h>
#include <stddef.h>
#include <windows.h>

static const struct {
	DWORD number;
	int same;
} known[] = {
	{ ERROR_FILE_NOT_FOUND, ENOENT },
	{ ERROR_PATH_NOT_FOUND, ENOENT },
	{ ERROR_INVALID_NAME, ENOENT },
	{ ERROR_INVALID_DRIVE, ENOENT },
	{ ERROR_BAD_NETPATH, ENOENT },
	{ ERROR_ACCESS_DENIED, EACCES },
	{ ERROR_SHARING_VIOLATION, EACCES },
	{ ERROR_LOCK_VIOLATION, EACCES },
	{ ERROR_WRITE_PROTECT, EROFS },
	{ ERROR_ALREADY_EXISTS, EEXIST },
	{ ERROR_FILE_EXISTS, EEXIST },
	{ ERROR_DISK_FULL, ENOSPC },
	{ ERROR_HANDLE_DISK_FULL, ENOSPC },
	{ 1295 /* ERROR_DISK_QUOTA_EXCEEDED */, ENOSPC },
	{ ERROR_FILE_TOO_LARGE, EFBIG },
	{ ERROR_NOT_ENOUGH_MEMORY, ENOMEM },
	{ ERROR_TOO_MANY_OPEN_FILES, EMFILE },
};

int file_errno(unsigned long number)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].number == number)
			return known[i].same;
	return EIO;
}
