#pragma once

#include "base/error.h"
#include "source/source.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What `portroom save` wrote on another machine, or on this one earlier: docs/schema/snapshot-1.json. Pure: bytes in,
 * facts out. Nothing in it is trusted: every number and every index is looked at.
 */
struct saved_request {
	const char *name; /* of the file, for sentences */
	enum source_scope scope;
	const char *
		netns; /* SCOPE_ONE: its name or its number; a process is in none that is still there */
};

/* Whether it looks like one at all. */
bool saved_is(const char *text, size_t size);

/*
 * 0, or -1 with a sentence that says what is wrong and where. Of namespaces that were not asked for nothing is taken;
 * the first is the caller's own where one is asked about. The snapshot is to be freed in both cases.
 */
int saved_read(const struct saved_request *request, const char *text, size_t size,
	       struct snapshot *snapshot, struct error *error);
