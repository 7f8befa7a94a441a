#define _GNU_SOURCE /* O_PATH */
#include "source/linux/rooted_file.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * openat2() with RESOLVE_IN_ROOT resolves a path as if the root were "/" (Linux 5.6, openat2(2)).
 * Where it does not exist or is refused, the path is walked one component at a time, and a symbolic
 * link ends the walk: less is found, nothing wrong.
 */

static int open_step(int directory, const char *name, size_t length, int flags)
{
	char component[256];

	if (length >= sizeof component || (length == 2 && !memcmp(name, "..", 2))) {
		errno = EINVAL;
		return -1;
	}
	memcpy(component, name, length);
	component[length] = '\0';
	return openat(directory, component, flags | O_NOFOLLOW | O_CLOEXEC);
}

static int walk(int root, const char *path, int flags)
{
	int at = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (at >= 0) {
		size_t length;
		bool last;
		int next;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (!length)
			break;
		last = !path[length];
		next = open_step(at, path, length, last ? flags : O_PATH | O_DIRECTORY);
		close(at);
		at = next;
		path += length;
	}
	return at;
}

static int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof how);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return (int)fd;
	return walk(root, path, flags);
}

int rooted_open(int root, const char *path)
{
	return open_in_root(root, path, O_PATH);
}

int rooted_open_directory(int root, const char *path)
{
	return open_in_root(root, path, O_RDONLY | O_DIRECTORY);
}

static bool read_to_end(int fd, struct rooted_text *text)
{
	ssize_t got;

	text->length = 0;
	for (;;) {
		if (text->capacity - text->length < 2) {
			if (text->capacity > LARGEST_ROOTED_FILE)
				return false;
			text->capacity = text->capacity ? 2 * text->capacity : 256 * 1024;
			text->bytes = memory_resize(text->bytes, text->capacity, 1);
		}
		got = read(fd, text->bytes + text->length, text->capacity - text->length - 1);
		if (got <= 0)
			break;
		text->length += (size_t)got;
	}
	text->bytes[text->length] = '\0';
	return !got;
}

/* Takes a descriptor that only names a file, sees what it is, and only then opens it for reading. */
static bool read_named(int named, struct rooted_text *text)
{
	struct stat status;
	char path[40];
	bool whole = false;
	int fd;

	if (named < 0)
		return false;
	if (!fstat(named, &status) && S_ISREG(status.st_mode) &&
	    status.st_size <= LARGEST_ROOTED_FILE) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", named);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0) {
			whole = read_to_end(fd, text);
			close(fd);
		}
	}
	close(named);
	return whole;
}

bool rooted_read(int root, const char *path, struct rooted_text *text)
{
	return read_named(rooted_open(root, path), text);
}

bool rooted_read_entry(int directory, const char *name, struct rooted_text *text)
{
	return read_named(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), text);
}
