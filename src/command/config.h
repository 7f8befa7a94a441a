#pragma once

#include "base/arena.h"
#include "base/error.h"

/*
 * A configuration file: options of a command without their dashes, a line each, "warning = 20%".
 * What follows # is a comment. Handed to `take` like options of the command line, which come later
 * and win.
 */

/* `keys` (ended by NULL) may be set; values live in the arena. path NULL: configuration_path(), which need not exist. -1 with a
 * sentence that names file and line. */
int config_read(const char *path, const char *const *keys,
		int (*take)(void *context, const char *name, const char *value,
			    struct error *error),
		void *context, struct arena *arena, struct error *error);
