#pragma once

#include "action/linux/range.h"

#include <stdbool.h>

/*
 * The file for the next boot, in /etc/sysctl.d, and the one it has replaced beside it.
 */

/* Whole or not at all, and on the disk when it returns. `again`: the one that is there is of the same change, and is
 * not kept. */
int range_dropin_write(const struct range_values *before, const struct range_values *after,
		       bool again, struct error *error);

/* The one it replaced if there was one, or none. */
int range_dropin_restore(bool was_there, struct error *error);
