#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A table whose heading names its columns: separated by tabs, by commas (RFC 4180) or by " | ". The wanted columns are found by
 * their names, so that those that a later version adds do no harm.
 */
enum { COLUMNS_MOST = 32 };

struct columns {
	char separator; /* 0: there is no table */
	uint8_t count;	/* of the heading */
	int8_t place
		[COLUMNS_MOST]; /* of the wanted ones, in the order of their names; -1: it has none */
};

/* Whether the line is the heading of a table that has the first `needed` of the names (ended by NULL). */
bool columns_find(struct columns *columns, const struct line *line, const char *const *names,
		  size_t needed);

/* The wanted cells of a row, empty where it has none; false: it has more cells than the heading, or hardly any. */
bool columns_split(const struct columns *columns, const struct line *line, struct span *cells,
		   size_t wanted);
