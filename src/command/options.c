#include "command/options.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/help_words.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char *colour_words(unsigned index)
{
	static const char *const words[] = { "auto", "always", "never", NULL };

	return words[index];
}

static const char *language_words(unsigned index)
{
	static const char *const words[] = { "en", "zh_CN", NULL };

	return words[index];
}

static const char *source_words(unsigned index)
{
	return source_names[index];
}

const struct option_spec common_option_specs[] = {
	{ "json", NULL, N_("write JSON; its schemas come with the documentation") },
	{ "netns", "WHICH", help_netns, .kind = VALUE_NETNS },
	{ "passive", NULL, N_("open no TCP or UDP socket there; answers may be intervals") },
	{ "no-bpf", NULL, help_no_bpf },
	{ "source", "NAME", N_("read sockets by this source only; -v names them"),
	  .kind = VALUE_WORD, .words = source_words },
	{ "root", "DIR", help_root, .kind = VALUE_FOLDER },
	{ "on", "FILE", N_("read what another machine left, again for more: 'help read'"),
	  .kind = VALUE_FILE },
	{ "color", "WHEN", N_("auto (default), always or never"), .kind = VALUE_WORD,
	  .words = colour_words },
	{ "lang", "LANGUAGE", N_("en or zh_CN, instead of the locale's"), .kind = VALUE_WORD,
	  .words = language_words },
	{ "verbose", NULL, N_("sources tried, their cost, why no better one was used"), 'v' },
	{ "help", NULL, N_("this help"), 'h' },
	OPTIONS_END,
};

/* Values of long options lie above every letter. */
enum { FIRST_LONG = 256 };

static size_t count_specs(const struct option_spec *specs)
{
	size_t count = 0;

	while (specs && specs[count].name)
		count++;
	return count;
}

static int take_netns(struct source_request *request, const char *value)
{
	static const struct {
		const char *word;
		enum source_scope scope;
	} words[] = { { "all", SCOPE_ALL }, { "own", SCOPE_OWN }, { "host", SCOPE_HOST } };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (!strcmp(value, words[i].word)) {
			request->scope = words[i].scope;
			return 0;
		}
	request->scope = SCOPE_ONE;
	request->netns = value;
	return 0;
}

/* "bpf_tables, bpf_iter": what there is differs from system to system. */
static const char *join_sources(char *text, size_t size)
{
	size_t length = 0;

	*text = '\0';
	for (size_t i = 0; source_names[i] && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
					   source_names[i]);
	return text;
}

static int take_source(struct source_request *request, const char *value, struct error *error)
{
	const char *nearest;
	char names[200];

	for (size_t i = 0; source_names[i]; i++)
		if (!strcmp(value, source_names[i])) {
			request->only = source_names[i];
			return 0;
		}
	nearest = text_nearest(value, source_names);
	if (nearest)
		return error_set(error, _("--source '%s' is not known; did you mean %s?"),
				 value, nearest);
	return error_set(error, _("--source '%s' is not known; give %s"), value,
			 join_sources(names, sizeof names));
}

static int take_common(struct common_options *common, const char *name, const char *value,
		       struct error *error)
{
	if (!strcmp(name, "json"))
		common->json = true;
	else if (!strcmp(name, "netns"))
		return take_netns(&common->request, value);
	else if (!strcmp(name, "passive"))
		common->request.passive = true;
	else if (!strcmp(name, "no-bpf"))
		common->request.no_bpf = true;
	else if (!strcmp(name, "source"))
		return take_source(&common->request, value, error);
	else if (!strcmp(name, "root"))
		common->request.root = value;
	else if (!strcmp(name, "lang"))
		return language_select(value, error);
	else if (!strcmp(name, "verbose"))
		common->verbose = true;
	else if (!strcmp(name, "help"))
		common->help = true;
	else if (!strcmp(value, "always") || !strcmp(value, "never") ||
		 !strcmp(value, "auto")) {
		common->colour_given = strcmp(value, "auto") != 0;
		common->colour = !strcmp(value, "always");
	} else
		return error_set(error, _("--color '%s': give auto, always or never"), value);
	return 0;
}

static int unknown_option(const char *text, const struct option *options, size_t count,
			  const struct command *command, struct error *error)
{
	const char **names = memory_zeroed(count + 1, sizeof *names);
	char word[64];
	const char *nearest;

	for (size_t i = 0; i < count; i++)
		names[i] = options[i].name;
	snprintf(word, sizeof word, "%.*s", (int)strcspn(text, "="), text);
	nearest = text_nearest(word + strspn(word, "-"), names);
	if (nearest)
		error_set(error, _("unknown option '%s'; did you mean --%s?"), word, nearest);
	else
		error_set(error,
			  _("unknown option '%s'; 'portroom %s --help' lists the options"),
			  word, command->name);
	free(names);
	return -1;
}

/* The word that getopt_long() has just read: one further back if its value was a word of its own. */
static const char *option_word(char **argv, int next)
{
	return optarg && optarg == argv[next - 1] && next > 1 ? argv[next - 2] :
								argv[next - 1];
}

/* getopt_long() takes the beginning of a name for the name. A script that relies on it would break
 * when another option begins so. */
static bool is_abbreviated(const char *word, const char *name)
{
	size_t length = strcspn(word, "=");

	return !strncmp(word, "--", 2) && length != strlen(name) + 2;
}

/* getopt_long()'s own tables, made from ours. Index i of `options` belongs to spec_at(i). */
struct parser {
	const struct command *command;
	size_t own, count; /* options of the command, and with the common ones */
	struct option *options;
	char letters[64];
	const char **files; /* values of --on */
	size_t file_count;
};

static const struct option_spec *spec_at(const struct parser *parser, size_t index)
{
	return index < parser->own ? &parser->command->options[index] :
				     &common_option_specs[index - parser->own];
}

static void parser_init(struct parser *parser, const struct command *command, int argc)
{
	size_t length = 0;

	parser->command = command;
	parser->own = count_specs(command->options);
	parser->count = parser->own + count_specs(common_option_specs);
	parser->options = memory_zeroed(parser->count + 1, sizeof *parser->options);
	parser->letters[length++] = ':';
	for (size_t i = 0; i < parser->count; i++) {
		const struct option_spec *spec = spec_at(parser, i);
		struct option *option = &parser->options[i];

		option->name = spec->name;
		option->has_arg = spec->value ? required_argument : no_argument;
		option->val = FIRST_LONG + (int)i; /* else glibc sees no ambiguity */
		assert(length + 3 < sizeof parser->letters);
		if (spec->letter)
			parser->letters[length++] = spec->letter;
		if (spec->letter && spec->value)
			parser->letters[length++] = ':';
	}
	parser->letters[length] = '\0';
	parser->files = memory_zeroed((size_t)argc, sizeof *parser->files);
	parser->file_count = 0;
}

static void parser_free(struct parser *parser)
{
	free(parser->options);
	free(parser->files);
}

/*
 * Words stand behind argv[0] now, and the files of --on behind the words: each had a place in argv before. To a command
 * whose words are files, too, all of them are one list.
 */
static void settle_words(const struct parser *parser, int words, char **argv,
			 struct source_request *request)
{
	bool all = parser->command->words_are_files;

	for (int i = 0; i < words; i++)
		argv[1 + i] = argv[optind + i];
	for (size_t i = 0; i < parser->file_count; i++)
		argv[1 + words + (int)i] = (char *)(uintptr_t)parser->files[i];
	request->on_count = parser->file_count + (all ? (size_t)words : 0);
	request->on =
		request->on_count ? (const char *const *)(argv + 1 + (all ? 0 : words)) : NULL;
}

/* Which option getopt_long() has found; parser->count: none. */
static size_t option_found(const struct parser *parser, int found)
{
	size_t index = 0;

	if (found >= FIRST_LONG)
		return (size_t)(found - FIRST_LONG);
	while (index < parser->count && spec_at(parser, index)->letter != found)
		index++;
	return index;
}

static int refuse(const struct parser *parser, int found, const char *word,
		  struct error *error)
{
	/* For a value too many, glibc's getopt_long() returns '?' and that of mingw-w64 ':'. */
	bool long_one = optopt >= FIRST_LONG;

	if (found == ':' &&
	    !(long_one && parser->options[optopt - FIRST_LONG].has_arg == no_argument))
		return error_set(error, _("option '%s' needs a value"), word);
	if (long_one)
		return error_set(error, _("option '--%s' takes no value"),
				 parser->options[optopt - FIRST_LONG].name);
	if (optopt)
		return error_set(error,
				 _("unknown option '-%c'; 'portroom %s --help' lists the "
				   "options"),
				 optopt, parser->command->name);
	return unknown_option(word, parser->options, parser->count, parser->command, error);
}

bool option_is_taken(const struct command *command, const char *name)
{
	static const char *const names[] = { "netns", "passive", "no-bpf", "source", "root" };

	if (!strcmp(name, "on"))
		return command->reads_files;
	if (!command->offline)
		return true;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!strcmp(name, names[i]))
			return false;
	return true;
}

/* An option that every command takes is refused where it would mean nothing. */
static int refuse_common(const struct command *command, const char *name, struct error *error)
{
	if (!strcmp(name, "on") && !command->offline)
		return error_set(error, _("--on: %s looks at this machine only"),
				 command->name);
	return error_set(error,
			 _("--%s: %s takes no such option, since it looks at no machine"),
			 name, command->name);
}

/* Each of them makes sense alone. */
static int check_source(const struct source_request *request, struct error *error)
{
	const char *only = request->only;
	const char *other = request->root    ? "--root" :
			    request->passive ? "--passive" :
			    request->no_bpf  ? "--no-bpf" :
			    only	     ? "--source" :
					       NULL;

	if (request->on && other)
		return error_set(error, _("%s says how to read a machine; --on reads a file"),
				 other);
	if (!only)
		return 0;
	if (request->no_bpf && !strncmp(only, "bpf_", 4))
		return error_set(error, _("--source %s reads by BPF, which --no-bpf forbids"),
				 only);
	if (request->root && strcmp(only, "proc_net"))
		return error_set(error,
				 _("--source %s: a copied /proc (--root) has proc_net only"),
				 only);
	return 0;
}

int options_parse(const struct command *command, int argc, char **argv,
		  struct common_options *common,
		  int (*take)(void *context, const char *name, const char *value,
			      struct error *error),
		  void *context, int *words, struct error *error)
{
	struct parser parser;
	int found, result = 0;

	parser_init(&parser, command, argc);
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while (!result &&
	       (found = getopt_long(argc, argv, parser.letters, parser.options, NULL)) != -1) {
		const char *word = option_word(argv, optind);
		size_t index = option_found(&parser, found);
		const char *name;

		if (index >= parser.count) {
			result = refuse(&parser, found, word, error);
			break;
		}
		name = parser.options[index].name;
		if (is_abbreviated(word, name) && found >= FIRST_LONG)
			result = error_set(error, _("unknown option '%s'; did you mean --%s?"),
					   word, name);
		else if (index < parser.own)
			result = take(context, name, optarg, error);
		else if (!option_is_taken(command, name))
			result = refuse_common(command, name, error);
		else if (!strcmp(name, "on"))
			parser.files[parser.file_count++] = optarg;
		else
			result = take_common(common, name, optarg, error);
	}
	*words = argc - optind;
	if (!result)
		settle_words(&parser, *words, argv, &common->request);
	parser_free(&parser);
	if (!result)
		result = check_source(&common->request, error);
	if (common->json)
		language_english();
	return result;
}
