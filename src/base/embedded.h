#pragma once

#include <stddef.h>

/*
 * Files of the source tree that are compiled into the program (tools/embed.py): catalogues, pages.
 * An array of them ends with an entry whose name is NULL.
 */
struct embedded_file {
	const char *name;  /* without its folder */
	const char *bytes; /* a NUL follows, so that text can be used as it is */
	size_t size;
};
