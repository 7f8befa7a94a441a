#pragma once

#include <stdarg.h>
#include <stddef.h>

/* The compiler checks the format of a function like printf(). mingw-w64 has two families of formats;
 * we use that of C99 (-D__USE_MINGW_ANSI_STDIO=1), which gcc calls gnu_printf there. */
#ifdef _WIN32
#define FORMAT_PRINTF(format_at, first) __attribute__((format(gnu_printf, format_at, first)))
#else
#define FORMAT_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#endif

/*
 * vsnprintf() that knows "%2$s" on every system. Translations reorder what they are given so, and the printf() of
 * mingw-w64 prints it as it stands. With places: d i u x X c s, the sizes l ll z and fixed widths and precisions, as
 * many as nine; anything else is printed as it stands.
 */
int format_vprint(char *text, size_t size, const char *format, va_list args)
	FORMAT_PRINTF(3, 0);
