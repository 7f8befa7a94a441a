#include "command/completion.h"

#include "base/language.h"
#include "command/command.h"

#include <string.h>

static const char head[] =
	"#compdef portroom\n"
	"# zsh completion for portroom, as `portroom completion zsh` writes it.\n"
	"\n"
	"_portroom_netns()\n"
	"{\n"
	"\tlocal expl\n"
	"\tlocal -a names\n"
	"\tnames=(all own host /run/netns/*(N:t))\n"
	"\t_wanted namespaces expl 'network namespace' compadd -a names\n"
	"}\n"
	"\n"
	"_portroom_processes()\n"
	"{\n"
	"\tlocal expl file name\n"
	"\tlocal -aU names\n"
	"\tfor file in /proc/<->/comm(N); do\n"
	"\t\tread -r name 2>/dev/null <$file && names+=($name)\n"
	"\tdone\n"
	"\t_wanted processes expl 'process' compadd -a names\n"
	"}\n"
	"\n"
	"_portroom()\n"
	"{\n"
	"\tlocal command=check\n"
	"\tlocal -a commands specs\n"
	"\tcommands=(\n";

static const char middle[] = "\t)\n"
			     "\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
			     "\t\t_describe -t commands command commands\n"
			     "\t\treturn\n"
			     "\tfi\n"
			     "\tif [[ $words[2] != -* ]]; then\n"
			     "\t\tcommand=$words[2]\n"
			     "\t\tshift words\n"
			     "\t\t(( CURRENT-- ))\n"
			     "\telif (( CURRENT == 2 )); then\n"
			     "\t\tspecs+=('(- *)--version')\n"
			     "\tfi\n"
			     "\tcase $command in\n";

/* Works as a file of $fpath and where it is sourced. */
static const char tail[] = "\t)\n"
			   "\t_arguments -s $specs\n"
			   "}\n"
			   "\n"
			   "if [[ $funcstack[1] == _portroom ]]; then\n"
			   "\t_portroom \"$@\"\n"
			   "else\n"
			   "\tcompdef _portroom portroom\n"
			   "fi\n";

/* Inside single quotes; `specials` are those of the parts of a specification. */
static void write_escaped(FILE *out, const char *text, const char *specials)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr(specials, *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_action(FILE *out, const struct option_spec *spec)
{
	static const char *const actions[] = {
		[VALUE_FREE] = " ", /* nothing to offer */
		[VALUE_FILE] = "_files",
		[VALUE_FOLDER] = "_files -/",
		[VALUE_NETNS] = "_portroom_netns",
		[VALUE_INTERFACE] = "_net_interfaces",
		[VALUE_PID] = "_pids",
		[VALUE_PROCESS] = "_portroom_processes",
		[VALUE_USER] = "_users",
	};

	if (spec->kind == VALUE_WORD) {
		fputc('(', out);
		completion_words(out, spec->words);
		fputc(')', out);
	} else if (spec->kind == VALUE_WORDS) {
		fputs("_sequence compadd - ", out);
		completion_words(out, spec->words);
	} else {
		fputs(actions[spec->kind], out);
	}
}

/* '--state=[only these states]:STATES:_sequence compadd - established ...' */
static void write_specs(FILE *out, const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		const char *name = specs->name, *equals = specs->value ? "=" : "";

		fputs("\t\t", out);
		if (specs->letter)
			fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", specs->letter, name,
				specs->letter, specs->value ? "+" : "", name, equals);
		else
			fprintf(out, "'--%s%s[", name, equals);
		write_escaped(out, _(specs->help), "\\[]");
		fputc(']', out);
		if (specs->value) {
			fputc(':', out);
			write_escaped(out, _(specs->value), "\\:");
			fputc(':', out);
			write_action(out, specs);
		}
		fputs("'\n", out);
	}
}

static void write_words(FILE *out, const struct command *command)
{
	if (!command->words)
		return;
	fputs("\t\t'1: :(", out);
	completion_words(out, command->words);
	fputs(")'\n", out);
}

void completion_zsh(FILE *out)
{
	fputs(head, out);
	for (const struct command *const *command = commands; *command; command++) {
		fprintf(out, "\t\t'%s:", (*command)->name);
		write_escaped(out, _((*command)->summary), "\\:");
		fputs("'\n", out);
	}
	fputs("\t\t'help:", out);
	write_escaped(out, completion_help(), "\\:");
	fputs("'\n", out);
	fputs(middle, out);
	for (const struct command *const *command = commands; *command; command++) {
		fprintf(out, "\t%s) specs+=(\n", (*command)->name);
		write_specs(out, (*command)->options);
		write_words(out, *command);
		fputs("\t\t) ;;\n", out);
	}
	fputs("\thelp) specs+=('1: :(", out);
	for (const struct command *const *command = commands; *command; command++)
		fprintf(out, "%s ", (*command)->name);
	fputs("options)') ;;\n\tesac\n\tspecs+=(\n", out);
	write_specs(out, common_option_specs);
	fputs(tail, out);
}
