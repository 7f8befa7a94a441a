#pragma once

#include "action/linux/range.h"

/*
 * The two files under /proc/sys of one network namespace, held open: whoever has them can set the range there
 * without entering the namespace again, and without a further descriptor.
 */
struct range_files {
	int range, reserved; /* -1: not open */
	uint64_t inode, cookie;
};

/* Of that namespace and no other: where its path leads elsewhere by now, a sentence. */
int range_files_open(struct range_files *files, const struct range_place *place,
		     struct error *error);
void range_files_close(struct range_files *files);

int range_files_read(const struct range_files *files, struct range_values *values,
		     struct error *error);

/*
 * Changes what is `from` to `to`, reads it back, and puts `from` back if that went wrong. At no moment is a port in
 * the range that is in neither of the two. Of the two settings one that is not `from` is somebody else's by now and
 * left alone; *kept then says so. 0; -1 with a sentence: everything is as it was; -2: something of it is left.
 */
int range_files_change(const struct range_files *files, const struct range_values *from,
		       const struct range_values *to, bool *kept, struct error *error);
