#include "action/close.h"

#include "action/probe.h"
#include "base/language.h"
#include "base/text.h"
#include "command/close_act.h"
#include "command/close_selection.h"
#include "command/close_verify.h"
#include "command/command.h"
#include "command/terminal.h"
#include "diagnosis/close_plan.h"
#include "view/close.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_RATE = 1000, MOST_RATE = 1000000, LONGEST_AGE_MS = 7 * 24 * 3600 * 1000 };

struct options {
	struct common_options common;
	struct filter filter;
	bool yes, process, force;
	uint64_t min_age_ms, rate;
	const char *verify;
	struct close_verify target; /* the same */
};

struct closing {
	struct options *options;
	struct arena arena;
	struct close_selection selection;
	struct snapshot machine; /* the same moment, for the model */
	struct diagnosis diagnosis;
	struct close_plan plan;
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
	return options->verify ? close_verify_take(&options->target, options->verify, error) :
				 0;
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

static bool do_it(struct closing *closing, struct closer *closer)
{
	if (closing->options->process)
		return close_act_end(&closing->selection, closing->options->force);
	return close_act_sockets(&closing->selection, closer, closing->options->rate,
				 &closing->arena);
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
		view.before = close_verify_try(&options->target);
	if (options->yes) {
		good = do_it(closing, closer);
		view.measured = measure(closing, measured) ? measured : NULL;
		if (options->verify)
			view.after = close_verify_try(&options->target);
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
