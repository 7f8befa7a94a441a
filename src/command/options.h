#pragma once

#include "base/error.h"
#include "source/source.h"

#include <stdbool.h>

struct command;

/*
 * Command-line options: one table per command serves parsing, --help and completion.
 */
struct option_spec {
	const char *name;  /* without dashes; NULL ends the table */
	const char *value; /* name of its value in the help; NULL: takes none */
	const char *help;
	char letter; /* its short form; 0: none */

	/* What completion offers for the value. */
	enum value_kind {
		VALUE_FREE,  /* nothing */
		VALUE_WORD,  /* one of `words` */
		VALUE_WORDS, /* some of `words`, separated by commas */
		VALUE_FILE,
		VALUE_FOLDER,
		VALUE_NETNS,
		VALUE_INTERFACE,
		VALUE_PID,
		VALUE_PROCESS,
		VALUE_USER,
	} kind;
	const char *(*words)(unsigned index); /* NULL behind the last */
};

/* Options that every command takes. */
struct common_options {
	bool json, verbose, help;
	bool colour, colour_given;
	struct source_request request; /* --netns, --root, --passive */
};

/* Ends every table of options. */
#define OPTIONS_END                                                                           \
	{                                                                                     \
		NULL                                                                          \
	}

extern const struct option_spec common_option_specs[];

/* Whether that common option means something to the command: explain looks nowhere, trace reads no file. */
bool option_is_taken(const struct command *command, const char *name);

/*
 * Parses argv[1...]; options and words may be mixed, "--" ends the options. Options of the
 * command's own table are handed to `take` (name without dashes, value or NULL), which returns 0 or
 * -1 with a sentence; NULL for a command without any. The words that remain stand in argv[1...*words];
 * behind them are the files of --on, which common->request.on points to.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct common_options *common,
		  int (*take)(void *context, const char *name, const char *value,
			      struct error *error),
		  void *context, int *words, struct error *error);
