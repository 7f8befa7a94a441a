#include "system/line_file.h"

#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const struct line_file *file, struct error *error)
{
	return error_set(error, _("cannot write to '%s': %s"), file->path,
			 language_errno(errno));
}

/* A new file, or what is no file at all: a pipe, a terminal. */
static int open_file(struct line_file *file, struct error *error)
{
	struct stat status;

	file->file = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file->file < 0 && errno == EEXIST)
		file->file = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (file->file < 0 || fstat(file->file, &status))
		return cannot(file, error);
	file->regular = S_ISREG(status.st_mode);
	if (file->regular && status.st_size)
		return error_set(error, _("'%s' exists; give the name of a new file"),
				 file->path);
	return 0;
}

int line_file_open(struct line_file *file, const char *path, struct error *error)
{
	*file = (struct line_file){ .path = path, .file = -1 };
	if (open_file(file, error)) {
		if (file->file >= 0)
			close(file->file);
		return -1;
	}
	memory_file_open(&file->lines);
	return 0;
}

/* How much could be written. */
static size_t write_all(int file, const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(file, text + done, size - done);

		if (written < 0 && errno != EINTR)
			break;
		if (written > 0)
			done += (size_t)written;
	}
	return done;
}

int line_file_flush(struct line_file *file, struct error *error)
{
	struct memory_file *lines = &file->lines;
	size_t written;

	memory_file_flush(lines);
	written = file->broken ? 0 : write_all(file->file, lines->text, lines->size);
	if (written < lines->size && !file->broken) {
		file->broken = errno;
		while (written && lines->text[written - 1] != '\n')
			written--;
		if (file->regular && ftruncate(file->file, file->good + (off_t)written))
			written = 0; /* the line that was cut stays, as the last */
	}
	file->good += (int64_t)written;
	memory_file_clear(lines);
	errno = file->broken;
	return file->broken ? cannot(file, error) : 0;
}

int line_file_close(struct line_file *file, struct error *error)
{
	int result = line_file_flush(file, error);

	if (!result && file->regular && fsync(file->file))
		result = cannot(file, error);
	if (close(file->file) && !result)
		result = cannot(file, error);
	memory_file_close(&file->lines);
	return result;
}
