#define _GNU_SOURCE /* O_TMPFILE, renameat2() */

#include "system/whole_file.h"

#include "base/arena.h"
#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const struct whole_file *file, int number, struct error *error)
{
	return error_set(error, _("cannot write to '%s': %s"), file->path,
			 language_errno(number));
}

static int refuse_existing(const struct whole_file *file, struct error *error)
{
	return error_set(error, _("'%s' exists; give the name of a new file"), file->path);
}

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

static int open_named(struct whole_file *file)
{
	static const char ending[] = ".XXXXXX";
	size_t length = strlen(file->path);

	file->temporary = memory_zeroed(length + sizeof ending, 1);
	memcpy(file->temporary, file->path, length);
	memcpy(file->temporary + length, ending, sizeof ending);
	return mkostemp(file->temporary, O_CLOEXEC);
}

static int open_file(struct whole_file *file, struct error *error)
{
	struct stat status;
	int fd = -1;

	if (!strcmp(file->path, "-")) {
		file->direct = true;
		return STDOUT_FILENO;
	}
	if (!stat(file->path, &status)) {
		if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))
			return refuse_existing(file, error);
		file->direct = true;
		fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	} else {
		fd = open_nameless(file->path);
		if (fd < 0)
			fd = open_named(file);
	}
	return fd < 0 ? cannot(file, errno, error) : fd;
}

int whole_file_open(struct whole_file *file, const char *path, struct error *error)
{
	int fd;

	*file = (struct whole_file){ .path = path };
	fd = open_file(file, error);
	if (fd < 0) {
		free(file->temporary);
		return -1;
	}
	file->out = fd == STDOUT_FILENO ? stdout : fdopen(fd, "w");
	if (!file->out)
		memory_exhausted(BUFSIZ);
	return 0;
}

/* A file system without hard links (FAT) can move without writing over, on most kernels. */
static int link_or_move(const struct whole_file *file)
{
	if (!link(file->temporary, file->path))
		return 0;
	if (errno == EEXIST)
		return -1;
	if (!renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE))
		return 0;
	if ((errno != EINVAL && errno != ENOSYS) || !access(file->path, F_OK))
		return -1;
	return rename(file->temporary, file->path);
}

/* Fails with EEXIST if somebody else has made such a file meanwhile. */
static int give_name(const struct whole_file *file)
{
	char link[64];

	if (file->temporary)
		return link_or_move(file);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fileno(file->out));
	return linkat(AT_FDCWD, link, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW);
}

/* errno of what went wrong; `number` is what already has. */
static int end(struct whole_file *file, int number)
{
	if (file->out != stdout && fclose(file->out) && !number)
		number = errno;
	if (file->temporary)
		unlink(file->temporary); /* has the other name by now, too, or is not wanted */
	free(file->temporary);
	return number;
}

int whole_file_finish(struct whole_file *file, struct error *error)
{
	int number = 0;

	errno = 0;
	if (fflush(file->out) || ferror(file->out) ||
	    (!file->direct && fsync(fileno(file->out))))
		number = errno ? errno : EIO;
	if (!number && !file->direct && give_name(file))
		number = errno;
	number = end(file, number);
	if (!number)
		return 0;
	return number == EEXIST ? refuse_existing(file, error) : cannot(file, number, error);
}
