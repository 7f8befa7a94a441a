#include "command/options.h"

#include "base/arena.h"
#include "base/text.h"
#include "command/command.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_spec common_option_specs[] = {
	{ "json", NULL, "write JSON (schemas: docs/schema)" },
	{ "netns", "WHICH", "namespaces: all, own, host, a name, a pid or a path" },
	{ "passive", NULL, "open no TCP or UDP socket there; answers may be intervals" },
	{ "root", "DIR", "read a copied /proc instead of this machine" },
	{ "color", "WHEN", "auto (default), always or never" },
	{ "verbose", NULL, "-v: which sources were used and what they cost" },
	{ "help", NULL, "-h: this help" },
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

static int take_common(struct common_options *common, const char *name, const char *value,
		       struct error *error)
{
	if (!strcmp(name, "json"))
		common->json = true;
	else if (!strcmp(name, "netns"))
		return take_netns(&common->request, value);
	else if (!strcmp(name, "passive"))
		common->request.passive = true;
	else if (!strcmp(name, "root"))
		common->request.root = value;
	else if (!strcmp(name, "verbose"))
		common->verbose = true;
	else if (!strcmp(name, "help"))
		common->help = true;
	else if (!strcmp(value, "always") || !strcmp(value, "never") ||
		 !strcmp(value, "auto")) {
		common->colour_given = strcmp(value, "auto") != 0;
		common->colour = !strcmp(value, "always");
	} else
		return error_set(error, "--color '%s': give auto, always or never", value);
	return 0;
}

/* https://no-color.org and https://bixense.com/clicolors: the option decides before both. */
static bool wants_colour(const struct common_options *common)
{
	const char *none = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");

	if (common->colour_given)
		return common->colour;
	if (none && *none)
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	return isatty(STDOUT_FILENO);
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
		error_set(error, "unknown option '%s'; did you mean --%s?", word, nearest);
	else
		error_set(error, "unknown option '%s'; 'portroom %s --help' lists the options",
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

int options_parse(const struct command *command, int argc, char **argv,
		  struct common_options *common,
		  int (*take)(void *context, const char *name, const char *value,
			      struct error *error),
		  void *context, int *words, struct error *error)
{
	size_t own = count_specs(command->options), shared = count_specs(common_option_specs);
	struct option *options = memory_zeroed(own + shared + 1, sizeof *options);
	int found, result = 0;

	for (size_t i = 0; i < own + shared; i++) {
		const struct option_spec *spec =
			i < own ? &command->options[i] : &common_option_specs[i - own];

		options[i].name = spec->name;
		options[i].has_arg = spec->value ? required_argument : no_argument;
		options[i].val = FIRST_LONG + (int)i; /* else glibc sees no ambiguity */
	}
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while (!result && (found = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
		const char *at = option_word(argv, optind);

		if (found == 'v')
			common->verbose = true;
		else if (found == 'h')
			common->help = true;
		else if (found == ':')
			result = error_set(error, "option '%s' needs a value", at);
		else if (found == '?' && optopt >= FIRST_LONG)
			result = error_set(error, "option '--%s' takes no value",
					   options[optopt - FIRST_LONG].name);
		else if (found == '?' && optopt)
			result = error_set(
				error,
				"unknown option '-%c'; 'portroom %s --help' lists the "
				"options",
				optopt, command->name);
		else if (found == '?')
			result = unknown_option(at, options, own + shared, command, error);
		else if (is_abbreviated(at, options[found - FIRST_LONG].name))
			result = error_set(error, "unknown option '%s'; did you mean --%s?",
					   at, options[found - FIRST_LONG].name);
		else if ((size_t)(found - FIRST_LONG) < own)
			result =
				take(context, options[found - FIRST_LONG].name, optarg, error);
		else
			result = take_common(common, options[found - FIRST_LONG].name, optarg,
					     error);
	}
	*words = argc - optind;
	for (int i = 0; !result && i < *words; i++)
		argv[1 + i] = argv[optind + i];
	common->colour = wants_colour(common);
	free(options);
	return result;
}
