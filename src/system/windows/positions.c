#include "system/windows/positions.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * On x64 every variadic argument takes eight bytes on the stack, whatever its type, and a va_list is their address
 * (learn.microsoft.com, "x64 calling convention", "Varargs"). So arguments can be put in another order without knowing what
 * they are.
 *
 * The linker sends the three functions below, which all the others of mingw-w64's printf() family end in, here first
 * (-Wl,--wrap in src/meson.build): so nobody who prints has to know of this.
 */
static_assert(sizeof(va_list) == sizeof(uint64_t *), "arguments are not one behind the other");

/* "2$" behind a '%': the number; 0: there is none, and `*at` stays. */
static unsigned number_at(const char **at)
{
	char *end;
	unsigned long number;

	if (**at < '1' || **at > '9')
		return 0;
	number = strtoul(*at, &end, 10);
	if (*end != '$' || number > POSITIONS_MOST)
		return 0;
	*at = end + 1;
	return (unsigned)number;
}

bool positions_apply(struct positions *positions, const char *format, va_list arguments)
{
	uint64_t given[POSITIONS_MOST];
	unsigned count = 0, most = 0, order[POSITIONS_MOST];
	size_t length = 0;

	if (!strchr(format, '$') || strlen(format) >= sizeof positions->format)
		return false;
	for (const char *at = format; *at;) {
		unsigned number;

		positions->format[length++] = *at;
		if (*at++ != '%')
			continue;
		if (*at == '%') {
			positions->format[length++] = *at++;
			continue;
		}
		number = number_at(&at);
		if (!number || count == POSITIONS_MOST)
			return false;
		order[count++] = number;
		most = number > most ? number : most;
	}
	positions->format[length] = '\0';
	for (unsigned i = 0; i < most; i++)
		given[i] = va_arg(arguments, uint64_t);
	for (unsigned i = 0; i < count; i++)
		positions->arguments[i] = given[order[i] - 1];
	return true;
}

int __real___mingw_vsnprintf(char *text, size_t size, const char *format, va_list arguments);
int __real___mingw_vsprintf(char *text, const char *format, va_list arguments);
int __real___mingw_vfprintf(FILE *out, const char *format, va_list arguments);
int __wrap___mingw_vsnprintf(char *text, size_t size, const char *format, va_list arguments);
int __wrap___mingw_vsprintf(char *text, const char *format, va_list arguments);
int __wrap___mingw_vfprintf(FILE *out, const char *format, va_list arguments);

int __wrap___mingw_vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
	struct positions positions;

	if (!positions_apply(&positions, format, arguments))
		return __real___mingw_vsnprintf(text, size, format, arguments);
	return __real___mingw_vsnprintf(text, size, positions.format,
					positions_list(&positions));
}

int __wrap___mingw_vsprintf(char *text, const char *format, va_list arguments)
{
	struct positions positions;

	if (!positions_apply(&positions, format, arguments))
		return __real___mingw_vsprintf(text, format, arguments);
	return __real___mingw_vsprintf(text, positions.format, positions_list(&positions));
}

int __wrap___mingw_vfprintf(FILE *out, const char *format, va_list arguments)
{
	struct positions positions;

	if (!positions_apply(&positions, format, arguments))
		return __real___mingw_vfprintf(out, format, arguments);
	return __real___mingw_vfprintf(out, positions.format, positions_list(&positions));
}
