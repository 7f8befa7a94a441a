#include "system/whole_file.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/file.h"
#include "system/file_out.h"

#include <errno.h>
#include <string.h>

static int cannot(const struct whole_file *file, int number, struct error *error)
{
	return number == EEXIST ?
		       error_set(error, _("'%s' exists; give the name of a new file"),
				 file->path) :
		       error_set(error, _("cannot write to '%s': %s"), file->path,
				 language_errno(number));
}

static FILE *open_direct(const char *path)
{
	enum file_kind kind;
	int file = file_open_out(path, &kind);

	return file < 0 ? NULL : file_stream(file);
}

static FILE *open_draft(struct whole_file *file)
{
	return draft_open(&file->draft, file->path) ? NULL : file->draft.out;
}

int whole_file_open(struct whole_file *file, const char *path, struct error *error)
{
	enum file_kind kind = FILE_OTHER;

	*file = (struct whole_file){ .path = path };
	if (!strcmp(path, "-"))
		file->out = stdout;
	else if ((kind = file_kind(path)) == FILE_NONE)
		file->out = open_draft(file);
	else if (kind == FILE_OTHER || kind == FILE_NULL)
		file->out = open_direct(path);
	else
		errno = EEXIST;
	file->direct = kind != FILE_NONE;
	return file->out ? 0 : cannot(file, errno, error);
}

/* errno of what could not be written. What failed earlier and nobody noted has lost its reason. */
static int flush(struct whole_file *file)
{
	int number = fflush(file->out) ? errno : ferror(file->out) ? EIO : 0;

	if (!number && !file->direct && file_sync(fileno(file->out)))
		number = errno;
	return file->broken ? file->broken : number;
}

/* Of what failed on standard output this was the word: the end of the program has none more to say. */
static int end_direct(FILE *out, int number)
{
	if (out == stdout)
		clearerr(out);
	else if (fclose(out) && !number)
		number = errno;
	return number;
}

int whole_file_finish(struct whole_file *file, struct error *error)
{
	int number = flush(file);

	if (file->direct)
		number = end_direct(file->out, number);
	else if (number)
		draft_drop(&file->draft);
	else if (draft_keep(&file->draft, file->path))
		number = errno;
	return number ? cannot(file, number, error) : 0;
}
