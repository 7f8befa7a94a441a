#include "system/line_file.h"

#include "base/language.h"
#include "system/file.h"
#include "system/file_out.h"

#include <errno.h>

static int cannot(const struct line_file *file, struct error *error)
{
	return error_set(error, _("cannot write to '%s': %s"), file->path,
			 language_errno(errno));
}

/* A new file, or what is no file at all: a pipe, a terminal, the device that keeps nothing. */
static int open_file(struct line_file *file, struct error *error)
{
	enum file_kind kind = FILE_PLAIN;

	file->file = file_create(file->path);
	if (file->file < 0 && errno == EEXIST)
		file->file = file_open_out(file->path, &kind);
	if (file->file < 0)
		return cannot(file, error);
	file->regular = kind == FILE_PLAIN;
	if (file->regular && file_size(file->file))
		return error_set(error, _("'%s' exists; give the name of a new file"),
				 file->path);
	return 0;
}

int line_file_open(struct line_file *file, const char *path, struct error *error)
{
	*file = (struct line_file){ .path = path, .file = -1 };
	if (open_file(file, error)) {
		if (file->file >= 0)
			file_close(file->file);
		return -1;
	}
	memory_file_open(&file->lines);
	return 0;
}

int line_file_flush(struct line_file *file, struct error *error)
{
	struct memory_file *lines = &file->lines;
	size_t written;

	memory_file_flush(lines);
	written = file->broken ? 0 : file_write(file->file, lines->text, lines->size);
	if (written < lines->size && !file->broken) {
		file->broken = errno;
		while (written && lines->text[written - 1] != '\n')
			written--;
		if (file->regular && file_cut(file->file, file->good + (int64_t)written))
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

	if (!result && file->regular && file_sync(file->file))
		result = cannot(file, error);
	if (file_close(file->file) && !result)
		result = cannot(file, error);
	memory_file_close(&file->lines);
	return result;
}
