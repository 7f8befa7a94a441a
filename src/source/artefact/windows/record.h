#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * One object as PowerShell or wmic writes it out: properties by name. Whether it stood in a table, a list, CSV or JSON is no
 * longer seen. Names are in English in every language of Windows.
 */
enum { RECORD_FIELDS = 128 };

struct record {
	size_t count;
	struct span names[RECORD_FIELDS], values[RECORD_FIELDS]; /* text NULL: not there */
};

/* What is beyond RECORD_FIELDS is left out. */
void record_add(struct record *record, struct span name, struct span value);

/* Its value; text NULL: it has none. Letters of the name are in any case. */
struct span record_value(const struct record *record, const char *name);
bool record_has(const struct record *record, const char *name);

/* A number that is not negative. false: it is none, or greater than `most`. */
bool record_number(const struct record *record, const char *name, uint64_t most,
		   uint64_t *number);
