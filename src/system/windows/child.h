#pragma once

#include <stddef.h>
#include <wchar.h>

/*
 * Other programs, run beside each other for what they print: without a shell, without a window, with nothing to read, and
 * not for longer than a limit. Whoever does not end by then is ended.
 */
struct child {
	const wchar_t *program; /* its whole path */
	wchar_t *command;	/* the command line, its name first; may be written to */

	/* Afterwards. */
	enum child_end {
		CHILD_NOT_STARTED, /* `status` is GetLastError() */
		CHILD_ENDED,	   /* `status` is its exit status */
		CHILD_STOPPED,	   /* at the limit */
	} end;
	unsigned long status;
	char *output; /* standard output and standard error, ended by NUL; child_free() */
	size_t size;

	void *process, *pipe; /* child_run()'s */
};

void child_run(struct child *children, size_t count, unsigned limit_ms);
void child_free(struct child *child);
