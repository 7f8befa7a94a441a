#pragma once

#include <stdbool.h>

/* Whether we run with the rights of an administrator in full: an account of one is not enough, since Windows hands out a
 * token without them until "Run as administrator" is said. */
bool elevation_is_full(void);
