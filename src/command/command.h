#pragma once

#include "command/options.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A subcommand. `run` gets what stands behind its name and returns the exit status.
 */
struct command {
	const char *name;
	const char *summary; /* one line in "portroom --help" */
	const char *usage;   /* what follows "portroom NAME" */
	const char *description;
	const char *status; /* what its exit status means; NULL: as of most commands */
	const struct option_spec *options; /* its own; the common ones are added. NULL: none */
	const char *(*words)(unsigned index); /* for completion: what it takes besides options,
						 NULL behind the last. NULL: nothing known */
	bool offline;	  /* looks at no machine: --netns, --passive and --root mean nothing */
	bool reads_files; /* takes --on: what another machine left, instead of this one */
	bool words_are_files; /* what stands behind its name is read as that of --on is */
	int usage_error;      /* exit status of a mistake in the command line */
	int failure;	      /* exit status when the work could not be done */
	int (*run)(const struct command *command, int argc, char **argv);
};

/* All commands, ended by NULL. commands.c */
extern const struct command *const commands[];

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

/* Prints the help of one command, in as few lines as its options allow: the common ones are named
 * only, "portroom help options" explains them. help.c */
void command_help(const struct command *command);

/* "portroom help WORD": WORD is a command, "options", or NULL for the program. -1: neither. */
int command_help_on(const char *word);

/* "portroom: <sentence>" on stderr; returns `status`, so that a command can `return` it. */
int command_fail(int status, const char *sentence);

/* The same of what goes on: it is said once as long as it is the same, as of a disk that is full for an hour. `told` is what
 * was said last; emptied, it is said again. */
void command_complain(struct error *told, const char *sentence);

/* Runs what the command line asks for. */
int command_main(int argc, char **argv);
