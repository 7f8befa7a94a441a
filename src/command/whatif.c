#include "diagnosis/whatif.h"

#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/help_words.h"
#include "command/target.h"
#include "command/terminal.h"
#include "diagnosis/remedy.h"
#include "snapshot/dynamic_ports.h"
#include "view/whatif.h"
#include "view/evidence.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DESTINATIONS = 5, MOST_POOLS = 4 };

struct options {
	struct whatif change;
	struct port_set reserve;
	bool first_given, last_given, count_given, source_given, changes;
	uint64_t first, last, count, end;
	struct address source;
	struct target target; /* port 0: none was named */
	uint32_t device;
	const char *asked;
};

/* ---- the command line ---- */

static int take_number(uint64_t *number, uint64_t least, uint64_t most, const char *name,
		       const char *value, struct error *error)
{
	if (text_to_number(value, most, number) && *number >= least)
		return 0;
	return error_set(error, _("--%s '%s' is not a number from %llu to %llu"), name, value,
			 (unsigned long long)least, (unsigned long long)most);
}

/* "430" or "0.5" */
static int take_rate(double *rate, const char *value, struct error *error)
{
	char *end;

	*rate = strtod(value, &end);
	if (value[strspn(value, "0123456789.")] == '\0' && end != value && !*end &&
	    *rate > 0 && *rate <= 1e7)
		return 0;
	return error_set(error,
			 _("--rate '%s' is not a number of connections a second, such as 430"),
			 value);
}

static int take_reserve(struct options *options, const char *value, struct error *error)
{
	options->change.reserve = &options->reserve;
	if (port_set_parse(&options->reserve, value) && options->reserve.count)
		return 0;
	return error_set(
		error, _("--reserve '%s' is no list of ports, such as 8080,9000-9010"), value);
}

static int take_reuse(struct whatif *change, const char *value, struct error *error)
{
	static const enum reuse_change values[] = { REUSE_OFF, REUSE_ON, REUSE_LOOPBACK };
	uint64_t number;

	if (!text_to_number(value, 2, &number))
		return error_set(error, _("--tw-reuse '%s': give 0, 1 or 2 (loopback only)"),
				 value);
	change->tw_reuse = values[number];
	return 0;
}

static int take_delay(struct whatif *change, const char *value, struct error *error)
{
	uint64_t delay;

	if (take_number(&delay, 1, 60000, "tw-reuse-delay", value, error))
		return -1;
	change->tw_reuse_delay_ms = (int)delay;
	return 0;
}

static int take_count(unsigned *count, uint64_t least, const char *name, const char *value,
		      struct error *error)
{
	uint64_t number;

	if (take_number(&number, least, 65535, name, value, error))
		return -1;
	*count = (unsigned)number;
	return 0;
}

static int take_source(struct options *options, const char *value, struct error *error)
{
	options->source_given = true;
	if (address_parse(value, &options->source))
		return 0;
	return error_set(error,
			 _("--%s '%s' is not an IP address; write it as 10.0.0.5 or ::1"),
			 "src", value);
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct options *options = context;
	struct whatif *change = &options->change;

	if (!strcmp(name, "src"))
		return take_source(options, value, error);
	if (!strcmp(name, "rate"))
		return take_rate(&change->rate, value, error);
	options->changes = true;
	if (!strcmp(name, "first")) {
		options->first_given = true;
		return take_number(&options->first, 1, 65535, name, value, error);
	}
	if (!strcmp(name, "last")) {
		options->last_given = true;
		return take_number(&options->last, 1, 65535, name, value, error);
	}
	if (!strcmp(name, "count")) {
		options->count_given = true;
		return take_number(&options->count, 1, 65535, name, value, error);
	}
	if (!strcmp(name, "reserve"))
		return take_reserve(options, value, error);
	if (!strcmp(name, "tw-reuse"))
		return take_reuse(change, value, error);
	if (!strcmp(name, "tw-reuse-delay"))
		return take_delay(change, value, error);
	if (!strcmp(name, "sources"))
		return take_count(&change->sources, 1, name, value, error);
	if (!strcmp(name, "pool"))
		return take_count(&change->pool, 1, name, value, error);
	if (!strcmp(name, "end"))
		return take_number(&options->end, 1, INT32_MAX, name, value, error);
	change->no_bind_first = true;
	return 0;
}

/* netsh refuses less (learn.microsoft.com, "The default dynamic port range for TCP/IP has changed"). */
static int check_windows_range(struct port_range range, struct error *error)
{
	enum { LOWEST = 1025, LEAST = 255 };

	if (range.first >= LOWEST && port_range_size(range) >= LEAST)
		return 0;
	return error_set(error,
			 _("%u-%u: Windows takes no range that begins below %d or has fewer "
			   "than %d ports"),
			 range.first, range.last, LOWEST, LEAST);
}

/* What is left out of the range is as it is now. */
static int settle_range(struct options *options, const struct snapshot *snapshot,
			struct error *error)
{
	const struct netns_settings *settings = &snapshot->namespaces[0].settings;
	struct port_range now =
		dynamic_ports_of(snapshot, 0, PROTOCOL_TCP, options->target.address.family)
			.range;
	uint64_t first = options->first_given ? options->first : now.first;
	uint64_t last = options->last_given  ? options->last :
			options->count_given ? first + options->count - 1 :
					       now.last;

	if (!options->first_given && !options->last_given && !options->count_given)
		return 0;
	if (last > 65535 || last < first)
		return error_set(error, _("%llu-%llu is no range of ports"),
				 (unsigned long long)first, (unsigned long long)last);
	if ((int64_t)first < settings->unprivileged_start)
		return error_set(error,
				 _("first port %u: the kernel takes none below "
				   "net.ipv4.ip_unprivileged_port_start, which is %d"),
				 (unsigned)first, settings->unprivileged_start);
	options->change.range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return snapshot->windows ? check_windows_range(options->change.range, error) : 0;
}

/* What Windows has not, or has otherwise, is not taken for what Linux has. */
static int refuse_of_windows(const struct options *options, const struct snapshot *snapshot,
			     struct error *error)
{
	const struct whatif *change = &options->change;

	if (!snapshot->windows)
		return 0;
	if (change->tw_reuse || change->tw_reuse_delay_ms >= 0)
		return error_set(error, _("--tw-reuse: Windows has no such setting; a shorter "
					  "TcpTimedWaitDelay is what it has"));
	if (change->no_bind_first)
		return error_set(error,
				 _("--no-bind-first: Windows has no IP_BIND_ADDRESS_NO_PORT; "
				   "SO_REUSE_UNICASTPORT is what it has"));
	if (change->sources > 1)
		return error_set(error,
				 _("--sources: on Windows a port is held on all addresses, "
				   "unless the program sets SO_PORT_SCALABILITY"));
	return 0;
}

static int settle_delay(const struct options *options, const struct netns_settings *settings,
			struct error *error)
{
	if (options->change.tw_reuse_delay_ms < 0 || settings->tw_reuse_delay_ms >= 0)
		return 0;
	return error_set(error,
			 _("--tw-reuse-delay: this kernel has no such setting; TIME_WAIT "
			   "can be taken over after a second"));
}

static int check(struct options *options, int words, char **argv, struct error *error)
{
	if (!options->changes && options->change.rate < 0)
		return error_set(
			error,
			_("whatif needs a change, such as --first 10000 or --tw-reuse 1; "
			  "'portroom whatif --help' lists them"));
	if (options->last_given && options->count_given)
		return error_set(error,
				 _("--last and --count say the same: give one of them"));
	if (words > 1)
		return error_set(error, _("'%s': whatif takes one destination"), argv[2]);
	if (words && target_parse(&options->target, argv[1], false, error))
		return -1;
	if (options->source_given && !words)
		return error_set(error, _("--src goes with a destination"));
	if (options->source_given && address_is_any(&options->source)) /* is none */
		options->source_given = false;
	if (options->source_given)
		target_take_source(&options->target, &options->source);
	if (options->source_given && options->source.family != options->target.address.family)
		return error_set(error, _("--src and '%s' are not of the same address family"),
				 argv[1]);
	return 0;
}

/* ---- what is asked ---- */

struct questions {
	struct capacity_query query[MOST_DESTINATIONS + MOST_POOLS + 1];
	size_t count;
};

static void ask_about(struct questions *questions, struct capacity_query query)
{
	questions->query[questions->count++] = query;
}

/* The fullest, and what is the same for all others; pools, where the change can matter to them. */
static void ask_about_all(struct questions *questions, const struct diagnosis *diagnosis,
			  const struct whatif *change)
{
	size_t pools = 0;

	for (size_t i = 0;
	     i < diagnosis->destination_count && questions->count < MOST_DESTINATIONS; i++)
		if (!diagnosis->destinations[i].netns)
			ask_about(questions, remedy_query(&diagnosis->destinations[i]));
	ask_about(questions, (struct capacity_query){ .kind = CAPACITY_CONNECT });
	if (!port_range_known(change->range) && !change->reserve && !change->ends &&
	    !change->no_bind_first)
		return;
	for (size_t i = 0; i < diagnosis->pool_count && pools < MOST_POOLS; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		if (pool->netns || (change->no_bind_first && pool->kind != CAPACITY_BIND))
			continue;
		pools++;
		ask_about(questions, (struct capacity_query){
					     .kind = pool->kind,
					     .source = pool->source,
				     });
	}
}

static int find_process(const struct snapshot *snapshot, struct options *options,
			struct error *error)
{
	if (!options->end)
		return 0;
	for (size_t i = 0; i < snapshot->process_count; i++)
		if ((uint64_t)snapshot->processes[i].pid == options->end &&
		    !snapshot->processes[i].ended) {
			options->change.ends = true;
			options->change.process = (uint32_t)i;
			return 0;
		}
	return error_set(error, _("--end %llu: no process of that number has a port here"),
			 (unsigned long long)options->end);
}

static int apply_route(struct options *options, const struct source_route *route,
		       bool is_windows, struct error *error)
{
	char target[ADDRESS_TEXT_SIZE];

	if (!options->target.port)
		return 0;
	options->device = route->device_index;
	if (route->why)
		return error_set(error, "%s: %s",
				 address_print(target, route->own_is_foreign ?
							       &options->source :
							       &options->target.address),
				 route->why);
	if (!options->source_given)
		options->source = route->source;
	/* On Windows a port is held on all addresses. */
	if (options->source.family || is_windows)
		return 0;
	return error_set(error, _("%s: no source address is known; name it with --src"),
			 address_print(target, &options->target.address));
}

static void answer(const struct common_options *common, const struct options *options,
		   struct diagnosis *diagnosis)
{
	struct view_style style = terminal_style(common);
	struct questions questions = { 0 };
	struct whatif_answer answers[sizeof questions.query / sizeof questions.query[0]];
	struct whatif_view view = {
		.snapshot = diagnosis->snapshot,
		.change = &options->change,
		.asked = options->asked,
		.delay_is_idle = options->change.tw_reuse_delay_ms >= 0 &&
				 (options->change.tw_reuse == REUSE_OFF ||
				  (options->change.tw_reuse == REUSE_UNCHANGED &&
				   diagnosis->snapshot->namespaces[0].settings.tw_reuse == 0)),
		.answers = answers,
	};

	if (options->target.port)
		ask_about(&questions, (struct capacity_query){
					      .kind = CAPACITY_CONNECT,
					      .source = options->source,
					      .destination = options->target.address,
					      .port = options->target.port,
					      .device = options->device,
				      });
	else
		ask_about_all(&questions, diagnosis, &options->change);
	view.count = questions.count;
	for (size_t i = 0; i < view.count; i++)
		answers[i] = whatif_ask(diagnosis, &options->change, &questions.query[i]);
	if (common->json)
		whatif_json(&view, stdout);
	else
		whatif_text(&view, &style);
	if (!common->json)
		evidence_brief_text(diagnosis->snapshot, source_first_file(&common->request),
				    &style);
	if (common->verbose && !common->json)
		view_text_sources(diagnosis->snapshot, &style);
}

static int look(const struct command *command, struct common_options *common,
		struct options *options)
{
	struct source_route route = {
		.destination = options->target.address,
		.port = options->target.port,
		.device = *options->target.interface ? options->target.interface : NULL,
		.own = options->source_given ? options->source : (struct address){ 0 },
	};
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;
	int status = 0;

	if (options->target.port)
		common->request.route = &route;
	if (source_read(&common->request, &snapshot, &error) ||
	    refuse_of_windows(options, &snapshot, &error) ||
	    target_refuse(&options->target, &snapshot, &error) ||
	    settle_range(options, &snapshot, &error) ||
	    settle_delay(options, &snapshot.namespaces[0].settings, &error) ||
	    find_process(&snapshot, options, &error) ||
	    apply_route(options, &route, snapshot.windows, &error)) {
		status = command_fail(command->failure, error.text);
	} else {
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		answer(common, options, &diagnosis);
		diagnosis_free(&diagnosis);
	}
	snapshot_free(&snapshot);
	return status;
}

/* As it was typed. */
static const char *join(struct arena *arena, int argc, char **argv)
{
	const char *text = "";

	for (int i = 1; i < argc; i++)
		text = arena_print(arena, "%s%s%s", text, i > 1 ? " " : "", argv[i]);
	return text;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = { .request = { .scope = SCOPE_OWN } };
	struct options options = { .change = { .tw_reuse_delay_ms = -1, .rate = -1 } };
	struct arena arena = { 0 };
	struct error error;
	int words, status;

	options.asked = join(&arena, argc, argv);
	if (options_parse(command, argc, argv, &common, take_option, &options, &words, &error))
		status = command_fail(command->usage_error, error.text);
	else if (common.help)
		command_help(command), status = 0;
	else if (check(&options, words, argv, &error))
		status = command_fail(command->usage_error, error.text);
	else if (common.request.scope == SCOPE_ALL)
		status = command_fail(
			command->usage_error,
			_("--netns all: whatif is about one network namespace; name it"));
	else
		status = look(command, &common, &options);
	port_set_free(&options.reserve);
	arena_free(&arena);
	return status;
}

static const struct option_spec options_of_whatif[] = {
	{ "first", "PORT", N_("another range: its first port") },
	{ "last", "PORT", N_("its last port") },
	{ "count", "N", N_("or its size") },
	{ "reserve", "PORTS", N_("more reserved ports, 8080,9000-9010") },
	{ "tw-reuse", "0|1|2", help_tw_reuse },
	{ "tw-reuse-delay", "MS", help_tw_reuse_delay },
	{ "sources", "N", N_("so many source addresses instead of one") },
	{ "pool", "N", N_("so many connections kept open, and no others made") },
	{ "no-bind-first", NULL, help_no_bind_first },
	{ "end", "PID", N_("this process ends"), .kind = VALUE_PID },
	{ "rate", "R", N_("connections a second, instead of those of now") },
	{ "src", "ADDR", N_("source address of the destination that is named") },
	OPTIONS_END,
};

const struct command command_whatif = {
	.name = "whatif",
	.summary = N_("what a change would bring, before it is made: room, rate, time"),
	.usage = "CHANGE... [DST:PORT]",
	.description = N_(
		"Tells what a change would bring: how many further connections each destination "
		"could have, how many a second can go on for ever, and when the ports are used up. "
		"Changes add up. Nothing is changed."),
	.options = options_of_whatif,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
