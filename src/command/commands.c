#include "command/command.h"

#include "base/arena.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct command command_check, command_room, command_list, command_range;

/* One line for a new command. */
const struct command *const commands[] = {
	&command_check, &command_room, &command_list, &command_range, NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *command = commands; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	return NULL;
}

int command_fail(int status, const char *sentence)
{
	fputs("portroom: ", stderr);
	text_write_safe(stderr, sentence);
	fputc('\n', stderr);
	return status;
}

static void print_options(const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		char option[40];

		snprintf(option, sizeof option, "--%s%s%s", specs->name,
			 specs->value ? " " : "", specs->value ? specs->value : "");
		printf("  %-22s %s\n", option, specs->help);
	}
}

void command_help(const struct command *command)
{
	printf("Usage: portroom %s%s%s\n\n%s\n", command->name, *command->usage ? " " : "",
	       command->usage, command->description);
	if (command->options) {
		puts("\nOptions:");
		print_options(command->options);
	}
	puts("\nCommon options:");
	print_options(common_option_specs);
}

void command_help_all(void)
{
	puts("portroom: how much room is left for ports, and who took it?\n\n"
	     "Usage: portroom [COMMAND] [OPTIONS]\n\nCommands:");
	for (const struct command *const *command = commands; *command; command++)
		printf("  %-8s %s\n", (*command)->name, (*command)->summary);
	puts("\nportroom alone is portroom check. portroom COMMAND --help tells more.\n\n"
	     "Common options:");
	print_options(common_option_specs);
	puts("  --version              the version of portroom");
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
		error_set(&error, "unknown command '%s'; did you mean %s?", word, nearest);
	else
		error_set(&error, "unknown command '%s'; 'portroom --help' lists the commands",
			  word);
	return command_fail(2, error.text);
}

/* A descriptor that is closed at the start would be given to the first file opened, and output
 * would go there. Opened for the other direction, it fails as it should. */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			if (open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
				return;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2 || argv[1][0] == '-') {
		if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
			return command_help_all(), 0;
		if (argc > 1 && !strcmp(argv[1], "--version"))
			return printf("portroom %s\n", PORTROOM_VERSION), 0;
		return command_check.run(&command_check, argc, argv);
	}
	if (!strcmp(argv[1], "help") && argc == 2)
		return command_help_all(), 0;
	if (!strcmp(argv[1], "help")) {
		argv++;
		argc--;
		command = command_find(argv[1]);
		return command ? command_help(command), 0 : unknown_command(argv[1]);
	}
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
	error_set(&error, "cannot write to standard output: %s",
		  strerror(errno ? errno : EIO));
	return command_fail(failure, error.text);
}

int command_main(int argc, char **argv)
{
	const struct command *command;
	int status;

	keep_standard_descriptors();
	command = argc > 1 && argv[1][0] != '-' ? command_find(argv[1]) : &command_check;
	memory_set_failure(command ? command->failure : 1);
	status = dispatch(argc, argv);
	return finish_output(status, command ? command->failure : 1);
}
