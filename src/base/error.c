#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 8192 };

/* Between two characters of UTF-8. */
static bool is_boundary(const char *at)
{
	return (*at & 0xc0) != 0x80;
}

/* What is too long was most likely given by the user, in the middle; the reason stands at the end. */
static void shorten(struct error *error, const char *text)
{
	enum { PART = sizeof error->text / 2 - 4 };
	size_t length = strlen(text), head = PART;
	const char *tail = text + length - PART;

	if (length < sizeof error->text) {
		strcpy(error->text, text);
		return;
	}
	while (head && !is_boundary(text + head))
		head--;
	while (*tail && !is_boundary(tail))
		tail++;
	snprintf(error->text, sizeof error->text, "%.*s...%s", (int)head, text, tail);
}

int error_set(struct error *error, const char *format, ...)
{
	char text[LONGEST];
	va_list args;

	va_start(args, format);
	/* cppcheck-suppress ctuuninitvar ; this is where it gets its text */
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	shorten(error, text);
	return -1;
}
