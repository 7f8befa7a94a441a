#pragma once

#include <stdint.h>

struct netns_conntrack;

/*
 * How full the table of tracked connections is, and what it had to drop. Where nothing is tracked,
 * that costs one small file, and one open() that fails where the kernel cannot track. Names: Linux
 * Documentation/networking/nf_conntrack-sysctl.rst.
 */
void conntrack_read(struct netns_conntrack *conntrack, int proc);

/* The text of net/stat/nf_conntrack, to be freed; NULL: nothing is tracked. And a counter in it, of all processors
 * together; -1: it is not there, or there is no text. */
char *conntrack_statistics(int proc);
int64_t conntrack_counter(const char *text, const char *name);
