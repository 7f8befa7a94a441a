#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/events.h"
#include "command/events_follow.h"
#include "command/linux/events_counters.h"
#include "command/terminal.h"
#include "diagnosis/event_groups.h"
#include "source/log.h"
#include "source/source.h"
#include "system/clock.h"
#include "system/ending.h"
#include "view/events.h"

#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 1000, SOURCES = LOG_REPORTS + 1 };

struct events {
	const struct events_request *request;
	struct events_counters counters; /* with the snapshot, which has all gaps */
	struct log *log;
	struct event_kind wanted; /* as what the line is recognised that log.c asks about */
	struct event_groups groups;

	/* While it follows. */
	struct view_style style;
	struct events_follow follow;
	const struct ending *ending;
	int64_t told_ms; /* of a clock that only goes forward */
};

int events_check_machine(const struct events_request *request, struct error *error)
{
	if (request->follow && request->common.request.root)
		return error_set(error, _("--root: nothing happens in a copied /proc"));
	if (request->journal && !*request->journal)
		return error_set(error, _("--%s needs a value that is not empty"), "journal");
	return 0;
}

/* ---- logs ---- */

static bool wants_line(void *context, enum log_origin origin, const char *text)
{
	struct events *events = context;

	if (origin == LOG_KERNEL && !filter_is_empty(&events->request->filter))
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

	if (!filter_match(&events->request->filter, line->process, &nothing) ||
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
		.since_ms = events->request->since_ms,
		.journal = events->request->journal,
		.follow = events->request->follow,
		.wants = wants_line,
		.take = take_line,
		.context = events,
	};

	if (events->request->common.request.root && !events->request->journal) {
		snapshot_add_gap(&events->counters.snapshot, GAP_SCOPE, -1, _("logs"),
				 _("a copied /proc has none"),
				 _("copy the journal too, and name it with --journal"));
		return 0;
	}
	events->log = log_open(&request, &events->counters.snapshot, error);
	if (!events->log)
		return -1;
	log_read(events->log, &events->counters.snapshot);
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
		.used = events->counters.counted,
		.lines = -1,
		.why_not = events->counters.why_not,
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
	left_out = timed > events->request->limit ? timed - (size_t)events->request->limit : 0;
	view->rows = rows + left_out;
	view->count = events->groups.count - left_out;
	view->more = left_out;
}

static struct events_view make_view(struct events *events, struct events_row *rows,
				    struct events_source sources[SOURCES])
{
	struct events_view view = {
		.snapshot = &events->counters.snapshot,
		.time_ms = events->request->now_ms,
		.since_ms = events->request->since_ms,
		.since_offset_s = clock_utc_offset_s(events->request->since_ms),
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

	if (!events->request->common.json) {
		events_text(&view, &events->style);
	} else if (!events->request->follow) {
		events_json(&view, stdout);
	} else {
		events_start_json(&view, &events->follow.json);
		for (size_t i = 0; i < view.count; i++)
			events_event_json(view.rows[i].event, events->request->now_ms,
					  &events->follow.json);
	}
	for (size_t i = 0; i < view.count; i++)
		(void)events_follow_explains(&events->follow,
					     event_meaning(&view.rows[i].event->kind));
	free(rows);
}

/* ---- following ---- */

static void tell_lost(struct events *events)
{
	uint64_t lost = log_take_lost(events->log);
	struct error sentence;
	char count[32];

	if (!lost)
		return;
	if (events->request->common.json)
		events_lost_json(clock_now_ms(), lost, &events->follow.json);
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

		events->follow.told += event->count;
		if (events->request->common.json) {
			events_event_json(event, time_ms, &events->follow.json);
			continue;
		}
		events_row_text(&row, &events->style);
		if (events_follow_explains(&events->follow, event_meaning(&event->kind)))
			events_meaning_text(event, &events->style);
	}
	event_groups_free(&events->groups);
	tell_lost(events);
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

	events_follow_begin(&events->follow);
	events->told_ms = events->follow.begun_ms;
	events_follow_flush(&events->follow);
	while (!last && !events->follow.failed) {
		wait_for_news(events);
		last = ending_was_asked(events->ending);
		if (!last && clock_monotonic_ms() < events->told_ms + TICK_MS)
			continue;
		events->told_ms = clock_monotonic_ms();
		if (events->counters.counted)
			events_counters_look(&events->counters);
		tell_new(events);
		events_follow_flush(&events->follow);
	}
}

/* ---- the command ---- */

static int run_events(struct events *events, const struct command *command)
{
	struct error error;

	if (events_counters_read(&events->counters, &error) || read_logs(events, &error))
		return command_fail(command->failure, error.text);
	tell_what_was(events);
	if (!events->request->follow)
		return 0;
	event_groups_free(&events->groups);
	if (!events->request->common.json) {
		fputc('\n', events->style.out);
		events_heading_text(&events->style);
	}
	follow(events);
	return events_follow_end(&events->follow, command);
}

int events_of_machine(const struct events_request *request, const struct command *command)
{
	struct events events = {
		.request = request,
		.counters = { .request = request, .groups = &events.groups },
		.style = terminal_style(&request->common),
		.follow = { .request = request, .json = { .out = stdout } },
		.ending = request->follow ? ending_catch() : NULL,
	};
	int status = run_events(&events, command);

	log_close(events.log);
	event_groups_free(&events.groups);
	events_counters_free(&events.counters);
	return status;
}

static const struct option_spec options_of_events[] = {
	EVENTS_SINCE_OPTION,
	EVENTS_FOLLOW_OPTION,
	{ "pid", "PID", N_("only this process"), .kind = VALUE_PID },
	{ "process", "NAME", N_("only processes of this name"), .kind = VALUE_PROCESS },
	{ "unit", "UNIT", N_("only this systemd unit") },
	{ "journal", "DIR", N_("read journal files in DIR instead of this machine's logs"),
	  .kind = VALUE_FOLDER },
	EVENTS_LIMIT_OPTION,
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
	.run = events_run,
};
