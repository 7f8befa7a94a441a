#pragma once

/* The compiler checks the format of a function like printf(). mingw-w64 has two families of formats;
 * we use that of C99 (-D__USE_MINGW_ANSI_STDIO=1), which gcc calls gnu_printf there. */
#ifdef _WIN32
#define FORMAT_PRINTF(format_at, first) __attribute__((format(gnu_printf, format_at, first)))
#else
#define FORMAT_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#endif
