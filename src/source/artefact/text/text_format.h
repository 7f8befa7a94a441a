#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>

struct dossier;

/*
 * One form of text among those that may stand in a file, one behind the other: a console's output has netsh, netstat and
 * prompts. Each line is offered to the form that took the line before, then to the others in the order of their list.
 */
enum { CONTEXT_LINES = 4, CONTEXT_LENGTH = 256 };

struct text_context {
	/* The last lines that nobody took and that are not blank, the latest first: prompts, dates, titles. */
	char before[CONTEXT_LINES]
		   [CONTEXT_LENGTH];	 /* cut and ended by zero; "": there is none */
	uint64_t numbers[CONTEXT_LINES]; /* of these lines; 0: there is none */
	int64_t modified_ms;		 /* of the file; 0: not known */
};

/* A line that nobody took. */
void text_context_remember(struct text_context *context, const struct line *line);

struct text_format {
	const char *name; /* "netstat", for programs */
	bool names_parts; /* what it tells has names of its own: one form has the output of several commands */
	size_t state_size;

	/*
	 * Whether the line is of this form; then what it tells is in the dossier or in `state`, which is all zero at the
	 * first line of a section. A form must recognise its first line without doubt, or leave it to others; blank
	 * lines and what is between its rows it takes only within a section.
	 */
	bool (*take)(void *state, struct dossier *dossier, const struct text_context *context,
		     const struct line *line);

	/* The section is over: another form, or the end of the file. `is_last`: the file ends here. May be NULL. */
	void (*end)(void *state, struct dossier *dossier, bool is_last);
};

extern const struct text_format *const text_formats[]; /* ended by NULL; text_formats.c */
