#include "action/close.h"

#include "action/probe.h"
#include "base/language.h"
#include "base/text.h"
#include "command/close_selection.h"
#include "command/command.h"
#include "command/probe.h"
#include "command/target.h"
#include "command/terminal.h"
#include "diagnosis/close_plan.h"
#include "diagnosis/remedy.h"
#include "system/clock.h"
#include "view/close.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RATE = 1000, MOST_RATE = 1000000, END_WAIT_MS = 10000 };
enum { LONGEST_AGE_MS = 7 * 24 * 3600 * 1000, VERIFY_MS = 3000 };

struct options {
	struct common_options common;
	struct filter filter;
	bool yes, process, force;
	uint64_t min_age_ms, rate;
	const char *verify;
	struct target target;
	char host[256]; /* of --verify, if it is a name */
};

struct closing {
	struct options *options;
	struct arena arena;
	struct close_selection selection;
	struct snapshot machine; /* the same moment, for the model */
	struct diagnosis diagnosis;
	struct close_plan plan;
	bool refused; /* the kernel closes none */
	const char *why_refused;
};

/* ---- the command line ---- */

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct options *options = context;
	int taken = filter_take(&options->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "yes"))
		options->yes = true;
	else if (!strcmp(name, "end-process"))
		options->process = true;
	else if (!strcmp(name, "force"))
		options->force = true;
	else if (!strcmp(name, "min-age") &&
		 (!text_to_duration(value, LONGEST_AGE_MS, &options->min_age_ms) ||
		  !options->min_age_ms))
		return error_set(error,
				 _("--min-age '%s': give a time up to 168h, such as 10m"),
				 value);
	else if (!strcmp(name, "rate") &&
		 (!text_to_number(value, MOST_RATE, &options->rate) || !options->rate))
		return error_set(error, _("--rate '%s' is not a number of sockets a second"),
				 value);
	else if (!strcmp(name, "verify"))
		options->verify = value;
	return 0;
}

static int take_verify(struct options *options, struct error *error)
{
	size_t length;

	if (!target_parse(&options->target, options->verify, true, error))
		return 0;
	length = target_name(options->verify, &options->target.port);
	if (!length)
		return -1;
	snprintf(options->host, sizeof options->host, "%.*s", (int)length, options->verify);
	return 0;
}

static int check_words(struct options *options, int words, char **argv, struct error *error)
{
	if (words)
		return error_set(error,
				 _("'%s': close takes no words, only filters such as --pid "
				   "812 --state close_wait"),
				 argv[1]);
	if (options->common.request.root)
		return error_set(error, _("--root: a copied /proc has no sockets to close"));
	if (options->common.request.scope == SCOPE_ALL)
		return error_set(
			error,
			_("--netns all: close is about one network namespace; name it"));
	if (filter_is_empty(&options->filter))
		return error_set(error,
				 _("close needs a selection, such as --pid 812 --state "
				   "close_wait; without any it would close everything"));
	if (options->force && !options->process)
		return error_set(error, _("--force goes with --end-process"));
	if (options->verify && options->common.request.passive)
		return error_set(error,
				 _("--verify makes a connection, and --passive forbids it"));
	return options->verify ? take_verify(options, error) : 0;
}

/* ---- doing it ---- */

/* tcp_abort() did nothing for a connection in these states that no process has, before Linux commit bac76cf89816
 * (net/ipv4/tcp.c), and called it done. */
static bool may_be_left(const struct picked *picked)
{
	enum socket_state state = picked->record.state;

	return picked->process == UINT32_MAX &&
	       (state == SOCKET_FIN_WAIT1 || state == SOCKET_LAST_ACK ||
		state == SOCKET_CLOSING);
}

static void close_one(struct closing *closing, struct closer *closer,
		      struct close_group *group, const struct picked *picked)
{
	struct error error = { "" };

	if (closing->refused) {
		group->failed++;
		group->why = closing->why_refused;
		return;
	}
	switch (close_socket(closer, &picked->record, &error)) {
	case CLOSE_DONE:
		if (!may_be_left(picked) || !close_watch(closer, &picked->record).known) {
			group->closed++;
			return;
		}
		error_set(&error,
			  _("this kernel does not close what no process has in FIN_WAIT1, "
			    "LAST_ACK and CLOSING"));
		break;
	case CLOSE_GONE:
		if (picked->record.state != SOCKET_BOUND) {
			group->gone++;
			return;
		}
		error_set(&error, _("bound only: nothing closes these from outside"));
		break;
	case CLOSE_NOT_PERMITTED:
	case CLOSE_NOT_SUPPORTED:
		closing->refused = true; /* and so it will be for all others */
		break;
	default: /* this one only */
		break;
	}
	group->failed++;
	group->why = arena_copy(&closing->arena, error.text);
	closing->why_refused = group->why;
}

/* So many a second, a hundredth of a second's worth at a time. */
static void close_all(struct closing *closing, struct closer *closer)
{
	struct close_selection *selection = &closing->selection;
	uint64_t at_once = closing->options->rate / 100 ? closing->options->rate / 100 : 1;
	uint64_t done = 0;

	for (size_t i = 0; i < selection->group_count; i++) {
		struct close_group *group = &selection->groups[i];

		for (size_t k = 0; k < group->count; k++) {
			close_one(closing, closer, group, &selection->items[group->first + k]);
			if (++done % at_once == 0 && !closing->refused)
				clock_rest_ms(1000 * at_once / closing->options->rate);
		}
	}
}

static const char *ending_title(enum close_ending ending)
{
	switch (ending) {
	case ENDING_DONE:
		return _("ended");
	case ENDING_GONE:
		return _("had ended before");
	case ENDING_NOT_PERMITTED:
		return _("may not be ended (no privilege)");
	case ENDING_STILL_RUNS:
		return _("does not end when asked to; --force kills it");
	case ENDING_CANNOT_ASK:
		return _(
			"left: it has no window and is no service, so that nothing can ask it to "
			"end; --force ends it");
	case ENDING_MANY_SERVICES:
		return _(
			"left: several services run in it, which would all end; --force ends it "
			"with them");
	default:
		return _("could not be ended");
	}
}

static bool end_all(struct closing *closing)
{
	bool all = true;

	for (size_t i = 0; i < closing->selection.process_count; i++) {
		struct close_process_row *row = &closing->selection.processes[i];
		enum close_ending ending =
			close_process(row->process->pid, row->process->start_ticks,
				      END_WAIT_MS, closing->options->force);

		row->outcome = close_ending_name(ending);
		row->title = ending_title(ending);
		all = all && (ending == ENDING_DONE || ending == ENDING_GONE);
	}
	return all;
}

/* ---- the attempt before and after ---- */

enum { MOST_ADDRESSES = 8 };

/* As programs do: whatever address of the name answers. */
static enum probe_outcome try_addresses(const struct address *addresses, size_t count,
					uint16_t port, const char *interface)
{
	struct probe_attempt attempts[MOST_ADDRESSES];

	count = count < MOST_ADDRESSES ? count : MOST_ADDRESSES;
	for (size_t i = 0; i < count; i++)
		attempts[i] = (struct probe_attempt){
			.destination = addresses[i],
			.port = port,
			.protocol = PROTOCOL_TCP,
			.interface = interface,
		};
	probe_run(attempts, count, VERIFY_MS);
	for (size_t i = 0; i < count; i++)
		if (attempts[i].outcome == PROBE_CONNECTED)
			return PROBE_CONNECTED;
	return attempts[0].outcome;
}

static enum probe_outcome try_target(const struct options *options)
{
	const struct target *target = &options->target;
	struct probe_name name = { .host = options->host };
	enum probe_outcome outcome;

	if (!options->host[0])
		return try_addresses(&target->address, 1, target->port,
				     *target->interface ? target->interface : NULL);
	probe_resolve(&name, 1, VERIFY_MS);
	outcome = name.outcome;
	if (outcome == PROBE_CONNECTED)
		outcome = try_addresses(name.addresses, name.count, target->port, NULL);
	probe_names_free(&name, 1);
	return outcome;
}

static struct close_verdict verdict(enum probe_outcome outcome)
{
	return (struct close_verdict){ probe_outcome_name(outcome), probe_title(outcome) };
}

/* ---- what it gives ---- */

static int read_machine(const struct options *options, struct snapshot *snapshot,
			struct error *error)
{
	struct source_request request = options->common.request;

	return source_read(&request, snapshot, error);
}

static void model(struct closing *closing)
{
	const struct close_selection *selection = &closing->selection;

	diagnosis_make(&closing->diagnosis, &closing->machine, &default_policy);
	close_plan_begin(&closing->plan, &closing->diagnosis);
	for (size_t i = 0; closing->options->process && i < selection->process_count; i++) {
		const struct process *process = selection->processes[i].process;

		close_plan_end(&closing->plan, &closing->diagnosis, process->pid,
			       process->start_ticks);
	}
	for (size_t i = 0; !closing->options->process && i < selection->count; i++) {
		const struct picked *picked = &selection->items[i];

		/* What nothing closes stays. */
		if (!close_is_left(picked) && close_can(&picked->record))
			close_plan_add(&closing->plan, &closing->diagnosis, 0,
				       &picked->record);
	}
	closing->plan.shared = close_shared(selection) > 0;
	close_plan_model(&closing->plan, &closing->diagnosis);
}

/* The room there is afterwards; false if it cannot be read. */
static bool measure(const struct closing *closing, struct capacity *measured)
{
	struct snapshot snapshot = { 0 };
	struct error error;
	bool read = !read_machine(closing->options, &snapshot, &error);
	struct port_map *map = read ? port_map_new(&snapshot, 0, NULL) : NULL;

	for (size_t i = 0; map && i < closing->plan.room_count; i++)
		measured[i] = capacity_of(map, &closing->plan.rooms[i].query);
	port_map_free(map);
	snapshot_free(&snapshot);
	return read;
}

static bool all_closed(const struct close_selection *selection)
{
	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].failed)
			return false;
	return true;
}

static bool do_it(struct closing *closing, struct closer *closer)
{
	if (closing->options->process)
		return end_all(closing);
	close_all(closing, closer);
	return all_closed(&closing->selection);
}

static int carry_out(const struct command *command, struct closing *closing,
		     struct closer *closer)
{
	struct options *options = closing->options;
	struct close_selection *selection = &closing->selection;
	struct view_style style = terminal_style(&options->common);
	struct capacity measured[CLOSE_PLAN_ROOMS];
	struct close_view view = {
		.snapshot = &closing->machine,
		.plan = &closing->plan,
		.groups = selection->groups,
		.group_count = selection->group_count,
		.processes = selection->processes,
		.process_count = options->process ? selection->process_count : 0,
		.selected = (unsigned)selection->count,
		.young = selection->young,
		.ageless = selection->ageless,
		.nobody = selection->nobody,
		.bound = selection->bound,
		.spared = selection->spared,
		.shared = options->process ? close_shared(selection) : 0,
		.aged = options->min_age_ms > 0,
		.watched = selection->watched,
		.ends = options->process,
		.dry_run = !options->yes,
		.verify = options->verify,
	};
	bool good = true;

	if (!options->common.json)
		close_text(&view, &style);
	fflush(stdout);
	if (options->verify)
		view.before = verdict(try_target(options));
	if (options->yes) {
		good = do_it(closing, closer);
		view.measured = measure(closing, measured) ? measured : NULL;
		if (options->verify)
			view.after = verdict(try_target(options));
	}
	if (options->common.json)
		close_json(&view, stdout);
	else
		close_result_text(&view, &style);
	return good ? 0 : command->failure;
}

/* Sockets can only be named where they are. */
static int enter(const struct closing *closing, struct error *error)
{
	const char *path = closing->machine.namespaces[0].enter;

	return path ? probe_enter(path, error) : 0;
}

static int explain_nothing(const struct close_selection *selection, struct error *error)
{
	const struct snapshot *snapshot = &selection->snapshot;

	if (selection->nobody)
		return error_set(error, _("no process has any of the sockets that match: "
					  "there is none to end"));
	if (selection->spared)
		return error_set(
			error, "%s",
			snapshot->windows ?
				_("all sockets that match are of processes that Windows "
				  "cannot do without or of portroom itself, which close "
				  "leaves alone") :
				_("all sockets that match are of process 1 or of "
				  "portroom itself, which close leaves alone"));
	if (selection->servers)
		return error_set(error, _("only servers match, which listen or have no peer: "
					  "--state listen,unconnected selects these"));
	if (snapshot->gap_count)
		return error_set(error,
				 _("no socket matches, but not all could be seen: %s: %s"),
				 snapshot->gaps[0].what, snapshot->gaps[0].why);
	return error_set(
		error, "%s",
		snapshot->windows ?
			_("no socket matches") :
			_("no socket matches in this network namespace; --netns names "
			  "another, by the pid of a process in it"));
}

/* Those of a process that is never touched could be among them. */
static int check_owners(const struct closing *closing, struct error *error)
{
	const struct close_selection *selection = &closing->selection;
	char number[32];

	if (!closing->options->yes || !selection->hidden)
		return 0;
	text_grouped(number, selection->hidden);
	if (selection->snapshot.windows)
		return error_set(
			error,
			_("it cannot be seen who has %s of the selected sockets, and what "
			  "Windows cannot do without is left alone: nothing was done; run as "
			  "administrator"),
			number);
	return error_set(
		error,
		_("it cannot be seen who has %s of the selected sockets, and process 1 "
		  "is left alone: nothing was done; run as root (CAP_SYS_PTRACE, "
		  "CAP_NET_ADMIN)"),
		number);
}

static int read_all(struct closing *closing, struct error *error)
{
	const struct options *options = closing->options;
	struct close_selection *selection = &closing->selection;

	if (close_select(selection, &options->common.request, &options->filter,
			 options->process, error) ||
	    read_machine(options, &closing->machine, error))
		return -1;
	if (!selection->count)
		return explain_nothing(selection, error);
	return check_owners(closing, error);
}

/* What the list of those that are selected misses is missing here, too. */
static void add_gaps(struct closing *closing)
{
	const struct snapshot *from = &closing->selection.snapshot;

	for (size_t i = 0; i < from->gap_count; i++)
		snapshot_add_gap(&closing->machine, from->gaps[i].effect, from->gaps[i].netns,
				 from->gaps[i].what, from->gaps[i].why, from->gaps[i].remedy);
}

/* The figures are those of the moment in which it is done, not of the time before it was waited. */
static int judge_ages(struct closing *closing, struct closer *closer, struct error *error)
{
	if (closing->options->min_age_ms)
		close_judge_ages(&closing->selection, closer, closing->options->min_age_ms,
				 closing->machine.namespaces[0].settings.fin_timeout_s);
	closing->options->common.request.scope = SCOPE_OWN; /* it is there by now */
	closing->options->common.request.netns = NULL;
	if (!closing->selection.watched)
		return 0;
	snapshot_free(&closing->machine);
	return read_machine(closing->options, &closing->machine, error);
}

static int close_selected(const struct command *command, struct closing *closing,
			  struct error *error)
{
	struct closer *closer;
	int status = -1;

	if (read_all(closing, error) || enter(closing, error))
		return -1;
	closer = close_open(error);
	if (closer && !judge_ages(closing, closer, error)) {
		add_gaps(closing);
		close_group(&closing->selection, closing->machine.namespaces[0].listening);
		model(closing);
		status = carry_out(command, closing, closer);
		close_plan_free(&closing->plan, &closing->diagnosis);
		diagnosis_free(&closing->diagnosis);
	}
	close_end(closer);
	return status;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.common = { .request = { .scope = SCOPE_OWN } },
		.rate = DEFAULT_RATE,
	};
	struct closing closing = { .options = &options };
	struct error error;
	int words, status;

	if (options_parse(command, argc, argv, &options.common, take_option, &options, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.help)
		return command_help(command), 0;
	if (check_words(&options, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	status = close_selected(command, &closing, &error);
	if (status < 0)
		status = command_fail(command->failure, error.text);
	close_selection_free(&closing.selection);
	snapshot_free(&closing.machine);
	arena_free(&closing.arena);
	return status;
}

static const struct option_spec options_of_close[] = {
	FILTER_OPTIONS,
	{ "min-age", "TIME", N_("only those that have not moved for so long") },
	{ "yes", NULL, N_("do it; without, what would be done is shown") },
	{ "rate", "N", N_("close so many a second (default 1000)") },
	{ "end-process", NULL, N_("ask the processes that have them to end, instead") },
	{ "force", NULL, N_("and end those that do not") },
	{ "verify", "HOST:PORT", N_("try this connection before and after") },
	OPTIONS_END,
};

const struct command command_close = {
	.name = "close",
	.summary = N_("close leaked sockets from outside, or end who has them"),
	.usage = "FILTERS... [--yes]",
	.description = N_(
		"Closes the sockets that all filters select, and tells the room that comes back."),
	.options = options_of_close,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
