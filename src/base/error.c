#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	/* cppcheck-suppress ctuuninitvar ; this is where it gets its text */
	vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	return -1;
}
