#include "system/whole_file.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/file.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

static int cannot(const struct whole_file *file, int number, struct error *error)
{
	return error_set(error, _("cannot write to '%s': %s"), file->path,
			 language_errno(number));
}

static int refuse_existing(const struct whole_file *file, struct error *error)
{
	return error_set(error, _("'%s' exists; give the name of a new file"), file->path);
}

/* A name of its own beside the other: that of the process and the clock, which nobody else has. */
static int open_named(struct whole_file *file)
{
	size_t size = strlen(file->path) + 32;
	wchar_t *wide;
	int descriptor;

	file->temporary = memory_zeroed(size, 1);
	snprintf(file->temporary, size, "%s.%lx%lx", file->path, GetCurrentProcessId(),
		 GetTickCount());
	wide = wide_path(file->temporary);
	descriptor = _wopen(wide, _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT,
			    _S_IREAD | _S_IWRITE);
	free(wide);
	return descriptor;
}

static int open_direct(struct whole_file *file)
{
	wchar_t *wide = wide_of(file->path);
	int descriptor = _wopen(wide, _O_WRONLY | _O_BINARY | _O_NOINHERIT);

	free(wide);
	file->direct = true;
	return descriptor;
}

static int open_file(struct whole_file *file, struct error *error)
{
	int descriptor;

	if (!strcmp(file->path, "-")) {
		file->direct = true;
		return 1;
	}
	switch (file_kind(file->path)) {
	case FILE_NONE:
		descriptor = open_named(file);
		break;
	case FILE_NULL:
	case FILE_OTHER:
		descriptor = open_direct(file);
		break;
	default:
		return refuse_existing(file, error);
	}
	return descriptor < 0 ? cannot(file, errno, error) : descriptor;
}

int whole_file_open(struct whole_file *file, const char *path, struct error *error)
{
	int descriptor;

	*file = (struct whole_file){ .path = path };
	descriptor = open_file(file, error);
	if (descriptor < 0) {
		free(file->temporary);
		return -1;
	}
	file->out = descriptor == 1 ? stdout : _fdopen(descriptor, "wb");
	if (!file->out)
		memory_exhausted(BUFSIZ);
	return 0;
}

/* errno; the system never moves a file over another unless it is told to. */
static int give_name(const struct whole_file *file)
{
	wchar_t *from = wide_path(file->temporary), *to = wide_path(file->path);
	DWORD failed = MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH) ? 0 : GetLastError();

	if (failed)
		DeleteFileW(from);
	free(from);
	free(to);
	return !failed							     ? 0 :
	       failed == ERROR_ALREADY_EXISTS || failed == ERROR_FILE_EXISTS ? EEXIST :
	       failed == ERROR_ACCESS_DENIED				     ? EACCES :
									       EIO;
}

static void remove_temporary(const struct whole_file *file)
{
	wchar_t *wide = wide_path(file->temporary);

	DeleteFileW(wide);
	free(wide);
}

int whole_file_finish(struct whole_file *file, struct error *error)
{
	int number = 0;

	errno = 0;
	if (fflush(file->out) || ferror(file->out) ||
	    (!file->direct && _commit(_fileno(file->out))))
		number = errno ? errno : EIO;
	if (file->out != stdout && fclose(file->out) && !number)
		number = errno;
	/* It is moved when it is closed: a file that is open cannot be. */
	if (file->temporary && number)
		remove_temporary(file);
	else if (file->temporary)
		number = give_name(file);
	free(file->temporary);
	if (!number)
		return 0;
	return number == EEXIST ? refuse_existing(file, error) : cannot(file, number, error);
}
