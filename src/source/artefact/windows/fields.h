#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Values with a sign between them, perhaps in quotes, in which a quote is written twice (RFC 4180). Quotes that are written
 * twice stay so: no value that matters has any.
 */
enum { FIELDS_MOST = 128 };

struct fields {
	struct span items[FIELDS_MOST];
	size_t count;
	bool open;   /* the last is in quotes that do not end in this line */
	bool quoted; /* all are in quotes */
};

/* The sign between the first two values: a comma, a semicolon or a tab; 0: there is none. */
char fields_sign(const struct line *line);

/* false: something stands behind a closing quote. More than FIELDS_MOST are left out. */
bool fields_split(struct fields *fields, const struct line *line, char sign);

/* Whether quotes that were open before this line end in it. */
bool fields_closes(const struct line *line);
