#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Files by their names, which are UTF-8 on every system.
 */
enum file_kind {
	FILE_NONE, /* there is none of that name, or it may not be looked at: errno */
	FILE_PLAIN,
	FILE_FOLDER,
	FILE_LINK,  /* told by file_kind_itself() only */
	FILE_NULL,  /* /dev/null, NUL: always empty */
	FILE_DISK,  /* the device of a whole disk */
	FILE_OTHER, /* a pipe, another device, a socket */
};

enum file_kind file_kind(const char *path);	   /* of what a link leads to */
enum file_kind file_kind_itself(const char *path); /* of the link */

enum file_kind file_kind_of(int file); /* of what is open */

/* The sign between the names of such a path, as whoever wrote it has it; and whether a sign is one here. */
char file_separator(const char *path);
bool file_is_separator(char sign);

/* A descriptor to read from, or -1 and errno. Never waits for a writer. `kind` is of what was opened. */
int file_open(const char *path, enum file_kind *kind);

/* As read(2), but signals do not shorten it. */
int64_t file_read(int file, void *bytes, size_t size);
int file_close(int file); /* -1 and errno: what was written may be lost */

/*
 * The names in a folder, sorted, without "." and ".."; freed by file_names_free(). -1: it cannot be read, and errno.
 */
struct file_names {
	char **items;
	size_t count, capacity;
};

int file_names(struct file_names *names, const char *folder);
void file_names_free(struct file_names *names);
