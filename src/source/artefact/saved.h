#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct snapshot;

/*
 * What `portroom save` wrote on another machine, or on this one earlier: docs/schema/snapshot-1.json. Pure: bytes in,
 * facts out. Nothing in it is trusted: every number and every index is looked at.
 */

/* Whether it looks like one at all. */
bool saved_is(const char *text, size_t size);

/*
 * 0, or -1 with a sentence that says what is wrong and where. `name` is that of the file, for the sentence. The snapshot is to
 * be freed in both cases.
 */
int saved_read(const char *name, const char *text, size_t size, struct snapshot *snapshot,
	       struct error *error);
