#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Files below a root directory that may belong to somebody else: a container's. Nothing in there is
 * trusted. A symbolic link cannot lead out of the root, only regular files are opened (opening a
 * device can already do something, opening a FIFO can wait for ever), and no file is larger than
 * the limit.
 */
enum { LARGEST_ROOTED_FILE = 64 << 20 };

/* The bytes of one file, ended with 0. Used again for the next one; free(bytes) at the end. */
struct rooted_text {
	char *bytes;
	size_t length, capacity;
};

/* A descriptor for fstat() and the functions here (O_PATH), or of a directory to list; -1. `path`
 * may begin with a slash. */
int rooted_open(int root, const char *path);
int rooted_open_directory(int root, const char *path);

bool rooted_read(int root, const char *path, struct rooted_text *text);

/* The same for a name in an open directory, not a path; a symbolic link is refused. */
bool rooted_read_entry(int directory, const char *name, struct rooted_text *text);
