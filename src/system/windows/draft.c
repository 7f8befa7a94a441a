#include "system/draft.h"

#include "base/arena.h"
#include "system/file.h"
#include "system/file_out.h"
#include "system/windows/file_errno.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Its name is that of the process and the clock, which nobody else has. */
int draft_open(struct draft *draft, const char *path)
{
	const size_t size = strlen(path) + 32;
	char *temporary = memory_zeroed(size, 1);
	int file;

	snprintf(temporary, size, "%s.%lx%lx", path, GetCurrentProcessId(), GetTickCount());
	file = file_create(temporary);
	if (file < 0) {
		free(temporary);
		return -1;
	}
	*draft = (struct draft){ .out = file_stream(file), .temporary = temporary };
	return 0;
}

/* The system never moves a file over another unless it is told to. */
static DWORD move(const char *temporary, const char *path)
{
	wchar_t *from = wide_path(temporary), *to = wide_path(path);
	DWORD failed = MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH) ? 0 : GetLastError();

	free(from);
	free(to);
	return failed;
}

static void remove_file(const char *path)
{
	wchar_t *wide = wide_path(path);

	DeleteFileW(wide);
	free(wide);
}

/* It is moved when it is closed: a file that is open cannot be. */
int draft_keep(struct draft *draft, const char *path)
{
	int number = fclose(draft->out) ? errno : 0;

	if (!number) {
		DWORD failed = move(draft->temporary, path);

		number = failed ? file_errno(failed) : 0;
	}
	if (number)
		remove_file(draft->temporary);
	free(draft->temporary);
	errno = number;
	return number ? -1 : 0;
}

void draft_drop(struct draft *draft)
{
	fclose(draft->out);
	remove_file(draft->temporary);
	free(draft->temporary);
}
