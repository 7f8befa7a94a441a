#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Formats whose placeholders are numbered ("%2$s: %1$u"), which translations need where another language has another order, and
 * which neither the C library of Windows nor mingw-w64's own printf() knows.
 */
enum { POSITIONS_MOST = 24, POSITIONS_FORMAT = 4096 };

struct positions {
	char format[POSITIONS_FORMAT];	    /* the same without numbers */
	uint64_t arguments[POSITIONS_MOST]; /* in the order of its placeholders */
};

/* False: the format has no numbers, or is too long, or has too many; then it is taken as it is. */
bool positions_apply(struct positions *positions, const char *format, va_list arguments);

/* Of the result, for the v-functions. */
#define positions_list(positions) ((va_list)(positions)->arguments)
