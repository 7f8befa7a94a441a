#include "base/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * A format with places is read twice: for the kind of each argument, which must be known to take it from
 * the list, and to print each conversion by itself with its place taken out.
 */

enum { MOST_PLACES = 9, LONGEST_CONVERSION = 32 };

enum kind { KIND_NONE, KIND_INT, KIND_LONG, KIND_LONG_LONG, KIND_SIZE, KIND_TEXT };

union value {
	int i;
	long l;
	long long ll;
	size_t z;
	const char *s;
};

struct conversion {
	const char *end;		 /* behind it */
	char format[LONGEST_CONVERSION]; /* without its place */
	unsigned place;
	enum kind kind;
};

static enum kind kind_of(const char *size, size_t length, char letter)
{
	if (letter == 's')
		return length ? KIND_NONE : KIND_TEXT;
	if (!letter || !strchr("diuxXc", letter))
		return KIND_NONE;
	if (!length)
		return KIND_INT;
	if (length == 2 && !strncmp(size, "ll", 2))
		return KIND_LONG_LONG;
	if (length == 1 && *size == 'l')
		return KIND_LONG;
	return length == 1 && *size == 'z' ? KIND_SIZE : KIND_NONE;
}

/* What begins with % at `at`; false if it is nothing of the kind. */
static bool read_conversion(const char *at, struct conversion *conversion)
{
	const char *rest, *size;
	size_t length;

	if (at[0] != '%' || at[1] < '1' || at[1] > '0' + MOST_PLACES || at[2] != '$')
		return false;
	rest = at + 3;
	size = rest + strspn(rest, "-+ #0123456789.");
	length = strspn(size, "lz");
	conversion->kind = kind_of(size, length, size[length]);
	conversion->place = (unsigned)(at[1] - '1');
	conversion->end = size + length + 1;
	if (conversion->kind == KIND_NONE || conversion->end - rest > LONGEST_CONVERSION - 2)
		return false;
	conversion->format[0] = '%';
	memcpy(conversion->format + 1, rest, (size_t)(conversion->end - rest));
	conversion->format[1 + (conversion->end - rest)] = '\0';
	return true;
}

/* The kinds of the places, from the first; false where one in between has none, so that it cannot be passed over. */
static bool read_kinds(const char *format, enum kind kinds[MOST_PLACES])
{
	struct conversion conversion;
	unsigned count = 0;

	for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
		if (read_conversion(at, &conversion)) {
			kinds[conversion.place] = conversion.kind;
			count = conversion.place >= count ? conversion.place + 1 : count;
			at = conversion.end;
		} else if (at[1] == '%') {
			at += 2;
		} else {
			return false;
		}
	}
	for (unsigned i = 0; i < count; i++)
		if (kinds[i] == KIND_NONE)
			return false;
	return count > 0;
}

static int print_one(char *text, size_t size, const struct conversion *conversion,
		     union value value)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	switch (conversion->kind) {
	case KIND_INT:
		return snprintf(text, size, conversion->format, value.i);
	case KIND_LONG:
		return snprintf(text, size, conversion->format, value.l);
	case KIND_LONG_LONG:
		return snprintf(text, size, conversion->format, value.ll);
	case KIND_SIZE:
		return snprintf(text, size, conversion->format, value.z);
	case KIND_TEXT:
		return snprintf(text, size, conversion->format, value.s);
	case KIND_NONE:
		break;
	}
#pragma GCC diagnostic pop
	return 0;
}

static int print_all(char *text, size_t size, const char *format,
		     const union value values[MOST_PLACES])
{
	struct conversion conversion;
	size_t length = 0;

	while (*format) {
		size_t left = length < size ? size - length : 0;
		char *at = left ? text + length : NULL;
		int written;

		if (read_conversion(format, &conversion)) {
			written = print_one(at, left, &conversion, values[conversion.place]);
			format = conversion.end;
		} else {
			size_t plain = *format == '%' ? 1 : strcspn(format, "%");

			written = snprintf(at, left, "%.*s", (int)plain, format);
			format += plain + (*format == '%');
		}
		if (written < 0)
			return -1;
		length += (size_t)written;
	}
	return (int)length;
}

int format_vprint(char *text, size_t size, const char *format, va_list args)
{
	enum kind kinds[MOST_PLACES] = { KIND_NONE };
	union value values[MOST_PLACES] = { { 0 } };

	if (!strchr(format, '$') || !read_kinds(format, kinds))
		return vsnprintf(text, size, format, args);
	for (unsigned i = 0; i < MOST_PLACES && kinds[i] != KIND_NONE; i++)
		if (kinds[i] == KIND_INT)
			values[i].i = va_arg(args, int);
		else if (kinds[i] == KIND_LONG)
			values[i].l = va_arg(args, long);
		else if (kinds[i] == KIND_LONG_LONG)
			values[i].ll = va_arg(args, long long);
		else if (kinds[i] == KIND_SIZE)
			values[i].z = va_arg(args, size_t);
		else
			values[i].s = va_arg(args, const char *);
	return print_all(text, size, format, values);
}
