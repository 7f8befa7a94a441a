#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Files below a root directory that may belong to somebody else: a container's. Nothing in there is
 * trusted. A symbolic link cannot lead out of the root. Only regular files on file systems that
 * store files are opened: opening a device can already do something, opening a FIFO can wait for
 * ever, and reading /proc/kmsg or a pipe of tracefs takes from it. What is read goes through one
 * window, line by line, so that no file costs memory; and there is an end to how much is read.
 */
enum {
	LARGEST_ROOTED_FILE = 64 << 20,
	ROOTED_WINDOW = 64 << 10, /* of a longer line the beginning is shown */
};

/* One file at a time; all that is read, opened and listed counts for one budget. */
struct rooted_lines {
	size_t budget; /* bytes still to be spent: set it first */
	int error;     /* errno of the first thing that kept from looking; EFBIG: the budget */
	int fd;
	size_t at, length; /* of the window: what is not yet shown */
	bool skips;	   /* the rest of a line that was cut */
	char window[ROOTED_WINDOW];
};

/* In the window, until the next one is asked for; without its newline, not ended with 0. */
struct rooted_line {
	const char *text;
	size_t length;
	bool cut;
};

/* A descriptor for fstat() and the functions here (O_PATH), or of a directory to list; -1 with
 * errno. `path` may begin with a slash. */
int rooted_open(int root, const char *path);
int rooted_open_directory(int root, const char *path);

/* Whether the file is there and may be read; rooted_end() afterwards, then the next one. */
bool rooted_begin(struct rooted_lines *lines, int root, const char *path);

/* The same for a name in an open directory, not a path; a symbolic link is refused. */
bool rooted_begin_entry(struct rooted_lines *lines, int directory, const char *name);

bool rooted_next(struct rooted_lines *lines, struct rooted_line *line);
void rooted_end(struct rooted_lines *lines);

/* Takes from the budget: false if it is spent. */
bool rooted_spend(struct rooted_lines *lines, size_t cost);

/* Keeps the error if it says something about this machine or the caller, and not just that there is
 * no such file. */
void rooted_note(struct rooted_lines *lines, int error);
