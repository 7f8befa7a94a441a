#define _GNU_SOURCE /* O_TMPFILE, renameat2() */

#include "system/draft.h"

#include "base/arena.h"
#include "system/file_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As dirname(3) would say it, which changes what it is given. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
	char *folder = memory_zeroed(length + 1, 1);

	memcpy(folder, slash ? path : ".", length);
	return folder;
}

/* A file without a name (Linux 3.11, open(2)); not every file system has such. */
static int open_nameless(const char *path)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

	free(folder);
	return fd;
}

static int open_named(struct draft *draft, const char *path)
{
	static const char ending[] = ".XXXXXX";
	size_t length = strlen(path);

	draft->temporary = memory_zeroed(length + sizeof ending, 1);
	memcpy(draft->temporary, path, length);
	memcpy(draft->temporary + length, ending, sizeof ending);
	return mkostemp(draft->temporary, O_CLOEXEC);
}

int draft_open(struct draft *draft, const char *path)
{
	int fd = open_nameless(path);

	*draft = (struct draft){ NULL };
	if (fd < 0)
		fd = open_named(draft, path);
	if (fd < 0) {
		free(draft->temporary);
		return -1;
	}
	draft->out = file_stream(fd);
	return 0;
}

/* A file system without hard links (FAT) can move without writing over, on most kernels. */
static int link_or_move(const char *temporary, const char *path)
{
	if (!link(temporary, path))
		return 0;
	if (errno == EEXIST)
		return -1;
	if (!renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE))
		return 0;
	if ((errno != EINVAL && errno != ENOSYS) || !access(path, F_OK))
		return -1;
	return rename(temporary, path);
}

static int give_name(const struct draft *draft, const char *path)
{
	char link[64];

	if (draft->temporary)
		return link_or_move(draft->temporary, path);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fileno(draft->out));
	return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int draft_keep(struct draft *draft, const char *path)
{
	int number = give_name(draft, path) ? errno : 0;

	draft_drop(draft); /* by that name it stays */
	errno = number;
	return number ? -1 : 0;
}

void draft_drop(struct draft *draft)
{
	fclose(draft->out);
	if (draft->temporary)
		unlink(draft->temporary);
	free(draft->temporary);
}
