#include "command/completion.h"

#include "base/language.h"
#include "command/command.h"

#include <string.h>

static const char head[] =
	"# fish completion for portroom, as `portroom completion fish` writes it.\n"
	"\n"
	"function __portroom_words\n"
	"    commandline --tokenize --current-process --cut-at-cursor\n"
	"end\n"
	"\n"
	"# Whether no command is named yet.\n"
	"function __portroom_begins\n"
	"    test (count (__portroom_words)) -eq 1\n"
	"end\n"
	"\n"
	"# Whether the line is of that command; it is check where none is named.\n"
	"function __portroom_is\n"
	"    set --local words (__portroom_words)\n"
	"    if set --query words[2]; and not string match --quiet -- '-*' $words[2]\n"
	"        test $words[2] = $argv[1]\n"
	"    else\n"
	"        test check = $argv[1]\n"
	"    end\n"
	"end\n"
	"\n"
	"# What is there of a value, behind --option= as well.\n"
	"function __portroom_value\n"
	"    commandline --current-token | string replace --regex '^--[^=]*=' ''\n"
	"end\n"
	"\n"
	"# Words separated by commas: those not yet there, after those that are.\n"
	"function __portroom_list\n"
	"    set --local before (__portroom_value | string replace --regex '[^,]*$' '')\n"
	"    for word in $argv\n"
	"        contains -- $word (string split , -- $before); or echo $before$word\n"
	"    end\n"
	"end\n"
	"\n"
	"function __portroom_namespaces\n"
	"    set --local paths /run/netns/*\n"
	"    string replace --regex '.*/' '' -- $paths\n"
	"end\n"
	"\n"
	"complete --command portroom --no-files\n";

static void write_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void write_value(FILE *out, const struct option_spec *spec)
{
	static const char *const actions[] = {
		[VALUE_FILE] = " --require-parameter --force-files",
		[VALUE_FOLDER] =
			" --exclusive --arguments '(__fish_complete_directories (__portroom_value))'",
		[VALUE_NETNS] =
			" --exclusive --arguments 'all own host (__portroom_namespaces)'",
		[VALUE_INTERFACE] = " --exclusive --arguments '(__fish_print_interfaces)'",
		[VALUE_PID] = " --exclusive --arguments '(__fish_complete_pids)'",
		[VALUE_PROCESS] = " --exclusive --arguments '(__fish_complete_proc)'",
		[VALUE_USER] = " --exclusive --arguments '(__fish_complete_users)'",
	};

	if (!spec->value)
		return;
	if (spec->kind == VALUE_WORD || spec->kind == VALUE_WORDS) {
		fprintf(out, " --exclusive --arguments '%s",
			spec->kind == VALUE_WORDS ? "(__portroom_list " : "");
		completion_words(out, spec->words);
		fputs(spec->kind == VALUE_WORDS ? ")'" : "'", out);
	} else {
		fputs(spec->kind == VALUE_FREE ? " --exclusive" : actions[spec->kind], out);
	}
}

/* `command` NULL: options of every command. */
static void write_options(FILE *out, const struct command *command,
			  const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		fputs("complete --command portroom", out);
		if (command)
			fprintf(out, " --condition '__portroom_is %s'", command->name);
		fprintf(out, " --long-option %s", specs->name);
		if (specs->letter)
			fprintf(out, " --short-option %c", specs->letter);
		write_value(out, specs);
		fputs(" --description ", out);
		write_quoted(out, _(specs->help));
		fputc('\n', out);
	}
}

static void write_word(FILE *out, const char *condition, const char *word, const char *help)
{
	fprintf(out, "complete --command portroom --condition '%s' --arguments %s", condition,
		word);
	if (help) {
		fputs(" --description ", out);
		write_quoted(out, help);
	}
	fputc('\n', out);
}

void completion_fish(FILE *out)
{
	char condition[64];

	fputs(head, out);
	for (const struct command *const *each = commands; *each; each++) {
		const struct command *command = *each;

		write_word(out, "__portroom_begins", command->name, _(command->summary));
		write_word(out, "__portroom_is help", command->name, _(command->summary));
		snprintf(condition, sizeof condition, "__portroom_is %s", command->name);
		for (unsigned i = 0; command->words && command->words(i); i++)
			write_word(out, condition, command->words(i), NULL);
		write_options(out, command, command->options);
	}
	write_word(out, "__portroom_begins", "help", completion_help());
	write_word(out, "__portroom_is help", "options", NULL);
	fputs("complete --command portroom --condition __portroom_begins --long-option version\n",
	      out);
	write_options(out, NULL, common_option_specs);
}
