#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dossier;

/*
 * A kind of file that evidence comes as. Readers are pure: bytes in, facts into the dossier; they never trust a number in
 * the bytes, use memory that does not grow with what they only pass over, and read on behind what is spoilt where they can.
 */
struct artefact_input {
	const char *name; /* for people: "bundle.zip/netstat.txt" */
	const uint8_t *bytes;
	size_t size;
	int64_t modified_ms; /* since 1970 UTC, when the file was last written; 0: not known */
	const char
		*cut; /* why there was more than `bytes` has: a sentence; NULL: this is all */

	/* What lies before `offset` is no longer needed: a mapped file gives its memory back. May be NULL. */
	void (*passed)(const struct artefact_input *input, size_t offset);
};

struct artefact_kind {
	const char *name; /* "etl"; of text each section has a name of its own */

	/* By its first bytes. Never by the file's name. */
	bool (*is)(const struct artefact_input *input);

	/*
	 * 0, or -1 with a sentence that says what is wrong and at which byte or line: then nothing could be taken. What
	 * was spoilt on the way is dossier_note()d.
	 */
	int (*read)(const struct artefact_input *input, struct dossier *dossier,
		    struct error *error);

	/* It hands on what it reads, and needs what other files tell (names of processes): it is read after them. */
	bool last;
};

/* All kinds, in the order in which they are asked; plain text is the last, and takes whatever has lines. Ended by NULL. */
extern const struct artefact_kind *const artefact_kinds[];

bool artefact_is_last(const struct artefact_input *input);

/*
 * Finds out what the bytes are, has them read, and adds what became of it to the dossier's artefacts. The dossier
 * is whole afterwards in any case.
 */
void artefact_read(const struct artefact_input *input, struct dossier *dossier);
