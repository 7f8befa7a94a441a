#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Small files of /proc, read relative to a directory descriptor so that a copied tree reads like a
 * live one and a process that ends meanwhile cannot be mistaken for its successor.
 */

/* Reads at most size - 1 bytes and ends them with 0; the length, or -1 with errno set. */
ssize_t proc_file_read(int directory, const char *path, char *buffer, size_t size);

/* The whole file, ended with 0, to be freed by the caller; NULL with errno set. `limit` bounds
 * what a hostile or growing file can take. */
char *proc_file_read_all(int directory, const char *path, size_t limit, size_t *length);

/* The first number of a file; -1 with errno set if it cannot be read or starts with none. */
int64_t proc_file_number(int directory, const char *path);

/* Text of a symbolic link, ended with 0; -1 with errno set. */
ssize_t proc_file_link(int directory, const char *path, char *buffer, size_t size);

/* The number in a link such as "socket:[123]" behind `prefix` ("socket:["), 0 if it is another. */
uint64_t proc_file_link_number(const char *link, const char *prefix);
