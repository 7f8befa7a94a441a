#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct artefact_input;
struct dossier;

/*
 * The objects of a JSON text one after the other: of a list, of a list that PowerShell 5 has wrapped
 * ({"value": [...], "Count": 2}), one alone, or one a line. Each is taken apart alone, so that memory does not grow with
 * their number, and those before the place where a file was cut off are whole.
 */
struct json_objects {
	struct lines lines;
	size_t given_back;
	char *text; /* the object that is open, or was found last */
	size_t length, capacity;
	uint64_t offset;      /* its first byte in the file */
	uint64_t passed_over; /* objects that are longer than OBJECT_MOST */
	bool cut;	      /* the text ends within one */
	bool wrapped; /* the list is within an object, and something stands behind it */
	bool strange; /* something stands between objects that is no JSON */
	uint64_t strange_at;
};

enum { OBJECT_MOST = 1 << 20 };

/* What lies behind is given back as it goes. */
void json_objects_begin(struct json_objects *objects, const struct artefact_input *input);
bool json_objects_next(struct json_objects *objects); /* false: there is none any more */
void json_objects_end(struct json_objects *objects);

/* What is wrong with the text as a whole, when there is none any more. */
void json_objects_note(const struct json_objects *objects, struct dossier *dossier);
