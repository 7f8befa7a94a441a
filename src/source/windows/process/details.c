#include "source/windows/process/details.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "snapshot/process.h"
#include "source/artefact/dump/utf16.h"
#include "source/artefact/windows/process_table.h"
#include "source/windows/process/account.h"
#include "source/windows/process/nt.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_PATH = 32768, COMMAND_LINE = 60 };
enum { LONGEST_TEXT = 4096 }; /* of a command line, as on Linux nobody reads more */

uint64_t details_created(void *process)
{
	FILETIME created, ended, kernel, user;

	if (!GetProcessTimes(process, &created, &ended, &kernel, &user))
		return 0;
	return filetime_join(created.dwHighDateTime, created.dwLowDateTime);
}

static const char *executable_of(HANDLE process, struct arena *arena)
{
	wchar_t *wide = memory_zeroed(LONGEST_PATH, sizeof *wide);
	DWORD size = LONGEST_PATH;
	const char *path = NULL;

	if (QueryFullProcessImageNameW(process, 0, wide, &size)) {
		char *text = wide_to_text(wide);

		path = arena_copy(arena, text);
		free(text);
	}
	free(wide);
	return path;
}

/* ProcessCommandLineInformation, since Windows 8.1: a UNICODE_STRING whose text follows. */
static const char *command_line_of(const struct nt_route *nt, HANDLE process,
				   struct arena *arena)
{
	enum { SIZE = sizeof(UNICODE_STRING) + 65536 + 2 };
	uint8_t *bytes = memory_zeroed(1, SIZE);
	const UNICODE_STRING *string = (const UNICODE_STRING *)bytes;
	char *text = memory_zeroed(1, LONGEST_TEXT);
	const char *line = NULL;
	ULONG needed = 0;

	if (nt->query_process &&
	    nt->query_process(process, COMMAND_LINE, bytes, SIZE, &needed) >= 0) {
		uintptr_t from = (uintptr_t)string->Buffer - (uintptr_t)bytes;

		if (string->Buffer && from < SIZE && string->Length <= SIZE - from &&
		    utf16_to_utf8(bytes + from, string->Length, text, LONGEST_TEXT))
			line = arena_copy(arena, text);
	}
	free(bytes);
	free(text);
	return line;
}

static const char *name_in(const char *path)
{
	const char *slash = strrchr(path, '\\');

	return slash ? slash + 1 : path;
}

void details_read(const struct nt_route *nt, const struct account_route *account,
		  struct arena *arena, struct process *process)
{
	HANDLE handle = nt->open_process(PROCESS_QUERY_LIMITED_INFORMATION, FALSE,
					 (DWORD)process->pid);
	uint64_t created;

	if (!handle) {
		/* What OpenProcess() says of a number that no process has. */
		process->ended = GetLastError() == ERROR_INVALID_PARAMETER;
		return;
	}
	created = details_created(handle);
	if (created && process->start_ticks && created != process->start_ticks) {
		process->ended = true; /* and its number is another one's by now */
	} else {
		process->start_ticks = created ? created : process->start_ticks;
		process->start_time = process_time_s(process->start_ticks);
		process->executable = executable_of(handle, arena);
		process->user_name = account_name(account, handle, arena);
		process->command_line = command_line_of(nt, handle, arena);
		if (!process->name && process->executable)
			process->name = name_in(process->executable);
	}
	nt->close(handle);
}
