#include "command/command.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "command/terminal.h"
#include "view/layout.h"

#include <stdio.h>
#include <string.h>

/*
 * Help for a screen of 80 by 24: the options that every command takes are named in each help and
 * explained in one of their own, or they would be most of every page.
 */
struct help {
	struct arena arena;
	struct view_style style;
};

/* In a pipe there is most likely a pager behind it. */
static struct help help_begin(void)
{
	enum { USUAL_WIDTH = 80 };
	struct help help = { .style = terminal_style(&(struct common_options){ 0 }) };

	if (!help.style.width)
		help.style.width = USUAL_WIDTH;
	return help;
}

static void print_text(struct help *help, const char *text)
{
	layout_item(&help->style, "", 0, text, NULL);
}

static void print_line(struct help *help)
{
	fputc('\n', help->style.out);
}

/* "  -w, --warning RANGE" */
static const char *option_label(struct help *help, const struct option_spec *spec,
				bool with_letters)
{
	char letter[8] = "";

	if (with_letters)
		snprintf(letter, sizeof letter, spec->letter ? "-%c, " : "    ", spec->letter);
	return arena_print(&help->arena, "  %s--%s%s%s", letter, spec->name,
			   spec->value ? " " : "", spec->value ? spec->value : "");
}

static void print_options(struct help *help, const struct option_spec *specs)
{
	enum { GAP = 2, WIDEST = 30 };
	unsigned column = 0;
	bool letters = false;

	for (size_t i = 0; specs[i].name; i++)
		letters |= specs[i].letter != 0;
	for (size_t i = 0; specs[i].name; i++) {
		unsigned width = text_width(option_label(help, &specs[i], letters)) + GAP;

		if (width > column && width <= WIDEST)
			column = width;
	}
	for (; specs->name; specs++)
		layout_item(&help->style, option_label(help, specs, letters), column,
			    _(specs->help), NULL);
}

/* "--json --root=DIR": what belongs together has no space, so that no line ends within. */
static const char *common_names(struct help *help, const struct command *command)
{
	const char *names = "";

	for (const struct option_spec *spec = common_option_specs; spec->name; spec++)
		if (option_is_taken(command, spec->name) && strcmp(spec->name, "help"))
			names = arena_print(&help->arena, "%s%s--%s%s%s", names,
					    *names ? " " : "", spec->name,
					    spec->value ? "=" : "",
					    spec->value ? spec->value : "");
	return names;
}

/* A heading in front of its text, which goes on below itself. It brings its own space, since a
 * full-width colon needs none. */
static void print_part(struct help *help, const char *heading, const char *text)
{
	layout_write(&help->style, heading);
	layout_paragraph(&help->style, text_width(heading), text_width(heading), text);
}

/* A screen has 24 lines with the prompt; where there are so many options, each counts. */
enum { MANY = 15 };

static void print_common(struct help *help, const struct command *command)
{
	print_part(help, _("Common: "),
		   arena_print(&help->arena, _("%s (portroom help options)"),
			       common_names(help, command)));
}

static unsigned count_options(const struct option_spec *specs)
{
	unsigned count = 0;

	while (specs && specs[count].name)
		count++;
	return count;
}

void command_help(const struct command *command)
{
	struct help help = help_begin();

	print_text(&help, arena_print(&help.arena, _("Usage: portroom %s %s"), command->name,
				      command->usage));
	print_line(&help);
	print_text(&help, _(command->description));
	if (command->options && count_options(command->options) < MANY)
		print_line(&help);
	if (command->options)
		print_options(&help, command->options);
	if (count_options(command->options) < MANY)
		print_line(&help);
	print_common(&help, command);
	print_part(&help, _("Exit status: "),
		   command->status ? _(command->status) : _("0 done, 1 failed, 2 usage"));
	arena_free(&help.arena);
}

static void help_on_options(void)
{
	struct help help = help_begin();

	print_text(&help, _("Every command takes these options:"));
	print_options(&help, common_option_specs);
	print_line(&help);
	print_text(&help, _("portroom --version tells the version."));
	arena_free(&help.arena);
}

static void help_on_program(void)
{
	enum { TEXT_COLUMN = 14 };
	struct help help = help_begin();

	print_text(&help, _("portroom: how much room is left for ports, and who took it?"));
	print_text(&help, _("Usage: portroom [COMMAND] [OPTIONS]"));
	print_line(&help);
	for (const struct command *const *command = commands; *command; command++)
		layout_item(&help.style, arena_print(&help.arena, "  %s", (*command)->name),
			    TEXT_COLUMN, _((*command)->summary), NULL);
	print_line(&help);
	print_text(&help,
		   _("Without a command it is check. portroom COMMAND --help tells more."));
	print_common(&help, command_find("check"));
	arena_free(&help.arena);
}

int command_help_on(const char *word)
{
	const struct command *command = word ? command_find(word) : NULL;

	if (!word)
		help_on_program();
	else if (!strcmp(word, "options"))
		help_on_options();
	else if (command)
		command_help(command);
	else
		return -1;
	return 0;
}
