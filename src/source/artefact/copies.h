#pragma once

#include "base/index.h"
#include "source/artefact/artefact.h"

/*
 * Files that come twice, as beside the archive that they came in: what they tell must not be counted twice. Two are
 * the same if their sizes are, and the bytes at both ends, a mebibyte each. Small ones are never: what counts calls and
 * events is larger, and two files of one setting each may well say the same.
 */
struct copies {
	struct index index;
	struct copy {
		uint64_t size, hash; /* of the bytes at both ends */
		const char *name;
	} * items;
	size_t count, capacity;
};

/* The name of the file that it is a copy of; NULL: none was there before, and `name` is remembered. */
const char *copies_find(struct copies *copies, const struct artefact_input *input,
			const char *name);
void copies_free(struct copies *copies);
