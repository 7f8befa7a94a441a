#pragma once

#include "base/arena.h"

#include <stddef.h>

/*
 * Files that set kernel settings when the machine boots: sysctl.d(5).
 */
struct boot_file {
	const char *path;
	const char *text; /* NULL: it cannot be read, `why` says why */
	const char *why;
};

/* Sorted as they are read: what a later one sets, counts. All text lives in the arena. */
void boot_files_read(struct arena *arena, struct boot_file **files, size_t *count);
