#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/filter.h"
#include "command/output.h"
#include "command/terminal.h"
#include "command/trace_etl.h"
#include "command/trace_files.h"
#include "command/trace_room.h"
#include "diagnosis/failure_groups.h"
#include "snapshot/snapshot.h"
#include "source/failures.h"
#include "source/host.h"
#include "system/clock.h"
#include "system/ending.h"
#include "system/line_file.h"
#include "view/trace.h"

#include <stdio.h>
#include <string.h>

enum { TICK_MS = 1000, LINES_A_TICK = 10, PENDING_TEXT = 1 << 20 };

struct trace {
	struct filter filter;
	struct failures_request request;
	uint64_t wanted; /* --count; 0: no end */
	uint64_t for_ms; /* 0: no end */
	const char *save;
	uint64_t size; /* --size in bytes; 0: not given */
	bool all;      /* of a file: those that failed for another reason, too */

	bool as_json, saving;
	struct json json, saved_json;
	struct line_file saved;
	struct view_style style;
	int utc_offset_s;

	struct failures *failures;
	struct failure_groups *groups;
	struct trace_rooms *rooms;
	struct trace_start start;
	struct snapshot machine;   /* which it is, and nothing else of it */
	int64_t begun_ms, tick_ms; /* of a clock that only goes forward */
	int64_t tick_wall_ms;
	uint64_t told, lost_told;
	struct error error; /* of what ends it before its time */
	bool failed;
};

/* ---- options ---- */

static int take_time(struct trace *trace, const char *value, struct error *error)
{
	const uint64_t year_ms = UINT64_C(365) * 24 * 3600 * 1000;

	if (!text_to_duration(value, year_ms, &trace->for_ms) || !trace->for_ms)
		return error_set(
			error, _("--for '%s' is not a time; write it as 500ms, 5s, 2m or 1h"),
			value);
	return 0;
}

static int take_size(struct trace *trace, const char *value, struct error *error)
{
	if (!text_to_size(value, UINT64_C(1) << 40, &trace->size) || !trace->size)
		return error_set(error, _("--size '%s' is not a size; write it as 64M or 1G"),
				 value);
	return 0;
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct trace *trace = context;
	int taken = filter_take(&trace->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "for"))
		return take_time(trace, value, error);
	if (!strcmp(name, "save")) {
		trace->save = value;
		return *value ? 0 :
				error_set(error, _("--%s needs a value that is not empty"),
					  name);
	}
	if (!strcmp(name, "size"))
		return take_size(trace, value, error);
	if (!strcmp(name, "cheap")) {
		trace->request.cheap = true;
		return 0;
	}
	if (!strcmp(name, "all")) {
		trace->all = true;
		return 0;
	}
	if (!text_to_number(value, INT64_MAX, &trace->wanted) || !trace->wanted)
		return error_set(error, _("--count '%s' is not a number from 1"), value);
	return 0;
}

/* ---- time ---- */

/* Until there is something to be done, though no call fails. */
static int time_to_wait(const struct trace *trace)
{
	int64_t now = clock_monotonic_ms(), until = trace->tick_ms + TICK_MS;

	if (trace->for_ms && trace->begun_ms + (int64_t)trace->for_ms < until)
		until = trace->begun_ms + (int64_t)trace->for_ms;
	return until > now ? (int)(until - now) : 0;
}

/* As many calls were told as were asked for. */
static bool has_all(const struct trace *trace)
{
	return trace->wanted && trace->told >= trace->wanted;
}

static bool is_over(const struct trace *trace)
{
	return has_all(trace) ||
	       (trace->for_ms &&
		clock_monotonic_ms() >= trace->begun_ms + (int64_t)trace->for_ms);
}

/* ---- the end of it ---- */

static void fail(struct trace *trace, const struct error *error)
{
	if (!trace->failed)
		trace->error = *error;
	trace->failed = true;
}

static void flush(struct trace *trace)
{
	struct error error;

	if (trace->saving && line_file_flush(&trace->saved, &error))
		fail(trace, &error);
	if (output_flush(&error))
		fail(trace, &error);
}

/* ---- failures ---- */

static bool is_of_windows(const struct trace *trace)
{
	return failure_source_is_windows(failures_source(trace->failures));
}

static struct trace_row row_of(struct trace *trace, const struct failure *failure,
			       int64_t time_ms, uint64_t count)
{
	return (struct trace_row){
		.failure = failure,
		.time_ms = time_ms,
		.count = count,
		.room = trace_rooms_ask(trace->rooms, failure),
		.utc_offset_s = trace->utc_offset_s,
		.of_windows = is_of_windows(trace),
	};
}

static void tell_group(void *context, const struct failure_group *group)
{
	struct trace *trace = context;
	struct trace_row row =
		group->untold ?
			row_of(trace, &group->failure, trace->tick_wall_ms, group->untold) :
			row_of(trace, &group->failure, group->failure.time_ms, 1);

	trace_row_text(&row, &trace->style);
}

static bool take(void *context, const struct failure *failure)
{
	struct trace *trace = context;
	const struct failure_group *group;
	struct failure named = *failure;
	char number[FAILURE_ERROR_SIZE];
	struct trace_row row;

	if (!filter_match_failure(&trace->filter, failure))
		return true;
	trace->told++;
	if (trace->as_json || trace->saving)
		row = row_of(trace, failure, failure->time_ms, 1);
	if (trace->as_json)
		trace_failure_json(&row, &trace->json);
	if (trace->saving)
		trace_failure_json(&row, &trace->saved_json);
	if (!trace->as_json) {
		named.error = failure_error_text(number, failure);
		group = failure_groups_take(trace->groups, &named);
		if (group)
			tell_group(trace, group);
	}
	if (trace->saving && ftell(trace->saved.lines.out) > PENDING_TEXT)
		flush(trace);
	return !trace->failed && (!trace->wanted || trace->told < trace->wanted);
}

static void tell_lost(struct trace *trace, int64_t wall_ms)
{
	struct failures_counts counts = failures_counts(trace->failures);
	uint64_t lost = counts.lost, more = lost - trace->lost_told;
	struct arena arena = { 0 };

	if (lost <= trace->lost_told)
		return;
	trace->lost_told = lost;
	if (trace->as_json)
		trace_lost_json(wall_ms, more, &trace->json);
	if (trace->saving)
		trace_lost_json(wall_ms, more, &trace->saved_json);
	command_fail(0, trace_lost_sentence(&arena, more, counts.lost_are_events));
	arena_free(&arena);
}

static void tick(struct trace *trace)
{
	int64_t wall_ms = trace->tick_wall_ms = clock_now_ms();
	uint64_t rest;

	trace->tick_ms = clock_monotonic_ms();
	trace->utc_offset_s = clock_utc_offset_s(clock_now_ms());
	trace_rooms_tick(trace->rooms);
	if (!trace->as_json) {
		rest = failure_groups_tick(trace->groups, wall_ms, tell_group, trace);
		if (rest)
			trace_rest_text(wall_ms, trace->utc_offset_s, rest, &trace->style);
	}
	tell_lost(trace, wall_ms);
	flush(trace);
}

/* ---- watching ---- */

static bool is_filtered(const struct trace *trace)
{
	enum source_scope scope = trace->request.where->scope;

	return !filter_is_empty(&trace->filter) ||
	       (scope != SCOPE_REACHABLE && scope != SCOPE_ALL);
}

/* JSON is English, whatever is said beside it. */
static void save_start(struct trace *trace)
{
	const char *language = language_name();
	struct trace_start start = trace->start;
	struct error error;

	language_english();
	start.why_not_bpf = failures_why_not_bpf(trace->failures);
	trace_start_json(&start, &trace->saved_json);
	(void)language_select(language, &error);
}

static void begin(struct trace *trace)
{
	struct arena arena = { 0 };
	const char *missing;

	trace->start = (struct trace_start){
		.time_ms = clock_now_ms(),
		.source = failures_source(trace->failures),
		.why_not_bpf = failures_why_not_bpf(trace->failures),
		.slows_calls_ns = failures_slows_calls_ns(trace->failures),
		.filtered = is_filtered(trace),
		.machine = &trace->machine,
	};
	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++)
		trace->start.coverage[kind] =
			failures_coverage(trace->failures, (enum failure_kind)kind);
	missing = trace_not_covered_sentence(&arena, &trace->start);
	command_fail(0, trace_start_sentence(&arena, &trace->start));
	if (missing)
		command_fail(0, missing);
	if (trace->style.verbose)
		command_fail(0, arena_print(&arena, _("source: %s"), trace->start.source));
	if (trace->as_json)
		trace_start_json(&trace->start, &trace->json);
	else
		trace_heading_text(is_of_windows(trace), &trace->style);
	if (trace->saving)
		save_start(trace);
	arena_free(&arena);
}

static void end(struct trace *trace)
{
	struct failures_counts counts = failures_counts(trace->failures);
	struct trace_end sum = {
		.time_ms = clock_now_ms(),
		.seconds = (double)(clock_monotonic_ms() - trace->begun_ms) / 1e3,
		.failures = trace->told,
		.lost = counts.lost,
		.unclear = counts.unclear,
		.lost_are_events = counts.lost_are_events,
		.unread = counts.unread,
	};
	struct arena arena = { 0 };

	if (trace->as_json)
		trace_end_json(&sum, &trace->json);
	if (trace->saving)
		trace_end_json(&sum, &trace->saved_json);
	command_fail(0, trace_end_sentence(&arena, &sum));
	arena_free(&arena);
}

/* What has happened before the end is told, too. */
static void watch(struct trace *trace)
{
	bool last = false;

	host_identify(&trace->machine);
	trace->begun_ms = trace->tick_ms = clock_monotonic_ms();
	begin(trace);
	flush(trace);
	while (!trace->failed && !last) {
		struct error error;
		int wait = time_to_wait(trace);

		last = is_over(trace) || ending_was_asked(trace->request.ending);
		if (last)
			failures_stop(trace->failures);
		if (!has_all(trace) &&
		    failures_poll(trace->failures, last ? 0 : wait, take, trace, &error))
			fail(trace, &error);
		if (last || clock_monotonic_ms() >= trace->tick_ms + TICK_MS)
			tick(trace);
		else
			flush(trace);
	}
	end(trace);
}

static int run_watch(const struct command *command, struct trace *trace)
{
	const struct source_request *where = trace->request.where;
	struct error error;

	trace->failures = failures_open(&trace->request, &error);
	if (!trace->failures)
		return command_fail(command->failure, error.text);
	trace->saving = trace->save != NULL;
	if (trace->saving && line_file_open(&trace->saved, trace->save, &error)) {
		failures_close(trace->failures);
		return command_fail(command->failure, error.text);
	}
	trace->saved_json = (struct json){ .out = trace->saved.lines.out };
	trace->groups = failure_groups_new(LINES_A_TICK);
	trace->rooms = trace_rooms_new(where, !failures_why_not_bpf(trace->failures));
	watch(trace);
	failures_close(trace->failures);
	trace_rooms_free(trace->rooms);
	failure_groups_free(trace->groups);
	snapshot_free(&trace->machine);
	if (trace->saving && line_file_close(&trace->saved, &error))
		fail(trace, &error);
	if (trace->failed && *trace->error.text)
		command_fail(command->failure, trace->error.text);
	return trace->failed ? command->failure : 0;
}

static int run_files(const struct command *command, const struct trace *trace,
		     const struct common_options *common)
{
	const struct trace_files files = {
		.request = &common->request,
		.filter = &trace->filter,
		.senseless = trace->for_ms	  ? "for" :
			     trace->save	  ? "save" :
			     trace->size	  ? "size" :
			     trace->request.cheap ? "cheap" :
						    NULL,
		.all = trace->all,
		.wanted = trace->wanted,
		.as_json = common->json,
		.style = &trace->style,
	};

	return trace_files(command, &files);
}

/* The first of the options that say which calls are meant, or how they are told. */
static const char *find_senseless(const struct trace *trace,
				  const struct common_options *common)
{
	const struct {
		bool is_given;
		const char *name;
	} options[] = {
		{ trace->filter.pid, "pid" },
		{ trace->filter.process, "process" },
		{ trace->filter.user, "user" },
		{ trace->filter.unit, "unit" },
		{ trace->filter.container, "container" },
		{ trace->filter.local.family, "src" },
		{ trace->filter.remote.family, "dst" },
		{ trace->filter.port, "port" },
		{ trace->filter.tcp, "tcp" },
		{ trace->filter.udp, "udp" },
		{ trace->wanted, "count" },
		{ trace->all, "all" },
		{ trace->request.cheap, "cheap" },
		{ common->json, "json" },
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].is_given)
			return options[i].name;
	return NULL;
}

static int run_etl(const struct command *command, const struct trace *trace,
		   const struct common_options *common)
{
	const struct trace_etl etl = {
		.path = trace->save,
		.bytes = trace->size,
		.for_ms = trace->for_ms,
		.senseless = find_senseless(trace, common),
	};

	return trace_etl(command, &etl);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = { .request = { .scope = SCOPE_REACHABLE } };
	struct trace trace = { .json = { .out = stdout } };
	struct error error;
	int words;

	if (options_parse(command, argc, argv, &common, take_option, &trace, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (words) {
		error_set(&error, _("'%s': trace takes options only, such as --dst %s"),
			  argv[1], argv[1]);
		return command_fail(command->usage_error, error.text);
	}
	if (common.request.root)
		return command_fail(command->usage_error,
				    _("--root: trace watches the running machine"));
	trace.style = terminal_style(&common);
	if (common.request.on)
		return run_files(command, &trace, &common);
	if (trace.save && trace_etl_is_meant(trace.save))
		return run_etl(command, &trace, &common);
	if (trace.size)
		return command_fail(
			command->usage_error,
			_("--size: only an event trace has one (--save FILE.etl)"));
	if (trace.all && !failures_sees_other_reasons())
		return command_fail(command->usage_error,
				    _("--all: only a file (--on) tells of calls that fail for "
				      "another reason"));
	trace.as_json = common.json;
	trace.utc_offset_s = clock_utc_offset_s(clock_now_ms());
	trace.request.where = &common.request;
	trace.request.pid = (int32_t)trace.filter.pid;
	trace.request.all = trace.all;
	trace.request.ending = ending_catch();
	return run_watch(command, &trace);
}

static const struct option_spec options_of_trace[] = {
	FILTER_OPTIONS_WITHOUT_STATE,
	{ "all", NULL, N_("with --on: calls that failed for another reason, too") },
	{ "cheap", NULL, N_("leave out what makes calls of other programs slower") },
	{ "count", "N", N_("end after so many failing calls") },
	{ "for", "TIME", N_("end after this time: 500ms, 10s, 2m, 1h") },
	{ "save", "FILE", N_("also write every failing call to this new file, as JSON Lines"),
	  .kind = VALUE_FILE },
	{ "size", "SIZE", N_("with --save FILE.etl (Windows): keep the latest so much, 64M") },
	OPTIONS_END,
};

const struct command command_trace = {
	.name = "trace",
	.summary = N_("every call that fails for want of a port, while it happens"),
	.usage = "[FILTER...] [--for TIME] [--count N] [--save FILE]",
	.description = N_(
		"Tells each TCP or UDP call that fails because no port is left. Ctrl-C ends it. "
		"With --on: those that --save, or a trace of Windows (.etl), has recorded."),
	.reads_files = true,
	.options = options_of_trace,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
