#pragma once

#include "suite.h"

#include <stdio.h>

/*
 * What a view writes, held against a file of tests/golden. PORTROOM_GOLDEN=write makes the files
 * anew: read the difference before committing it.
 */
struct golden {
	FILE *out;
	char *text;
	size_t size;
};

/* `out` takes what the view writes. */
void golden_begin(struct golden *golden);

/* Fails with both texts if they differ; ends the golden. */
void golden_end(struct golden *golden, const char *name);
