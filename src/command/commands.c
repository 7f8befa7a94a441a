#include "command/command.h"

#include "action/range.h"
#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "system/locale.h"
#include "system/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line for a new command, in the order of the help. */
/* clang-format off */
#define COMMANDS(command) \
	command(check) \
	command(room) \
	command(list) \
	command(range) \
	command(whatif) \
	command(probe) \
	command(handles) \
	command(close) \
	command(watch) \
	command(trace) \
	command(events) \
	command(lab) \
	command(save) \
	command(read) \
	command(explain) \
	command(completion)
/* clang-format on */

#define DECLARE(name) extern const struct command command_##name;
#define ADDRESS(name) &command_##name,

COMMANDS(DECLARE)

const struct command *const commands[] = { COMMANDS(ADDRESS) NULL };

const struct command *command_find(const char *name)
{
	for (const struct command *const *command = commands; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	return NULL;
}

int command_fail(int status, const char *sentence)
{
	fflush(stdout); /* what was said before is read before */
	fputs("portroom: ", stderr);
	text_write_safe(stderr, sentence);
	fputc('\n', stderr);
	return status;
}

void command_complain(struct error *told, const char *sentence)
{
	if (!strcmp(told->text, sentence))
		return;
	error_set(told, "%s", sentence);
	(void)command_fail(0, sentence);
}

static int unknown_command(const char *word)
{
	enum { COUNT = sizeof commands / sizeof commands[0] };
	const char *names[COUNT] = { NULL };
	const char *nearest;
	struct error error;

	for (size_t i = 0; i + 1 < COUNT; i++)
		names[i] = commands[i]->name;
	nearest = text_nearest(word, names);
	if (nearest)
		error_set(&error, _("unknown command '%s'; did you mean %s?"), word, nearest);
	else
		error_set(&error,
			  _("unknown command '%s'; 'portroom --help' lists the commands"),
			  word);
	return command_fail(2, error.text);
}

static int help_on(const char *word)
{
	return command_help_on(word) ? unknown_command(word) : 0;
}

/* Without a command's name it is the program that is asked about, not check. */
static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

/* The language has been chosen already. */
static const char *word_behind(int argc, char **argv, int first)
{
	while (first < argc && !strncmp(argv[first], "--lang", strlen("--lang")))
		first += argv[first][strlen("--lang")] == '=' ? 1 : 2;
	return first < argc ? argv[first] : NULL;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2 || argv[1][0] == '-') {
		if (asks_for_help(argc, argv))
			return help_on(NULL);
		if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")))
			return printf("portroom %s\n", PORTROOM_VERSION), 0;
		return command_check.run(&command_check, argc, argv);
	}
	if (!strcmp(argv[1], "help"))
		return help_on(word_behind(argc, argv, 2));
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return command->run(command, argc - 1, argv + 1);
}

/* What was written may still be lost: a full disk shows at the last flush. */
static int finish_output(int status, int failure)
{
	struct error error;

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	error_set(&error, _("cannot write to standard output: %s"),
		  language_errno(errno ? errno : EIO));
	return command_fail(failure, error.text);
}

/* The language of everything that is said, the first complaint about the command line included: so
 * --lang is looked for before the others. Whether its value is good is seen when its turn comes. */
static void choose_language(int argc, char **argv)
{
	static const char option[] = "--lang";
	struct language_environment environment = {
		.language = locale_variable("LANGUAGE"),
		.lc_all = locale_variable("LC_ALL"),
		.lc_messages = locale_variable("LC_MESSAGES"),
		.lang = locale_variable("LANG"),
	};
	struct error error;

	language_from_environment(&environment);
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], option) && i + 1 < argc)
			(void)language_select(argv[i + 1], &error);
		else if (!strncmp(argv[i], "--lang=", sizeof option))
			(void)language_select(argv[i] + sizeof option, &error);
	}
}

static void tell_overdue(const char *sentence)
{
	(void)command_fail(0, sentence);
}

int command_main(int argc, char **argv)
{
	const struct command *command;
	int status;

	stream_start(&argc, &argv);
	choose_language(argc, argv);
	command = argc > 1 && argv[1][0] != '-' ? command_find(argv[1]) : &command_check;
	memory_set_failure(command ? command->failure : 1);
	range_overdue(tell_overdue);
	status = dispatch(argc, argv);
	status = finish_output(status, command ? command->failure : 1);
	stream_end();
	return status;
}
