#pragma once

#include "base/format.h"

/*
 * An error is a finished sentence: what went wrong, where, and what to do. It is written where the
 * cause is known (errno is translated there and travels no further) and printed by the command.
 */
struct error {
	char text[512];
};

/* Writes the sentence and returns -1, so that a function can `return error_set(...)`. */
int error_set(struct error *error, const char *format, ...) FORMAT_PRINTF(2, 3);
