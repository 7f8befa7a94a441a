#pragma once

struct netns_conntrack;

/*
 * How full the table of tracked connections is, and what it had to drop. Where nothing is tracked,
 * that costs one small file, and one open() that fails where the kernel cannot track. Names: Linux
 * Documentation/networking/nf_conntrack-sysctl.rst.
 */
void conntrack_read(struct netns_conntrack *conntrack, int proc);
