#include "system/line_file.h"

#include "base/language.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static int cannot(const struct line_file *file, struct error *error)
{
	return error_set(error, _("cannot write to '%s': %s"), file->path,
			 language_errno(errno));
}

/* A new file, or what is no file at all: NUL, a named pipe. */
static int open_file(struct line_file *file, const wchar_t *path, struct error *error)
{
	const int flags = _O_WRONLY | _O_BINARY | _O_NOINHERIT;
	struct _stat64 status;

	file->file = _wopen(path, flags | _O_CREAT | _O_EXCL, _S_IREAD | _S_IWRITE);
	if (file->file < 0 && errno == EEXIST)
		file->file = _wopen(path, flags);
	if (file->file < 0 || _fstat64(file->file, &status))
		return cannot(file, error);
	file->regular = (status.st_mode & _S_IFMT) == _S_IFREG;
	if (file->regular && status.st_size)
		return error_set(error, _("'%s' exists; give the name of a new file"),
				 file->path);
	return 0;
}

int line_file_open(struct line_file *file, const char *path, struct error *error)
{
	wchar_t *wide = wide_path(path);
	int result;

	*file = (struct line_file){ .path = path, .file = -1 };
	result = open_file(file, wide, error);
	free(wide);
	if (result) {
		if (file->file >= 0)
			_close(file->file);
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
		size_t left = size - done;
		int written =
			_write(file, text + done, left > INT_MAX ? INT_MAX : (unsigned)left);

		if (written <= 0)
			break;
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
		file->broken = errno ? errno : ENOSPC;
		while (written && lines->text[written - 1] != '\n')
			written--;
		if (file->regular && _chsize_s(file->file, file->good + (int64_t)written))
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

	if (!result && file->regular && _commit(file->file))
		result = cannot(file, error);
	if (_close(file->file) && !result)
		result = cannot(file, error);
	memory_file_close(&file->lines);
	return result;
}
