#pragma once

#include "base/error.h"

/*
 * The configuration file that counts where nobody names another.
 */

/* Its path, whether it is there or not. */
const char *configuration_path(void);

/* Where everybody could make that file (on Windows) and it is read with more rights than everybody has, what it says might keep
 * such a check silent: -1 with a sentence that tells how to mend it. 0: it may be believed. It must be there. */
int configuration_refuse_foreign(struct error *error);
