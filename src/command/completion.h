#pragma once

#include <stdio.h>

struct option_spec;

/*
 * Completion scripts, written from the tables of commands and options. They call no program but the
 * shell's own parts, and take names that others chose (processes, namespaces) as text, never as
 * shell.
 */
void completion_bash(FILE *out);
void completion_fish(FILE *out);
void completion_powershell(FILE *out);
void completion_zsh(FILE *out);

/* What "portroom help" is, beside the summaries of the commands. */
const char *completion_help(void);

/* Words of an option, of a command, with spaces between. */
void completion_words(FILE *out, const char *(*words)(unsigned index));
