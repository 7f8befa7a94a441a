#include "system/file_out.h"

#include "base/arena.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { HOW = _O_WRONLY | _O_BINARY | _O_NOINHERIT };

int file_create(const char *path)
{
	wchar_t *wide;
	int file;

	if (file_kind(path) == FILE_NULL) { /* it is there in every folder */
		errno = EEXIST;
		return -1;
	}
	wide = wide_path(path);
	file = _wopen(wide, HOW | _O_CREAT | _O_EXCL, _S_IREAD | _S_IWRITE);
	free(wide);
	return file;
}

int file_open_out(const char *path, enum file_kind *kind)
{
	wchar_t *wide = file_kind(path) == FILE_NULL ? wide_of("NUL") : wide_path(path);
	int file = _wopen(wide, HOW);

	free(wide);
	if (file >= 0)
		*kind = file_kind_of(file);
	return file;
}

int64_t file_size(int file)
{
	return _filelengthi64(file);
}

/* The C library says nothing of a write that the system did only in part. */
size_t file_write(int file, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const size_t left = size - done;
		const int written = _write(file, (const char *)bytes + done,
					   left > INT_MAX ? INT_MAX : (unsigned)left);

		if (written < 0)
			break;
		if (!written) {
			errno = ENOSPC;
			break;
		}
		done += (size_t)written;
	}
	return done;
}

int file_cut(int file, int64_t size)
{
	return _chsize_s(file, size) ? -1 : 0;
}

int file_sync(int file)
{
	return _commit(file);
}

FILE *file_stream(int file)
{
	FILE *stream = _fdopen(file, "wb");

	if (!stream)
		memory_exhausted(BUFSIZ);
	return stream;
}
