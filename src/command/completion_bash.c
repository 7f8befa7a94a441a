#include "command/completion.h"

#include "command/command.h"

/*
 * Works without the package bash-completion. compgen -W would expand its words as shell, so that a
 * namespace called '$(reboot)' would be run: words are compared one by one instead. "=" breaks words
 * (COMP_WORDBREAKS), so --state=listen arrives as three.
 */
static const char head[] =
	"# bash completion for portroom, as `portroom completion bash` writes it.\n"
	"\n"
	"# Those of the words that begin like the one to complete.\n"
	"_portroom_offer()\n"
	"{\n"
	"\tlocal word\n"
	"\tfor word; do\n"
	"\t\t[[ $word != \"$cur\"* ]] || COMPREPLY+=(\"$word\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# Words separated by commas: those not yet there, after those that are.\n"
	"_portroom_offer_list()\n"
	"{\n"
	"\tlocal word before=\n"
	"\t[[ $cur != *,* ]] || before=${cur%,*},\n"
	"\tfor word; do\n"
	"\t\t[[ ,$before == *,$word,* ]] || _portroom_offer \"$before$word\"\n"
	"\tdone\n"
	"\tcompopt -o nospace 2>/dev/null\n"
	"}\n"
	"\n"
	"# Names that others chose.\n"
	"_portroom_offer_name()\n"
	"{\n"
	"\t[[ $1 != \"$cur\"* ]] || COMPREPLY+=(\"$(printf %q \"$1\")\")\n"
	"}\n"
	"\n"
	"_portroom_offer_entries()\n"
	"{\n"
	"\tlocal path\n"
	"\tfor path; do\n"
	"\t\t[[ ! -e $path ]] || _portroom_offer_name \"${path##*/}\"\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_portroom_offer_processes()\n"
	"{\n"
	"\tlocal path name seen=/\n"
	"\tfor path in /proc/[0-9]*/comm; do\n"
	"\t\tread -r name 2>/dev/null <\"$path\" || continue\n"
	"\t\t[[ $seen == */\"$name\"/* ]] || _portroom_offer_name \"$name\"\n"
	"\t\tseen+=$name/\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_portroom_offer_known()\n"
	"{\n"
	"\t[[ $1 == -u ]] || compopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"# The value of an option of a command; fails where the option takes none.\n"
	"_portroom_value()\n"
	"{\n"
	"\tcase $1 in\n";

static const char tail[] =
	"_portroom()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=check\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $before == = ]] && ((COMP_CWORD > 2)); then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then\n"
	"\t\tcommand=${COMP_WORDS[1]}\n"
	"\telif ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then\n"
	"\t\t_portroom_words ''\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $before == -* ]] && _portroom_value \"$command $before\"; then\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\t_portroom_options \"$command\"\n"
	"\t\t((COMP_CWORD > 1)) || _portroom_offer --version\n"
	"\telse\n"
	"\t\t_portroom_words \"$command\"\n"
	"\tfi\n"
	"} && complete -F _portroom portroom\n";

static void write_action(FILE *out, const struct option_spec *spec)
{
	switch (spec->kind) {
	case VALUE_FREE:
		fputs(":", out); /* any: nothing is offered, but no option either */
		break;
	case VALUE_WORD:
	case VALUE_WORDS:
		fputs(spec->kind == VALUE_WORD ? "_portroom_offer " : "_portroom_offer_list ",
		      out);
		completion_words(out, spec->words);
		break;
	case VALUE_FILE:
		fputs("_portroom_offer_known -f", out);
		break;
	case VALUE_FOLDER:
		fputs("_portroom_offer_known -d", out);
		break;
	case VALUE_NETNS:
		fputs("_portroom_offer all own host; _portroom_offer_entries /run/netns/*",
		      out);
		break;
	case VALUE_INTERFACE:
		fputs("_portroom_offer_entries /sys/class/net/*", out);
		break;
	case VALUE_PID:
		fputs("_portroom_offer_entries /proc/[0-9]*", out);
		break;
	case VALUE_PROCESS:
		fputs("_portroom_offer_processes", out);
		break;
	case VALUE_USER:
		fputs("_portroom_offer_known -u", out);
		break;
	}
}

/* "'list --state') _portroom_offer_list established ... ;;" */
static void write_values(FILE *out, const char *command, const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		if (!specs->value)
			continue;
		fprintf(out, "\t%s' --%s'", command, specs->name);
		if (specs->letter)
			fprintf(out, " | %s' -%c'", command, specs->letter);
		fputs(") ", out);
		write_action(out, specs);
		fputs(" ;;\n", out);
	}
}

static void write_names(FILE *out, const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		fprintf(out, " --%s", specs->name);
		if (specs->letter)
			fprintf(out, " -%c", specs->letter);
	}
}

static void write_options(FILE *out)
{
	fputs("_portroom_options()\n{\n\tcase $1 in\n", out);
	for (const struct command *const *command = commands; *command; command++) {
		fprintf(out, "\t%s) _portroom_offer", (*command)->name);
		write_names(out, (*command)->options);
		fputs(" ;;\n", out);
	}
	fputs("\tesac\n\t_portroom_offer", out);
	write_names(out, common_option_specs);
	fputs("\n}\n\n", out);
}

/* Words that are no options; '' stands for the program, where a command comes. */
static void write_words(FILE *out)
{
	fputs("_portroom_words()\n{\n\tcase $1 in\n\t'') _portroom_offer", out);
	for (const struct command *const *command = commands; *command; command++)
		fprintf(out, " %s", (*command)->name);
	fputs(" help ;;\n\thelp) _portroom_offer", out);
	for (const struct command *const *command = commands; *command; command++)
		fprintf(out, " %s", (*command)->name);
	fputs(" options ;;\n", out);
	for (const struct command *const *command = commands; *command; command++)
		if ((*command)->words) {
			fprintf(out, "\t%s) _portroom_offer ", (*command)->name);
			completion_words(out, (*command)->words);
			fputs(" ;;\n", out);
		}
	fputs("\tesac\n}\n\n", out);
}

void completion_bash(FILE *out)
{
	fputs(head, out);
	for (const struct command *const *command = commands; *command; command++)
		write_values(out, (*command)->name, (*command)->options);
	write_values(out, "*", common_option_specs);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", out);
	write_options(out);
	write_words(out);
	fputs(tail, out);
}
