#include "command/probe.h"

#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/probe_symptoms.h"
#include "command/probe_words.h"
#include "command/target.h"
#include "command/terminal.h"
#include "system/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEFAULT_TIMEOUT_MS = 5000,
	LONGEST_TIMEOUT_MS = 600000,
	MOST_REPEATS = 100000,
	MOST_TARGETS = 1000,
	MOST_ADDRESSES = 8
};

/* One address of a target, all attempts on it, by how they ended. */
struct trial {
	const struct probe_goal *target;
	struct probe_attempt attempt; /* the last one of each outcome is in `last` */
	unsigned counts[PROBE_OUTCOME_COUNT];
	struct probe_attempt last[PROBE_OUTCOME_COUNT];
	const char *why; /* the name was not resolved */
};

struct options {
	struct common_options common;
	struct arena arena;
	bool udp, symptoms;
	struct address source;
	uint64_t timeout_ms, repeat;
	struct probe_goals goals;
	struct trial *trials;
	size_t trial_count, trial_capacity;
};

/* ---- the command line ---- */

/* "5s"; a bare number means seconds, as it does to check. */
static bool take_timeout(uint64_t *timeout_ms, const char *value)
{
	uint64_t seconds;

	if (text_to_number(value, LONGEST_TIMEOUT_MS / 1000, &seconds))
		*timeout_ms = seconds * 1000;
	else if (!text_to_duration(value, LONGEST_TIMEOUT_MS, timeout_ms))
		return false;
	return *timeout_ms > 0;
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct options *options = context;

	if (!strcmp(name, "udp"))
		options->udp = true;
	else if (!strcmp(name, "symptoms"))
		options->symptoms = true;
	else if (!strcmp(name, "src") && !address_parse(value, &options->source))
		return error_set(
			error,
			_("--%s '%s' is not an IP address; write it as 10.0.0.5 or ::1"), name,
			value);
	else if (!strcmp(name, "timeout") && !take_timeout(&options->timeout_ms, value))
		return error_set(error, _("--timeout '%s': give a time up to 10m, such as 5s"),
				 value);
	else if (!strcmp(name, "repeat") &&
		 (!text_to_number(value, MOST_REPEATS, &options->repeat) || !options->repeat))
		return error_set(error, _("--repeat '%s' is not a number from 1 to %d"), value,
				 MOST_REPEATS);
	return 0;
}

static int parse_name(struct options *options, const char *text, struct probe_goal *target)
{
	size_t length = target_name(text, &target->port);

	if (!length)
		return -1;
	target->host = arena_copy_length(&options->arena, text, length);
	return 0;
}

static int add_target(struct options *options, const char *text, struct error *error)
{
	struct probe_goal target = {
		.text = text,
		.protocol = options->udp ? PROTOCOL_UDP : PROTOCOL_TCP,
	};
	struct target address;
	struct error other;

	if (!target_parse(&address, text, true, &other)) {
		if (!probe_reaches_wildcard() && target_refuse_wildcard(&address, error))
			return -1;
		target.address = address.address;
		target.port = address.port;
		target.interface = *address.interface ?
					   arena_copy(&options->arena, address.interface) :
					   NULL;
	} else if (parse_name(options, text, &target)) {
		return error_set(error,
				 _("'%s' is no HOST:PORT; write it as db.example:5432, "
				   "10.0.9.1:5432 or [2001:db8::1]:5432"),
				 text);
	}
	if (options->source.family && !target.host &&
	    target.address.family != options->source.family)
		return error_set(error, _("--src and '%s' are not of the same address family"),
				 text);
	if (options->goals.count >= MOST_TARGETS)
		return error_set(error, _("more than %d targets"), MOST_TARGETS);
	probe_goals_add(&options->goals, &target);
	return 0;
}

static int take_words(struct options *options, int words, char **argv, struct error *error)
{
	if (options->common.request.root)
		return error_set(
			error,
			_("--root: attempts are made from this machine, not from a copied "
			  "/proc"));
	if (options->common.request.scope == SCOPE_ALL)
		return error_set(
			error,
			_("--netns all: probe is about one network namespace; name it"));
	if (options->common.request.passive)
		return error_set(error, _("--passive: probe opens sockets, that is its work"));
	if (!words && !options->symptoms)
		return error_set(error,
				 _("probe needs a HOST:PORT, such as db.example:5432, or "
				   "--symptoms"));
	if (options->symptoms && options->udp)
		return error_set(error, _("--udp goes with HOST:PORT, not with --symptoms"));
	for (int i = 1; i <= words; i++)
		if (add_target(options, argv[i], error))
			return -1;
	return 0;
}

/* ---- attempts ---- */

static void add_trial(struct options *options, const struct probe_goal *target,
		      const struct address *address)
{
	array_reserve(options->trials, options->trial_count, options->trial_capacity);
	options->trials[options->trial_count++] = (struct trial){
		.target = target,
		.attempt = {
			.destination = *address,
			.port = target->port,
			.protocol = target->protocol,
			.interface = target->interface,
			.source = options->source,
		},
	};
}

static void add_unresolved(struct options *options, const struct probe_goal *target,
			   const struct probe_name *name)
{
	struct trial *trial;

	add_trial(options, target, &(struct address){ 0 });
	trial = &options->trials[options->trial_count - 1];
	trial->why = arena_copy(&options->arena, name->why);
	trial->counts[name->outcome] = 1;
	trial->last[name->outcome].outcome = name->outcome;
}

/* A source address has a family, and its attempts are of that one. */
static bool fits(const struct options *options, const struct address *address)
{
	return !options->source.family || options->source.family == address->family;
}

static void add_resolved(struct options *options, const struct probe_goal *target,
			 struct probe_name *name)
{
	size_t added = 0;

	for (size_t i = 0; i < name->count && added < MOST_ADDRESSES; i++)
		if (fits(options, &name->addresses[i])) {
			add_trial(options, target, &name->addresses[i]);
			added++;
		}
	if (added)
		return;
	name->outcome = PROBE_NO_NAME;
	snprintf(name->why, sizeof name->why, "%s",
		 _("it has no address of the family of --src"));
	add_unresolved(options, target, name);
}

static void resolve(struct options *options)
{
	struct probe_name *names = memory_zeroed(options->goals.count + 1, sizeof *names);
	size_t count = 0, at = 0;

	for (size_t i = 0; i < options->goals.count; i++)
		if (options->goals.items[i].host)
			names[count++].host = options->goals.items[i].host;
	probe_resolve(names, count, (unsigned)options->timeout_ms);
	for (size_t i = 0; i < options->goals.count; i++) {
		const struct probe_goal *target = &options->goals.items[i];

		/* Of --symptoms: others were looked at with the command line. */
		if (!target->host && !fits(options, &target->address))
			continue;
		if (!target->host)
			add_trial(options, target, &target->address);
		else if (names[at].outcome == PROBE_CONNECTED)
			add_resolved(options, target, &names[at++]);
		else
			add_unresolved(options, target, &names[at++]);
	}
	probe_names_free(names, count);
	free(names);
}

static void attempt_all(struct options *options)
{
	struct probe_attempt *attempts =
		memory_zeroed(options->trial_count + 1, sizeof *attempts);

	for (uint64_t round = 0; round < options->repeat; round++) {
		for (size_t i = 0; i < options->trial_count; i++)
			attempts[i] = options->trials[i].attempt;
		probe_run(attempts, options->trial_count, (unsigned)options->timeout_ms);
		for (size_t i = 0; i < options->trial_count; i++) {
			struct trial *trial = &options->trials[i];

			if (trial->why)
				continue;
			trial->counts[attempts[i].outcome]++;
			trial->last[attempts[i].outcome] = attempts[i];
		}
	}
	free(attempts);
}

/* ---- what is told ---- */

struct report {
	struct probe_row *rows;
	size_t count, capacity;
	bool all_good;
};

static void add_row(struct options *options, struct probe_machine *machine,
		    const struct trial *trial, enum probe_outcome outcome,
		    struct report *report)
{
	const struct probe_attempt *last = &trial->last[outcome];
	struct probe_cause cause = { .why = trial->why, .room = -1 };
	char endpoint[ADDRESS_TEXT_SIZE];
	struct probe_row *row;

	if (!trial->why)
		cause = probe_explain(machine, last);
	else
		cause.outcome = outcome;
	array_reserve(report->rows, report->count, report->capacity);
	row = &report->rows[report->count++];
	*row = (struct probe_row){
		.group = trial->target->group,
		.from = trial->target->from,
		.target = trial->target->text,
		.protocol = protocol_name(trial->target->protocol),
		.outcome = probe_outcome_name(cause.outcome),
		.title = probe_title(cause.outcome),
		.good = outcome == PROBE_CONNECTED || outcome == PROBE_SENT,
		.count = trial->counts[outcome],
		.of = trial->why ? 1 : (unsigned)options->repeat,
		.milliseconds = last->milliseconds,
		.call = last->call,
		.error_name = last->error_name,
		.why = cause.why,
		.room = cause.room,
		.holder = cause.holder,
		.held = cause.held,
	};
	report->all_good = report->all_good && row->good;
	if (trial->attempt.destination.family)
		row->endpoint = arena_copy(&options->arena,
					   address_print_endpoint(endpoint,
								  &trial->attempt.destination,
								  trial->attempt.port));
	if (last->local.family)
		row->local = arena_copy(
			&options->arena,
			address_print_endpoint(endpoint, &last->local, last->local_port));
}

static int tell_all(const struct command *command, struct options *options,
		    const char *const *notes, size_t note_count)
{
	struct probe_machine machine = { .request = options->common.request };
	struct view_style style = terminal_style(&options->common);
	struct report report = { .all_good = true };

	for (size_t i = 0; i < options->trial_count; i++)
		for (int outcome = 0; outcome < PROBE_OUTCOME_COUNT; outcome++)
			if (options->trials[i].counts[outcome])
				add_row(options, &machine, &options->trials[i],
					(enum probe_outcome)outcome, &report);
	if (options->common.json)
		probe_json(report.rows, report.count, notes, note_count, clock_now_ms(),
			   stdout);
	else
		probe_text(report.rows, report.count, notes, note_count, &style);
	free(report.rows);
	probe_machine_free(&machine);
	return report.all_good ? 0 : command->failure;
}

/* Where attempts are made from. Names are asked for there, too. */
static int enter(struct options *options, struct error *error)
{
	struct source_request request = options->common.request;
	struct snapshot snapshot = { 0 };
	int result = 0;

	if (request.scope == SCOPE_OWN)
		return 0;
	request.no_owners = request.no_port_test = true;
	result = source_read(&request, &snapshot, error);
	if (!result && snapshot.namespaces[0].enter)
		result = probe_enter(snapshot.namespaces[0].enter, error);
	snapshot_free(&snapshot);
	return result;
}

static int probe(const struct command *command, struct options *options, struct error *error)
{
	const char *notes[PROBE_SYMPTOMS_NOTES];
	size_t count = 0;

	if (enter(options, error))
		return -1;
	if (options->symptoms)
		count = probe_symptoms_add(&options->goals, &options->arena, notes);
	resolve(options);
	attempt_all(options);
	return tell_all(command, options, notes, count);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.common = { .request = { .scope = SCOPE_OWN } },
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.repeat = 1,
	};
	struct error error;
	int words, status;

	if (options_parse(command, argc, argv, &options.common, take_option, &options, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.help)
		return command_help(command), 0;
	if (take_words(&options, words, argv, &error)) {
		status = command_fail(command->usage_error, error.text);
	} else {
		status = probe(command, &options, &error);
		if (status < 0)
			status = command_fail(command->failure, error.text);
	}
	free(options.goals.items);
	free(options.trials);
	arena_free(&options.arena);
	return status;
}

static const struct option_spec options_of_probe[] = {
	{ "src", "ADDR", N_("from this source address") },
	{ "udp", NULL, N_("send an empty UDP datagram instead of connecting by TCP") },
	{ "timeout", "TIME", N_("give an attempt up after this time (default 5s)"), 't' },
	{ "repeat", "N", N_("so many attempts on each address, one after the other") },
	{ "symptoms", NULL,
	  N_("try the name servers, directories, shares and proxies configured here") },
	OPTIONS_END,
};

const struct command command_probe = {
	.name = "probe",
	.summary = N_("try outbound connections and say why one fails"),
	.usage = "HOST:PORT... [--symptoms]",
	.description = N_(
		"Connects for real, from here, to every address of each host at the same time, and "
		"says how it ended: connected, refused, timed out, no local port and who has them, "
		"no descriptor, a firewall, and more. Connections are reset at once: no TIME_WAIT "
		"is left."),
	.status = N_("0 all connected, 1 not all, 2 usage"),
	.options = options_of_probe,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
