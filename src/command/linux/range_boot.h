#pragma once

#include "action/linux/range.h"
#include "base/arena.h"
#include "view/range.h"

/*
 * What the files of sysctl.d do to the range when the machine boots.
 */
struct range_boot {
	struct arena arena;
	struct range_setter *setters;
	size_t setter_count, setter_capacity;
	const char **unread;
	size_t unread_count, unread_capacity;
};

void range_boot_read(struct range_boot *boot);
void range_boot_free(struct range_boot *boot);

/* A file that leaves the range or the reserved ports as something else than this at boot; NULL: none does. */
const char *range_boot_other(const struct range_boot *boot, const struct range_values *values);
