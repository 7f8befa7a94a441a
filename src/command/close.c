#include "action/close.h"

#include "action/probe.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/filter.h"
#include "command/probe.h"
#include "command/target.h"
#include "command/terminal.h"
#include "diagnosis/close_plan.h"
#include "diagnosis/remedy.h"
#include "view/close.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * What is selected is read by sock_diag, which gives each socket's cookie: so just those are closed that were
 * looked at, whoever has their addresses and ports by then.
 */
enum { DEFAULT_RATE = 1000, MOST_RATE = 1000000, END_WAIT_MS = 10000, LONGEST_AGE_MS = 7 * 24 * 3600 * 1000 };
enum { TIME_WAIT_MS = 60000, VERIFY_MS = 3000 };

struct picked {
	struct socket_record record;
	uint32_t process; /* index; UINT32_MAX: nobody's */
	struct close_motion motion;
	size_t group;
	bool young;
};

struct options {
	struct common_options common;
	struct filter filter;
	bool yes, process, force;
	uint64_t min_age_ms, rate;
	const char *verify;
	struct target target;
};

struct closing {
	struct options *options;
	struct arena arena;
	struct snapshot snapshot; /* of the selection: who has the sockets */
	struct snapshot machine;  /* the same moment, for the model */
	struct diagnosis diagnosis;
	struct close_plan plan;
	struct picked *items;
	size_t count, capacity;
	struct close_group *groups;
	size_t group_count, group_capacity;
	struct close_process_row *processes;
	size_t process_count;
	unsigned bound, young;
	bool watched;
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
		return error_set(error, _("--min-age '%s': give a time up to 168h, such as 10m"),
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
		return error_set(error, _("'%s': close takes no words, only filters such as --pid "
					  "812 --state close_wait"),
				 argv[1]);
	if (options->common.request.root)
		return error_set(error, _("--root: a copied /proc has no sockets to close"));
	if (options->common.request.scope == SCOPE_ALL)
		return error_set(
			error,
			_("--netns all: close is about one network namespace; name it"));
	if (filter_is_empty(&options->filter))
		return error_set(error, _("close needs a selection, such as --pid 812 --state "
					  "close_wait; without any it would close everything"));
	if (options->force && !options->process)
		return error_set(error, _("--force goes with --end-process"));
	if (options->verify)
		return target_parse(&options->target, options->verify, true, error);
	return 0;
}

/* ---- the selection ---- */

static bool is_ours(const struct process *process)
{
	return process && (process->pid == 1 || process->pid == getpid());
}

static void take_socket(void *context, const struct snapshot *snapshot, uint32_t netns,
			enum owner_kind owner_kind, uint32_t owner,
			const struct socket_record *record)
{
	struct closing *closing = context;
	const struct filter *filter = &closing->options->filter;
	const struct process *process =
		owner_kind == OWNER_PROCESS ? &snapshot->processes[owner] : NULL;

	(void)netns;
	if (!filter_match(filter, process, record) || is_ours(process))
		return;
	/* Nobody who closes connections means his servers, unless he says so. */
	if ((record->state == SOCKET_LISTEN || record->state == SOCKET_UNCONNECTED) &&
	    !(filter->states >> record->state & 1))
		return;
	if (record->state == SOCKET_BOUND)
		closing->bound++;
	array_reserve(closing->items, closing->count, closing->capacity);
	closing->items[closing->count++] = (struct picked){
		.record = *record,
		.process = process ? owner : UINT32_MAX,
	};
}

static int select_sockets(struct closing *closing, struct error *error)
{
	struct source_request request = closing->options->common.request;

	request.only = "sock_diag";
	request.no_port_test = true;
	request.on_socket = take_socket;
	request.context = closing;
	return source_read(&request, &closing->snapshot, error);
}

static const struct process *process_of(const struct closing *closing,
					const struct picked *picked)
{
	return picked->process == UINT32_MAX ? NULL :
					       &closing->snapshot.processes[picked->process];
}

/* ---- how old they are ---- */

static bool tells_age(const struct picked *picked)
{
	enum socket_state state = picked->record.state;

	return state == SOCKET_TIME_WAIT ||
	       ((state == SOCKET_CLOSE_WAIT || state == SOCKET_FIN_WAIT2) &&
		picked->motion.known);
}

static int64_t age_of(const struct picked *picked)
{
	if (picked->record.state == SOCKET_TIME_WAIT)
		return TIME_WAIT_MS - (int64_t)picked->record.expires_ms;
	return picked->motion.quiet_ms;
}

static bool has_moved(const struct close_motion *before, const struct close_motion *now)
{
	return !before->known || !now->known || before->bytes_sent != now->bytes_sent ||
	       before->bytes_received != now->bytes_received;
}

static void wait_ms(uint64_t milliseconds)
{
	struct timespec left = { (time_t)(milliseconds / 1000),
				 (long)(milliseconds % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* Those whose age nothing tells are watched for that long, once. */
static void judge_ages(struct closing *closing, struct closer *closer)
{
	uint64_t min_age_ms = closing->options->min_age_ms;

	for (size_t i = 0; i < closing->count; i++) {
		struct picked *picked = &closing->items[i];

		if (picked->record.protocol == PROTOCOL_TCP &&
		    picked->record.state != SOCKET_TIME_WAIT)
			picked->motion = close_watch(closer, &picked->record);
		if (tells_age(picked))
			picked->young = age_of(picked) < (int64_t)min_age_ms;
		else
			closing->watched = true;
	}
	if (closing->watched)
		wait_ms(min_age_ms);
	for (size_t i = 0; i < closing->count && closing->watched; i++) {
		struct picked *picked = &closing->items[i];
		struct close_motion now;

		if (tells_age(picked))
			continue;
		now = close_watch(closer, &picked->record);
		picked->young = has_moved(&picked->motion, &now);
	}
}

static const char *how_old(const struct closing *closing)
{
	if (!closing->options->min_age_ms)
		return NULL;
	return closing->watched ?
		       _("CLOSE_WAIT and FIN_WAIT2 by their last segment; the others were watched "
			 "for that time, and did not move") :
		       _("by their last segment");
}

/* ---- groups ---- */

/* Of what a server has accepted, clients are as many as there are sockets: its port is what they share. */
static bool is_accepted(const struct closing *closing, const struct socket_record *record)
{
	return record->state != SOCKET_LISTEN &&
	       port_set_has(&closing->machine.namespaces[0].listening[record->protocol],
			    record->local_port);
}

static bool is_like(const struct closing *closing, const struct close_group *group,
		    const struct picked *picked)
{
	const struct socket_record *one = group->like, *other = &picked->record;

	if (group->accepted != is_accepted(closing, other))
		return false;
	if (group->accepted)
		return group->process == process_of(closing, picked) &&
		       one->state == other->state && one->local_port == other->local_port &&
		       address_equal(&one->local, &other->local);
	return group->process == process_of(closing, picked) && one->state == other->state &&
	       one->protocol == other->protocol && one->remote_port == other->remote_port &&
	       address_equal(&one->local, &other->local) &&
	       address_equal(&one->remote, &other->remote);
}

static void group_sockets(struct closing *closing)
{
	for (size_t i = 0; i < closing->count; i++) {
		struct picked *picked = &closing->items[i];
		size_t at = 0;

		if (picked->young) {
			closing->young++;
			continue;
		}
		while (at < closing->group_count &&
		       !is_like(closing, &closing->groups[at], picked))
			at++;
		if (at == closing->group_count) {
			array_reserve(closing->groups, closing->group_count,
				      closing->group_capacity);
			closing->groups[closing->group_count++] = (struct close_group){
				.process = process_of(closing, picked),
				.like = &picked->record,
				.accepted = is_accepted(closing, &picked->record),
			};
		}
		picked->group = at;
		closing->groups[at].count++;
	}
}

static void find_processes(struct closing *closing)
{
	closing->processes =
		memory_zeroed(closing->group_count + 1, sizeof *closing->processes);
	for (size_t i = 0; i < closing->group_count; i++) {
		const struct process *process = closing->groups[i].process;
		size_t at = 0;

		while (at < closing->process_count &&
		       closing->processes[at].process != process)
			at++;
		if (process && at == closing->process_count)
			closing->processes[closing->process_count++].process = process;
	}
}

/* ---- doing it ---- */

static void close_one(struct closing *closing, struct closer *closer, struct picked *picked)
{
	struct close_group *group = &closing->groups[picked->group];
	struct error error = { "" };

	switch (close_socket(closer, &picked->record, &error)) {
	case CLOSE_DONE:
		group->closed++;
		return;
	case CLOSE_GONE:
		if (picked->record.state != SOCKET_BOUND) {
			group->gone++;
			return;
		}
		error_set(&error, _("bound only: nothing closes these from outside"));
		break;
	default:
		break;
	}
	group->failed++;
	group->why = arena_copy(&closing->arena, error.text);
}

/* So many a second, a hundredth of a second's worth at a time. */
static void close_all(struct closing *closing, struct closer *closer)
{
	uint64_t at_once = closing->options->rate / 100 ? closing->options->rate / 100 : 1;
	uint64_t done = 0;

	for (size_t i = 0; i < closing->count; i++) {
		if (closing->items[i].young)
			continue;
		close_one(closing, closer, &closing->items[i]);
		if (++done % at_once == 0)
			wait_ms(1000 * at_once / closing->options->rate);
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
	default:
		return _("could not be ended");
	}
}

static bool end_all(struct closing *closing)
{
	bool all = true;

	for (size_t i = 0; i < closing->process_count; i++) {
		const struct process *process = closing->processes[i].process;
		enum close_ending ending = close_process(process->pid, process->start_ticks,
							 END_WAIT_MS,
							 closing->options->force);

		closing->processes[i].outcome = close_ending_name(ending);
		closing->processes[i].title = ending_title(ending);
		all = all && (ending == ENDING_DONE || ending == ENDING_GONE);
	}
	return all;
}

static const char *try_target(const struct options *options)
{
	struct probe_attempt attempt = {
		.destination = options->target.address,
		.port = options->target.port,
		.protocol = PROTOCOL_TCP,
		.interface = *options->target.interface ? options->target.interface : NULL,
	};

	probe_run(&attempt, 1, VERIFY_MS);
	return probe_title(attempt.outcome);
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
	diagnosis_make(&closing->diagnosis, &closing->machine, &default_policy);
	close_plan_begin(&closing->plan, &closing->diagnosis);
	for (size_t i = 0; i < closing->count; i++)
		if (!closing->items[i].young)
			close_plan_add(&closing->plan, &closing->diagnosis, 0,
				       &closing->items[i].record);
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

static bool all_closed(const struct closing *closing)
{
	for (size_t i = 0; i < closing->group_count; i++)
		if (closing->groups[i].failed)
			return false;
	return true;
}

static int carry_out(const struct command *command, struct closing *closing,
		     struct closer *closer)
{
	struct options *options = closing->options;
	struct view_style style = terminal_style(&options->common);
	struct capacity measured[CLOSE_PLAN_ROOMS];
	struct close_view view = {
		.snapshot = &closing->machine,
		.plan = &closing->plan,
		.groups = closing->groups,
		.group_count = closing->group_count,
		.processes = options->process ? closing->processes : NULL,
		.process_count = options->process ? closing->process_count : 0,
		.selected = (unsigned)closing->count,
		.young = closing->young,
		.bound = closing->bound,
		.age_how = how_old(closing),
		.dry_run = !options->yes,
		.verify = options->verify,
	};
	bool good = true;

	if (!options->common.json)
		close_text(&view, &style);
	fflush(stdout);
	if (options->verify)
		view.verify_before = view.verify_after = try_target(options);
	if (options->yes) {
		if (options->process)
			good = end_all(closing);
		else
			close_all(closing, closer);
		good = good && all_closed(closing);
		view.measured = measure(closing, measured) ? measured : NULL;
		if (options->verify)
			view.verify_after = try_target(options);
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

static int close_selected(const struct command *command, struct closing *closing,
			  struct error *error)
{
	struct closer *closer;
	int status;

	if (select_sockets(closing, error) || read_machine(closing->options, &closing->machine, error))
		return -1;
	if (!closing->count)
		return error_set(error, _("no socket matches"));
	if (enter(closing, error))
		return -1;
	closer = close_open(error);
	if (!closer)
		return -1;
	if (closing->options->min_age_ms)
		judge_ages(closing, closer);
	group_sockets(closing);
	find_processes(closing);
	model(closing);
	closing->options->common.request.scope = SCOPE_OWN; /* it is there by now */
	closing->options->common.request.netns = NULL;
	status = carry_out(command, closing, closer);
	close_plan_free(&closing->plan, &closing->diagnosis);
	diagnosis_free(&closing->diagnosis);
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
	free(closing.items);
	free(closing.groups);
	free(closing.processes);
	snapshot_free(&closing.snapshot);
	snapshot_free(&closing.machine);
	arena_free(&closing.arena);
	return status;
}

static const struct option_spec options_of_close[] = {
	FILTER_OPTIONS,
	{ "min-age", "TIME", N_("only those that have not moved for so long") },
	{ "yes", NULL, N_("do it; without, what would be done is shown") },
	{ "rate", "N", N_("close so many a second (default 1000)") },
	{ "end-process", NULL, N_("end the processes that have them, instead: SIGTERM") },
	{ "force", NULL, N_("and SIGKILL for those that do not end") },
	{ "verify", "HOST:PORT", N_("try this connection before and after") },
	OPTIONS_END,
};

const struct command command_close = {
	.name = "close",
	.summary = N_("close leaked sockets from outside, or end who has them"),
	.usage = "FILTERS... [--yes]",
	.description = N_(
		"Closes the sockets that all filters select, by SOCK_DESTROY, and tells the room "
		"that comes back, before and after. Without consent it only shows what it would do."),
	.options = options_of_close,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
