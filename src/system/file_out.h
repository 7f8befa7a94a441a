#pragma once

#include "system/file.h"

#include <stdio.h>

/*
 * Files to be written, by their names in UTF-8. What fails says so by -1 and errno; file_close() ends each.
 */

/* A new file, which only its owner may read. EEXIST: there is something of that name. */
int file_create(const char *path);

/* What is there already, from its beginning. `kind` is of what was opened. May wait for the reader of a pipe. */
int file_open_out(const char *path, enum file_kind *kind);

int64_t file_size(int file);

/* How much of it was written; where that is not all, errno says why. */
size_t file_write(int file, const void *bytes, size_t size);

/* What is behind the first `size` bytes goes. */
int file_cut(int file, int64_t size);

/* To the disk. */
int file_sync(int file);

/* A stream that takes what is to be written, and closes the file when it is closed. */
FILE *file_stream(int file);
