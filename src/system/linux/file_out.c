#include "system/file_out.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int file_create(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

int file_open_out(const char *path, enum file_kind *kind)
{
	int file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (file >= 0)
		*kind = file_kind_of(file);
	return file;
}

int64_t file_size(int file)
{
	struct stat about;

	return fstat(file, &about) ? -1 : about.st_size;
}

size_t file_write(int file, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(file, (const char *)bytes + done, size - done);

		if (written < 0 && errno != EINTR)
			break;
		if (written > 0)
			done += (size_t)written;
	}
	return done;
}

int file_cut(int file, int64_t size)
{
	return ftruncate(file, size);
}

int file_sync(int file)
{
	return fsync(file);
}

FILE *file_stream(int file)
{
	FILE *stream = fdopen(file, "w");

	if (!stream)
		memory_exhausted(BUFSIZ);
	return stream;
}
