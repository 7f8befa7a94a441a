#include "command/range.h"

#include "base/language.h"
#include "base/text.h"
#include "command/help_words.h"
#include "command/terminal.h"
#include "diagnosis/diagnosis.h"
#include "snapshot/dynamic_ports.h"
#include "view/evidence.h"
#include "view/range.h"

#include <stdio.h>
#include <string.h>

static void show(const struct range_options *options, const struct snapshot *snapshot)
{
	struct view_style style = terminal_style(&options->common);
	struct range_facts facts = { .snapshot = snapshot };
	struct arena arena = { 0 };

	if (source_is_live(&options->common.request))
		range_find_facts(options, &facts, &arena);
	if (options->common.json)
		range_json(&facts, stdout);
	else
		range_text(&facts, &style);
	if (!options->common.json)
		evidence_brief_text(snapshot, source_first_file(&options->common.request),
				    &style);
	arena_free(&arena);
}

static int run_show(const struct command *command, struct range_options *options)
{
	struct snapshot snapshot = { 0 };
	struct error error;
	int status = 0;

	options->common.request.no_port_test = true;
	options->common.request.port_claims = true;
	if (source_read(&options->common.request, &snapshot, &error))
		status = command_fail(command->failure, error.text);
	else
		show(options, &snapshot);
	if (!status &&
	    !port_range_known(dynamic_ports_of(&snapshot, 0, PROTOCOL_TCP, FAMILY_IPV4).range))
		status = command->failure;
	snapshot_free(&snapshot);
	return status;
}

static int run_change(const struct command *command, struct range_options *options)
{
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;
	int status;

	options->common.request.port_claims = true;
	if (source_read(&options->common.request, &snapshot, &error)) {
		snapshot_free(&snapshot);
		return command_fail(command->failure, error.text);
	}
	diagnosis_make(&diagnosis, &snapshot, &default_policy);
	status = range_carry_out(command, options, &diagnosis);
	diagnosis_free(&diagnosis);
	snapshot_free(&snapshot);
	return status;
}

static int run_reset(const struct command *command, struct range_options *options)
{
	options->resets = true;
	return run_change(command, options);
}

/* What a subcommand takes besides the common options. */
enum wants { NOTHING, A_RANGE = 1, A_CHANGE = 2, A_TIME = 4, A_BOOT = 8, ROWS = 16 };

static const struct subcommand {
	const char *name;
	int wants;
	int (*run)(const struct command *command, struct range_options *options);
} subcommands[] = {
	{ "show", NOTHING, run_show },
	{ "set", A_RANGE | ROWS | A_CHANGE | A_BOOT, run_change },
	{ "try", A_RANGE | ROWS | A_CHANGE | A_TIME, run_change },
	{ "confirm", A_BOOT, range_run_confirm },
	{ "undo", NOTHING, range_run_undo },
	{ "reset", ROWS | A_CHANGE | A_BOOT, run_reset },
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static const char *words_of_range(unsigned index)
{
	return index < SUBCOMMANDS ? subcommands[index].name : NULL;
}

static const struct subcommand *find_subcommand(const char *word)
{
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(subcommands[i].name, word))
			return &subcommands[i];
	return NULL;
}

/* ---- options ---- */

static const struct {
	const char *name;
	int wanted; /* by a subcommand that takes it */
} option_groups[] = {
	{ "first", A_RANGE },	 { "last", A_RANGE },	  { "count", A_RANGE },
	{ "tcp", ROWS },	 { "udp", ROWS },	  { "ipv4", ROWS },
	{ "ipv6", ROWS },	 { "force", A_RANGE },	  { "shrink", A_RANGE },
	{ "reserve", A_CHANGE }, { "dry-run", A_CHANGE }, { "for", A_TIME },
	{ "persist", A_BOOT },
};

enum { OPTIONS = sizeof option_groups / sizeof option_groups[0] };

struct parsing {
	struct range_options *options;
	bool given[OPTIONS];
};

static int take_number(uint64_t *number, bool *given, const char *name, const char *value,
		       struct error *error)
{
	*given = true;
	if (text_to_number(value, UINT32_MAX, number))
		return 0;
	return error_set(error, _("--%s '%s' is not a number of a port, such as 10000"), name,
			 value);
}

static int take_time(uint64_t *milliseconds, const char *value, struct error *error)
{
	enum { SHORTEST_MS = 1000, LONGEST_MS = 24 * 3600 * 1000 };

	if (text_to_duration(value, LONGEST_MS, milliseconds) && *milliseconds >= SHORTEST_MS)
		return 0;
	return error_set(error, _("--for '%s': give a time from 1s to 24h, such as 60s"),
			 value);
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct parsing *parsing = context;
	struct range_options *options = parsing->options;
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "tcp", &options->tcp },	  { "udp", &options->udp },
		{ "ipv4", &options->ipv4 },	  { "ipv6", &options->ipv6 },
		{ "force", &options->force },	  { "shrink", &options->shrink },
		{ "reserve", &options->reserve }, { "dry-run", &options->dry_run },
		{ "persist", &options->persist },
	};

	for (size_t i = 0; i < OPTIONS; i++)
		if (!strcmp(name, option_groups[i].name))
			parsing->given[i] = true;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (!strcmp(name, flags[i].name))
			*flags[i].flag = true;
	if (!strcmp(name, "first"))
		return take_number(&options->first, &options->first_given, name, value, error);
	if (!strcmp(name, "last"))
		return take_number(&options->last, &options->last_given, name, value, error);
	if (!strcmp(name, "count"))
		return take_number(&options->count, &options->count_given, name, value, error);
	if (!strcmp(name, "for"))
		return take_time(&options->for_ms, value, error);
	return 0;
}

static int check_options(const struct parsing *parsing, const struct subcommand *subcommand,
			 struct error *error)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (parsing->given[i] && !(option_groups[i].wanted & subcommand->wants))
			return error_set(error, _("--%s does not go with 'range %s'"),
					 option_groups[i].name, subcommand->name);
	if (subcommand->run != run_show && parsing->options->common.request.root)
		return error_set(
			error,
			_("'range %s' changes this machine, not a copied /proc (--root)"),
			subcommand->name);
	if (subcommand->run != run_show && parsing->options->common.request.on)
		return error_set(error,
				 _("'range %s' changes this machine, not a file (--on)"),
				 subcommand->name);
	if (subcommand->run != run_show && parsing->options->common.request.scope == SCOPE_ALL)
		return error_set(
			error,
			_("--netns all: 'range %s' is about one network namespace; name it"),
			subcommand->name);
	return 0;
}

static int check_range(struct range_options *options, const struct subcommand *subcommand,
		       struct error *error)
{
	if (!options->first_given || (!options->last_given && !options->count_given))
		return error_set(
			error,
			_("'range %s' needs --first and either --last or --count, such as "
			  "--first 10000 --last 65535"),
			subcommand->name);
	if (options->last_given && options->count_given)
		return error_set(error,
				 _("--last and --count say the same: give one of them"));
	if (options->count_given && !options->count)
		return error_set(error, _("--count 0 is no range"));
	if (options->count_given)
		options->last = options->first + options->count - 1;
	if (options->last > UINT32_MAX)
		options->last = UINT32_MAX;
	if ((subcommand->wants & A_TIME) && !options->for_ms)
		return error_set(error, _("'range try' needs a time after which it is rolled "
					  "back: --for 60s"));
	return 0;
}

static const struct subcommand *choose(int words, char **argv, struct error *error)
{
	const struct subcommand *subcommand =
		words ? find_subcommand(argv[1]) : &subcommands[0];
	const char *names[SUBCOMMANDS + 1] = { NULL };
	const char *nearest;

	if (words > 1) {
		error_set(error, _("'%s': range takes one word and options"), argv[2]);
		return NULL;
	}
	if (subcommand)
		return subcommand;
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		names[i] = subcommands[i].name;
	nearest = text_nearest(argv[1], names);
	if (nearest)
		error_set(error, _("'%s': did you mean 'range %s'?"), argv[1], nearest);
	else
		error_set(error,
			  _("'%s': range knows show, set, try, confirm, undo and reset"),
			  argv[1]);
	return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct range_options options = { .common = { .request = { .scope = SCOPE_OWN } } };
	struct parsing parsing = { .options = &options };
	const struct subcommand *subcommand;
	struct error error;
	int words, inside;

	if (options_parse(command, argc, argv, &options.common, take_option, &parsing, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.help)
		return command_help(command), 0;
	if (words == 1 && range_run_inside(argv[1], &inside))
		return inside;
	subcommand = choose(words, argv, &error);
	if (!subcommand || check_options(&parsing, subcommand, &error) ||
	    range_refuse_options(&options, &error) ||
	    ((subcommand->wants & A_RANGE) && check_range(&options, subcommand, &error)))
		return command_fail(command->usage_error, error.text);
	return subcommand->run(command, &options);
}

static const struct option_spec options_of_range[] = {
	{ "first", "PORT", N_("first port, 1025 or higher") },
	{ "last", "PORT", N_("last port") },
	{ "count", "N", N_("or so many ports, at least 255") },
	{ "for", "TIME", N_("try: roll back after this time unless confirmed, 60s") },
	{ "reserve", NULL, help_reserve },
	{ "shrink", NULL, N_("fewer usable ports than now are wanted") },
	{ "force", NULL, help_force },
	{ "persist", NULL, N_("at the next boot, too") },
	{ "dry-run", NULL, N_("show what would be done, and do nothing") },
	{ "tcp", NULL, help_tcp },
	{ "udp", NULL, help_udp },
	{ "ipv4", NULL, help_ipv4 },
	{ "ipv6", NULL, help_ipv6 },
	OPTIONS_END,
};

const struct command command_range = {
	.name = "range",
	.summary = N_("the ephemeral port range: show it, set it, try it with a way back"),
	.usage = "[show | set | try | confirm | undo | reset]",
	.description = N_(
		"Shows the range that ports are chosen from, the ports reserved in it, and who sits "
		"inside it. set changes it, try for a time only, undo and reset take it back; each "
		"shows the room before and after, and reads back what was set."),
	.options = options_of_range,
	.words = words_of_range,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
