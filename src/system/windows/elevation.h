#pragma once

#include <stdbool.h>

/* Whether we run with the rights of an administrator in full: an account of one is not enough, since Windows hands out a
 * token without them until "Run as administrator" is said. */
bool elevation_is_full(void);

/* Whether such a token without them has the same account as ours, which has them: what that account owns, any of its programs may
 * have made, without anybody's consent. */
bool elevation_has_twin(void);
