#pragma once

#include "snapshot/socket.h"
#include "source/artefact/text/text_format.h"
#include "source/artefact/windows/prompt.h"
#include "source/artefact/windows/record.h"

#include <stdbool.h>
#include <stdint.h>

struct dossier;
struct records;

/*
 * Objects of one kind, one behind the other: what the forms that they come in have in common. A form finds the names of
 * the properties, and hands on object by object.
 */
struct record_kind {
	const char *name; /* of the part of the file: the command that makes it */

	/* By the names of the properties; values need not be there. */
	bool (*is)(const struct record *record, const struct prompt *prompt);

	/* The first is to come. May be NULL. */
	void (*begin)(struct records *records, struct dossier *dossier,
		      const struct record *record);

	/* false: it was not understood, and nothing of it is in the dossier. */
	bool (*take)(struct records *records, struct dossier *dossier,
		     const struct record *record);

	/* No other comes. May be NULL. */
	void (*end)(struct records *records, struct dossier *dossier);
	const char *used_for; /* N_() */
};

extern const struct record_kind *const record_kinds[]; /* ended by NULL; record_kinds.c */

struct records {
	const struct record_kind *kind; /* NULL: none has begun */
	struct prompt prompt;
	uint64_t taken, unread, first_unread; /* the line, or the byte */
	bool by_byte;			      /* first_unread is a byte */
	bool cut;	     /* the last one was not whole when the file ended */
	const char *assumed; /* a sentence about how they were understood; NULL: nothing was */
	size_t table;	     /* its own, where it fills one */
	uint64_t passed_over; /* of the kind's own account */
};

/* Of which kind objects with these properties are; NULL: of none. */
const struct record_kind *records_kind_of(const struct record *record,
					  const struct prompt *prompt);

/* Ends what was before. */
void records_begin(struct records *records, struct dossier *dossier,
		   const struct record_kind *kind, const struct prompt *prompt,
		   const struct record *record);
bool records_take(struct records *records, struct dossier *dossier,
		  const struct record *record);
void records_unread(struct records *records, uint64_t where);
void records_end(struct records *records, struct dossier *dossier, bool is_last);
