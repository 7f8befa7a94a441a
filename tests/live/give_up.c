#include "give_up.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* _exit(): a forked holder must not flush what its parent had buffered. */
_Noreturn void give_up(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	dprintf(STDERR_FILENO, "situation: %s\n", text);
	_exit(EXIT_SET_UP_FAILED);
}

_Noreturn void give_up_skipping(const char *reason)
{
	dprintf(STDOUT_FILENO, "SKIP %s\n", reason);
	_exit(EXIT_SKIPPED);
}
