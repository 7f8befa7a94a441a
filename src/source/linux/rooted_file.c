#define _GNU_SOURCE /* O_PATH */
#include "source/linux/rooted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
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

/*
 * Kernel interfaces in the shape of files (numbers where linux/magic.h has no name).
 * FUSE is none of them: containers of an ordinary user often lie on it.
 */
static bool stores_files(int fd)
{
	static const unsigned long pseudo[] = {
		PROC_SUPER_MAGIC,     SYSFS_MAGIC,	   TRACEFS_MAGIC,
		DEBUGFS_MAGIC,	      SECURITYFS_MAGIC,	   BPF_FS_MAGIC,
		CGROUP_SUPER_MAGIC,   CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC,
		SELINUX_MAGIC,	      SMACK_MAGIC,	   NSFS_MAGIC,
		BINFMTFS_MAGIC,	      PSTOREFS_MAGIC,	   EFIVARFS_MAGIC,
		RDTGROUP_SUPER_MAGIC, XENFS_SUPER_MAGIC,   BINDERFS_SUPER_MAGIC,
		AAFS_MAGIC,	      0x62656570, /* configfs */
		0x65735543,			  /* fusectl */
		0x19800202,			  /* mqueue */
		0x67596969,			  /* rpc_pipefs */
		0x6e667364,			  /* nfsd */
	};
	struct statfs status;

	if (fstatfs(fd, &status))
		return false;
	for (size_t i = 0; i < sizeof pseudo / sizeof pseudo[0]; i++)
		if (((unsigned long)status.f_type & 0xffffffff) == pseudo[i])
			return false;
	return true;
}

int rooted_open(int root, const char *path)
{
	return open_in_root(root, path, O_PATH);
}

int rooted_open_directory(int root, const char *path)
{
	int named = open_in_root(root, path, O_PATH | O_DIRECTORY);
	int fd = -1, error;

	if (named < 0)
		return -1;
	errno = EACCES;
	if (stores_files(named))
		fd = openat(named, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	close(named);
	errno = error;
	return fd;
}

void rooted_note(struct rooted_lines *lines, int error)
{
	switch (error) {
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EFBIG:
		if (!lines->error)
			lines->error = error;
		break;
	default:
		break;
	}
}

bool rooted_spend(struct rooted_lines *lines, size_t cost)
{
	if (lines->budget < cost) {
		lines->budget = 0;
		rooted_note(lines, EFBIG);
		return false;
	}
	lines->budget -= cost;
	return true;
}

static bool is_readable(int named)
{
	struct stat status;

	return !fstat(named, &status) && S_ISREG(status.st_mode) && status.st_size > 0 &&
	       status.st_size <= LARGEST_ROOTED_FILE && stores_files(named);
}

/* Takes a descriptor that only names a file, sees what it is, and only then opens it for reading. */
static bool begin(struct rooted_lines *lines, int named)
{
	enum { COST_OF_OPENING = 4096 };
	char path[40];

	lines->fd = -1;
	lines->at = lines->length = 0;
	lines->skips = false;
	if (named < 0) {
		rooted_note(lines, errno);
		return false;
	}
	if (is_readable(named) && rooted_spend(lines, COST_OF_OPENING)) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", named);
		lines->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (lines->fd < 0)
			rooted_note(lines, errno);
	}
	close(named);
	return lines->fd >= 0;
}

bool rooted_begin(struct rooted_lines *lines, int root, const char *path)
{
	return begin(lines, rooted_open(root, path));
}

bool rooted_begin_entry(struct rooted_lines *lines, int directory, const char *name)
{
	return begin(lines, openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

void rooted_end(struct rooted_lines *lines)
{
	close(lines->fd);
	lines->fd = -1;
}

/* More behind what the window has: 1, 0 at the end of the file, -1 where reading fails. */
static int fill(struct rooted_lines *lines)
{
	size_t room;
	ssize_t got;

	if (lines->length == sizeof lines->window || lines->at == lines->length) {
		memmove(lines->window, lines->window + lines->at, lines->length - lines->at);
		lines->length -= lines->at;
		lines->at = 0;
	}
	room = sizeof lines->window - lines->length;
	if (!rooted_spend(lines, 1))
		return -1;
	if (room > lines->budget + 1)
		room = lines->budget + 1;
	got = read(lines->fd, lines->window + lines->length, room);
	if (got <= 0)
		return (int)got;
	lines->length += (size_t)got;
	lines->budget -= (size_t)got - 1;
	return 1;
}

bool rooted_next(struct rooted_lines *lines, struct rooted_line *line)
{
	size_t searched = 0;
	int more;

	for (;;) {
		const char *start = lines->window + lines->at;
		size_t have = lines->length - lines->at;
		const char *end = memchr(start + searched, '\n', have - searched);
		bool skipped = lines->skips;

		if (end) {
			*line = (struct rooted_line){ start, (size_t)(end - start), false };
			lines->at += line->length + 1;
			lines->skips = false;
			searched = 0;
			if (!skipped)
				return true;
			continue;
		}
		if (skipped)
			lines->at = lines->length;
		searched = lines->length - lines->at;
		if (searched == sizeof lines->window) {
			*line = (struct rooted_line){ start, searched, true };
			lines->at = lines->length;
			lines->skips = true;
			return true;
		}
		more = fill(lines);
		if (more <= 0)
			break;
	}
	/* The last line needs no newline; one that could not be read to its end is none. */
	*line = (struct rooted_line){ lines->window + lines->at, searched, false };
	lines->at = lines->length;
	return !more && searched;
}
