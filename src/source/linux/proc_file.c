#include "source/linux/proc_file.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t proc_file_read(int directory, const char *path, char *buffer, size_t size)
{
	int file = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length = 0;
	ssize_t got = 0;

	if (file < 0)
		return -1;
	while (length < size - 1 && (got = read(file, buffer + length, size - 1 - length)) > 0)
		length += (size_t)got;
	buffer[length] = '\0';
	if (got < 0) {
		int failed = errno;

		close(file);
		errno = failed;
		return -1;
	}
	close(file);
	return (ssize_t)length;
}

char *proc_file_read_all(int directory, const char *path, size_t limit, size_t *length)
{
	size_t size = 0;
	ssize_t got;
	char *text = NULL;

	*length = 0;
	/* A file of /proc changes between two reads, so a larger buffer means starting again. */
	for (size_t wanted = 64 * 1024;; wanted *= 4) {
		size = wanted < limit ? wanted : limit;
		text = memory_resize(text, size + 1, 1);
		got = proc_file_read(directory, path, text, size + 1);
		if (got < 0) {
			int failed = errno;

			free(text);
			errno = failed;
			return NULL;
		}
		if ((size_t)got < size || size == limit)
			break;
	}
	*length = (size_t)got;
	return text;
}

int64_t proc_file_number(int directory, const char *path)
{
	char text[64], *end;
	long long number;

	errno = 0;
	if (proc_file_read(directory, path, text, sizeof text) < 0)
		return -1;
	number = strtoll(text, &end, 10);
	if (end != text && !errno)
		return number;
	errno = EINVAL;
	return -1;
}

ssize_t proc_file_link(int directory, const char *path, char *buffer, size_t size)
{
	ssize_t length = readlinkat(directory, path, buffer, size - 1);

	if (length >= 0)
		buffer[length] = '\0';
	return length;
}

uint64_t proc_file_link_number(const char *link, const char *prefix)
{
	size_t length = strlen(prefix);
	uint64_t number = 0;

	if (strncmp(link, prefix, length))
		return 0;
	for (link += length; *link >= '0' && *link <= '9'; link++)
		number = number * 10 + (uint64_t)(*link - '0');
	return *link == ']' ? number : 0;
}
