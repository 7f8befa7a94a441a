#pragma once

#include <stddef.h>

/*
 * A document as it was written, or as a shell made it anew: what PowerShell redirects by > is UTF-16 with a mark before it,
 * and others put a mark before UTF-8. `text` is UTF-8 without a mark; it may be the given bytes themselves.
 */
struct saved_text {
	const char *text;
	size_t size;
	char *converted; /* NULL: nothing had to be */
};

void saved_text_make(struct saved_text *text, const char *bytes, size_t size);
void saved_text_free(struct saved_text *text);
