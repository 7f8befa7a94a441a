#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/filter.h"
#include "command/since.h"
#include "command/terminal.h"
#include "diagnosis/event_groups.h"
#include "knowledge/counters.h"
#include "source/counters.h"
#include "source/log.h"
#include "source/source.h"
#include "system/clock.h"
#include "system/ending.h"
#include "system/stream.h"
#include "view/events.h"
#include "view/logged.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
enum { SHOWN = 20, TICK_MS = 1000, COLUMNS = 32, MEANINGS = 256, SOURCES = LOG_REPORTS + 1 };

struct events {
	struct common_options common;
	struct filter filter;
	int64_t now_ms, since_ms;
	uint64_t limit;
	const char *journal;
	bool follow, since_given;

	struct snapshot snapshot; /* of the counters: host, namespaces; and all gaps */
	int64_t *values; /* of the last look at the counters, by namespace and column */
	bool counted;
	const char *why_not_counted;
	struct counter_column columns[COLUMNS];
	size_t column_count;

	struct log *log;
	struct event_kind wanted; /* as what the line is recognised that log.c asks about */
	struct event_groups groups;

	/* While it follows. */
	struct view_style style;
	struct json json;
	const struct ending *ending;
	int64_t begun_ms, told_ms; /* of a clock that only goes forward */
	uint64_t told;
	const char *explained[MEANINGS];
	size_t explained_count;
	bool failed;
};

/* ---- options ---- */

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct events *events = context;
	int taken = filter_take(&events->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "since"))
		events->since_given = true;
	if (!strcmp(name, "since"))
		return since_parse(value, events->now_ms, &events->since_ms, error);
	if (!strcmp(name, "follow"))
		events->follow = true;
	else if (!strcmp(name, "journal"))
		events->journal = value;
	else if (!strcmp(value, "all"))
		events->limit = UINT64_MAX;
	else if (!text_to_number(value, UINT32_MAX, &events->limit) || !events->limit)
		return error_set(error, _("--limit '%s': give a number from 1 on, or all"),
				 value);
	return 0;
}

/* Of a file all is told that bears on ports, each kind with its first and last time; and it does not go on. */
static int check_file_options(const struct events *events, struct error *error)
{
	const char *other = events->follow	? "--follow" :
			    events->journal	? "--journal" :
			    events->since_given ? "--since" :
						  NULL;

	if (other)
		return error_set(
			error,
			_("%s: of files (--on) all is told, with the first and the last "
			  "time of each event"),
			other);
	if (!filter_is_empty(&events->filter))
		return error_set(
			error, "%s",
			_("--on: event logs do not tell which process it was; leave out "
			  "--pid, --process and --unit"));
	return 0;
}

static int check_options(const struct events *events, int words, char **argv,
			 struct error *error)
{
	if (words)
		return error_set(error, _("'%s': events takes options only"), argv[1]);
	if (events->follow && events->common.request.root)
		return error_set(error, _("--root: nothing happens in a copied /proc"));
	if (events->journal && !*events->journal)
		return error_set(error, _("--%s needs a value that is not empty"), "journal");
	return events->common.request.on ? check_file_options(events, error) : 0;
}

/* ---- counters ---- */

static void choose_columns(struct events *events)
{
	for (const struct counter *counter = counters; counter->name; counter++)
		if (events->column_count < COLUMNS)
			events->columns[events->column_count++] =
				(struct counter_column){ counter->group, counter->key };
}

static void take_counter(struct events *events, const struct netns *netns, size_t column,
			 int64_t moved, int64_t time_ms)
{
	struct event event = {
		.source = EVENT_COUNTER,
		.kind.counter = &counters[column],
		.count = (uint64_t)moved,
		.first_ms = time_ms,
		.last_ms = time_ms,
		.netns = netns->inode,
		.netns_name = netns->name,
	};

	event_groups_take(&events->groups, &event);
}

/* All that are not zero. */
static void take_counters(struct events *events)
{
	for (size_t i = 0; i < events->snapshot.namespace_count; i++)
		for (size_t j = 0; j < events->column_count; j++) {
			int64_t value = events->values[i * events->column_count + j];

			if (value > 0)
				take_counter(events, &events->snapshot.namespaces[i], j, value,
					     0);
		}
}

/* What is not looked at: another machine's logs alone were asked for, or those of a process. */
static bool wants_counters(const struct events *events)
{
	return (!events->journal || events->common.request.root) &&
	       filter_is_empty(&events->filter);
}

static int read_counters(struct events *events, struct error *error)
{
	enum source_scope scope = events->common.request.scope;

	if (events->journal && !events->common.request.root) {
		events->why_not_counted = _("--journal is read instead");
		return 0;
	}
	choose_columns(events);
	if (counters_read(&events->common.request, events->columns, events->column_count,
			  &events->snapshot, &events->values, error)) {
		if (events->common.request.root || scope == SCOPE_ONE || scope == SCOPE_HOST)
			return -1;
		events->why_not_counted = arena_copy(&events->snapshot.arena, error->text);
		snapshot_add_gap(&events->snapshot, GAP_SCOPE, -1, _("counters"), error->text,
				 NULL);
		return 0;
	}
	events->counted = wants_counters(events);
	if (events->counted)
		take_counters(events);
	else
		events->why_not_counted =
			_("a counter has no process, and processes were asked for");
	return 0;
}

static void compare(struct events *events, const struct snapshot *now, const int64_t *values)
{
	int64_t time_ms = clock_now_ms();

	for (size_t i = 0; i < now->namespace_count; i++) {
		const struct netns *netns = &now->namespaces[i];
		uint32_t before = snapshot_find_netns(&events->snapshot, netns->inode);

		for (size_t j = 0; j < events->column_count; j++) {
			int64_t value = values[i * events->column_count + j];
			int64_t old =
				before == UINT32_MAX ?
					0 :
					events->values[before * events->column_count + j];

			/* A namespace that is new has begun at zero. */
			if (value > old)
				take_counter(events, netns, j, value - (old < 0 ? 0 : old),
					     time_ms);
		}
	}
}

static void look_at_counters(struct events *events)
{
	struct snapshot now = { 0 };
	struct error error;
	int64_t *values;

	if (counters_read(&events->common.request, events->columns, events->column_count, &now,
			  &values, &error)) {
		snapshot_free(&now);
		free(values);
		return;
	}
	compare(events, &now, values);
	snapshot_free(&events->snapshot);
	free(events->values);
	events->snapshot = now;
	events->values = values;
}

/* ---- logs ---- */

static bool wants_line(void *context, enum log_origin origin, const char *text)
{
	struct events *events = context;

	if (origin == LOG_KERNEL && !filter_is_empty(&events->filter))
		return false;
	return event_recognise(origin == LOG_KERNEL ? EVENT_KERNEL : EVENT_JOURNAL, text,
			       &events->wanted);
}

/* "nf_conntrack: table full in netns 4026532211, dropping packet": net/netfilter/nf_conntrack_core.c,
 * __nf_conntrack_alloc() */
static uint64_t netns_in(const char *text)
{
	static const char words[] = " in netns ";
	const char *at = strstr(text, words);

	return at ? strtoull(at + strlen(words), NULL, 10) : 0;
}

static void take_line(void *context, const struct log_line *line)
{
	struct events *events = context;
	const struct socket_record nothing = { 0 };
	struct event event = {
		.source = line->origin == LOG_KERNEL ? EVENT_KERNEL : EVENT_JOURNAL,
		.count = 1,
		.first_ms = line->time_ms,
		.last_ms = line->time_ms,
	};

	if (!filter_match(&events->filter, line->process, &nothing) ||
	    !event_recognise(event.source, line->text, &event.kind))
		return;
	if (line->process)
		event.process = *line->process;
	else
		event.netns = netns_in(line->text);
	event_set_text(&event, line->text);
	event_groups_take(&events->groups, &event);
}

static int read_logs(struct events *events, struct error *error)
{
	struct log_request request = {
		.since_ms = events->since_ms,
		.journal = events->journal,
		.follow = events->follow,
		.wants = wants_line,
		.take = take_line,
		.context = events,
	};

	if (events->common.request.root && !events->journal) {
		snapshot_add_gap(&events->snapshot, GAP_SCOPE, -1, _("logs"),
				 _("a copied /proc has none"),
				 _("copy the journal too, and name it with --journal"));
		return 0;
	}
	events->log = log_open(&request, &events->snapshot, error);
	if (!events->log)
		return -1;
	log_read(events->log, &events->snapshot);
	return 0;
}

/* ---- telling ---- */

static void describe_sources(const struct events *events,
			     struct events_source sources[SOURCES])
{
	static const char *const names[LOG_REPORTS] = { "kmsg", "journal" };

	for (size_t i = 0; i < LOG_REPORTS; i++) {
		const struct log_report *report =
			events->log ? &log_reports(events->log)[i] : NULL;

		sources[i] = (struct events_source){ .name = names[i], .lines = -1 };
		if (!report) {
			sources[i].why_not = _("a copied /proc has none");
			continue;
		}
		sources[i].used = report->used;
		sources[i].lines = (int64_t)report->lines;
		sources[i].oldest_ms = report->oldest_ms;
		sources[i].why_not = report->why_not;
	}
	sources[LOG_REPORTS] = (struct events_source){
		.name = "counters",
		.used = events->counted,
		.lines = -1,
		.why_not = events->why_not_counted,
	};
}

/* What is left out is the oldest; of counters nothing. */
static void choose_rows(struct events *events, struct events_row *rows,
			struct events_view *view)
{
	size_t timed = 0, left_out;

	event_groups_sort(&events->groups);
	for (size_t i = 0; i < events->groups.count; i++) {
		const struct event *event = &events->groups.events[i];

		rows[i] = (struct events_row){ event, clock_utc_offset_s(event->last_ms) };
		timed += event->last_ms != 0;
	}
	left_out = timed > events->limit ? timed - (size_t)events->limit : 0;
	view->rows = rows + left_out;
	view->count = events->groups.count - left_out;
	view->more = left_out;
}

static struct events_view make_view(struct events *events, struct events_row *rows,
				    struct events_source sources[SOURCES])
{
	struct events_view view = {
		.snapshot = &events->snapshot,
		.time_ms = events->now_ms,
		.since_ms = events->since_ms,
		.since_offset_s = clock_utc_offset_s(events->since_ms),
		.rest = events->groups.rest,
		.sources = sources,
		.source_count = SOURCES,
	};

	describe_sources(events, sources);
	choose_rows(events, rows, &view);
	return view;
}

static void tell_what_was(struct events *events)
{
	struct events_source sources[SOURCES];
	struct events_row *rows = memory_zeroed(events->groups.count + 1, sizeof *rows);
	struct events_view view = make_view(events, rows, sources);

	if (!events->common.json) {
		events_text(&view, &events->style);
	} else if (!events->follow) {
		events_json(&view, stdout);
	} else {
		events_start_json(&view, &events->json);
		for (size_t i = 0; i < view.count; i++)
			events_event_json(view.rows[i].event, events->now_ms, &events->json);
	}
	for (size_t i = 0; i < view.count && events->explained_count < MEANINGS; i++)
		events->explained[events->explained_count++] =
			event_meaning(&view.rows[i].event->kind);
	free(rows);
}

/* ---- following ---- */

static bool is_explained(struct events *events, const struct event *event)
{
	const char *meaning = event_meaning(&event->kind);

	for (size_t i = 0; i < events->explained_count; i++)
		if (events->explained[i] == meaning)
			return true;
	if (events->explained_count < MEANINGS)
		events->explained[events->explained_count++] = meaning;
	return false;
}

static void tell_lost(struct events *events)
{
	uint64_t lost = log_take_lost(events->log);
	struct error sentence;
	char count[32];

	if (!lost)
		return;
	if (events->common.json)
		events_lost_json(clock_now_ms(), lost, &events->json);
	error_set(&sentence,
		  P_("%s line of the kernel's log was overwritten before it could be read",
		     "%s lines of the kernel's log were overwritten before they could be read",
		     (unsigned long)lost),
		  text_grouped(count, lost));
	(void)command_fail(0, sentence.text);
}

static void tell_new(struct events *events)
{
	int64_t time_ms = clock_now_ms();

	event_groups_sort(&events->groups);
	for (size_t i = 0; i < events->groups.count; i++) {
		const struct event *event = &events->groups.events[i];
		struct events_row row = { event, clock_utc_offset_s(event->last_ms) };

		events->told += event->count;
		if (events->common.json) {
			events_event_json(event, time_ms, &events->json);
			continue;
		}
		events_row_text(&row, &events->style);
		if (!is_explained(events, event))
			events_meaning_text(event, &events->style);
	}
	event_groups_free(&events->groups);
	tell_lost(events);
}

/* Nobody reads any more, or the disk is full: commands.c tells the latter. */
static void flush(struct events *events)
{
	if (fflush(stdout) || ferror(stdout) || stream_reader_is_gone())
		events->failed = true;
}

static void wait_for_news(struct events *events)
{
	int64_t left = events->told_ms + TICK_MS - clock_monotonic_ms();

	log_wait(events->log, events->ending, left > 0 ? (int)left : 0);
	log_read_new(events->log);
}

/* Once a second: what came meanwhile is told together, so that a flood is no flood here. */
static void follow(struct events *events)
{
	bool last = false;

	events->begun_ms = events->told_ms = clock_monotonic_ms();
	flush(events);
	while (!last && !events->failed) {
		wait_for_news(events);
		last = ending_was_asked(events->ending);
		if (!last && clock_monotonic_ms() < events->told_ms + TICK_MS)
			continue;
		events->told_ms = clock_monotonic_ms();
		if (events->counted)
			look_at_counters(events);
		tell_new(events);
		flush(events);
	}
}

/* Whoever does not read any more gets no last word. */
static void end(struct events *events)
{
	double seconds = (double)(clock_monotonic_ms() - events->begun_ms) / 1e3;
	struct arena arena = { 0 };

	if (events->common.json)
		events_end_json(clock_now_ms(), seconds, events->told, &events->json);
	(void)command_fail(0, events_end_sentence(&arena, seconds, events->told));
	arena_free(&arena);
}

/* ---- the command ---- */

static int run_events(struct events *events, const struct command *command)
{
	struct error error;

	if (read_counters(events, &error) || read_logs(events, &error))
		return command_fail(command->failure, error.text);
	tell_what_was(events);
	if (!events->follow)
		return 0;
	event_groups_free(&events->groups);
	if (!events->common.json) {
		fputc('\n', events->style.out);
		events_heading_text(&events->style);
	}
	follow(events);
	if (!events->failed)
		end(events);
	return events->failed ? command->failure : 0;
}

static int run_on_files(struct events *events, const struct command *command)
{
	struct error error;

	if (source_read(&events->common.request, &events->snapshot, &error))
		return command_fail(command->failure, error.text);
	events->style.limit = events->limit;
	if (events->common.json)
		logged_json(&events->snapshot, events->now_ms, stdout);
	else
		logged_text(&events->snapshot, &events->style);
	return 0;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct events events = {
		.common = { .request = { .scope = SCOPE_REACHABLE } },
		.limit = SHOWN,
		.now_ms = clock_now_ms(),
		.json = { .out = stdout },
	};
	struct error error;
	int words, status;

	events.since_ms = events.now_ms - DAY_MS;
	if (options_parse(command, argc, argv, &events.common, take_option, &events, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (events.common.help)
		return command_help(command), 0;
	if (check_options(&events, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	events.style = terminal_style(&events.common);
	events.ending = events.follow ? ending_catch() : NULL;
	status = events.common.request.on ? run_on_files(&events, command) :
					    run_events(&events, command);
	log_close(events.log);
	event_groups_free(&events.groups);
	snapshot_free(&events.snapshot);
	free(events.values);
	return status;
}

static const struct option_spec options_of_events[] = {
	{ "since", "TIME",
	  N_("from then on: 1h, 7d, 2026-11-28, '2026-11-28 03:00' (default 24h)") },
	{ "follow", NULL, N_("then go on and tell what happens, until Ctrl-C") },
	{ "pid", "PID", N_("only this process"), .kind = VALUE_PID },
	{ "process", "NAME", N_("only processes of this name"), .kind = VALUE_PROCESS },
	{ "unit", "UNIT", N_("only this systemd unit") },
	{ "journal", "DIR", N_("read journal files in DIR instead of this machine's logs"),
	  .kind = VALUE_FOLDER },
	{ "limit", "N",
	  N_("kinds of events shown, the latest: a number (default 20) or all") },
	OPTIONS_END,
};

const struct command command_events = {
	.name = "events",
	.summary = N_("what the kernel, the journal and counters have noted of it"),
	.usage = "[--since TIME] [--follow] | --on FILE...",
	.description = N_(
		"Tells lines of the kernel's log that bear on ports, lines of programs in the "
		"journal that report port errors, and counters of refusals that are not zero, with "
		"the meaning of each. Linux notes nothing when ephemeral ports run out. With --on "
		"the same of event logs of Windows: 4227, 4231, 4266 and what goes with them."),
	.options = options_of_events,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
