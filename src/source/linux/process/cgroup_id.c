#define _GNU_SOURCE /* open_by_handle_at() */
#include "source/linux/process/cgroup.h"

#include "base/arena.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * A cgroup's id is its inode number, and by that alone the file system finds it: Linux fs/kernfs/mount.c,
 * kernfs_fh_to_dentry(). Where version 1 is in use, too, the unified hierarchy has a folder of its own.
 */
static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

enum { FILEID_KERNFS = 0xfe }; /* include/linux/exportfs.h */

static int open_by_id(int mount, uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof id];
	} file = { 0 };

	file.handle.handle_bytes = sizeof id;
	file.handle.handle_type = FILEID_KERNFS;
	memcpy(file.handle.f_handle, &id, sizeof id);
	return open_by_handle_at(mount, &file.handle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static const char *path_below(struct arena *arena, const char *mount, int number)
{
	char link[64], path[4096];
	size_t length = strlen(mount);
	ssize_t size;

	snprintf(link, sizeof link, "/proc/self/fd/%d", number);
	size = readlink(link, path, sizeof path - 1);
	if (size < 0)
		return NULL;
	path[size] = '\0';
	if (strncmp(path, mount, length) || (path[length] && path[length] != '/'))
		return NULL;
	return arena_print(arena, "0::%s\n", path[length] ? path + length : "/");
}

static const char *find_in(struct arena *arena, const char *path, uint64_t id)
{
	int mount = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), number = -1;
	const char *text = NULL;
	struct statfs system;

	if (mount < 0)
		return NULL;
	if (!fstatfs(mount, &system) && system.f_type == CGROUP2_SUPER_MAGIC)
		number = open_by_id(mount, id);
	if (number >= 0) {
		text = path_below(arena, path, number);
		close(number);
	}
	close(mount);
	return text;
}

const char *cgroup_of_id(struct arena *arena, uint64_t id)
{
	const char *text = NULL;

	for (size_t i = 0; !text && i < sizeof mounts / sizeof mounts[0]; i++)
		text = find_in(arena, mounts[i], id);
	return text;
}
