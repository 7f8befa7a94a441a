#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "command/command.h"
#include "command/events.h"
#include "command/events_follow.h"
#include "command/terminal.h"
#include "diagnosis/logged.h"
#include "snapshot/snapshot.h"
#include "source/windows/host.h"
#include "source/windows/log/logged.h"
#include "source/windows/refuse.h"
#include "system/clock.h"
#include "system/ending.h"
#include "view/events.h"
#include "view/logged.h"

#include <stdlib.h>
#include <windows.h>

/*
 * What is new is asked for once a second, by the last record that is known: one question, which is answered with one record
 * where nothing is new. A subscription would save that, and be a second way to read the log, with failures of its own, which of
 * records that it missed tells only when it is told to be strict (learn.microsoft.com, EVT_SUBSCRIBE_FLAGS). A log that is
 * cleared may begin to count anew; then all that it has is new.
 */
enum { TICK_MS = 1000, PATIENCE_MS = 10000, LAST_PATIENCE_MS = 500 };

struct events {
	const struct events_request *request;
	struct snapshot snapshot;
	struct view_style style;
	struct channel_mark last; /* the last record that was looked at */
	int64_t began_ms;	  /* while there is no such: what came since then is new */

	/* While it follows. */
	struct events_follow follow;
	const struct ending *ending;
	struct error missed; /* what was said of it the last time */
};

int events_check_machine(const struct events_request *request, struct error *error)
{
	if (request->journal)
		return error_set(error, "%s",
				 _("--journal: Windows has none; a log that was saved as a "
				   "file is read by --on FILE.evtx"));
	if (!filter_is_empty(&request->filter))
		return error_set(
			error, "%s",
			_("event logs do not tell which process it was; leave out --pid, "
			  "--process and --unit"));
	return refuse_request(&request->common.request, error);
}

/* ---- telling ---- */

static bool is_read(const struct snapshot *snapshot)
{
	return snapshot->evidence.log_count;
}

static void tell_events(struct events *events, const struct snapshot *snapshot, bool is_new)
{
	const struct logged_event **sorted = logged_by_time(&snapshot->evidence);

	for (size_t i = 0; i < snapshot->evidence.event_count; i++) {
		bool explains =
			events_follow_explains(&events->follow, logged_topic(sorted[i]));

		events->follow.told += is_new ? sorted[i]->count : 0;
		if (events->request->common.json)
			logged_event_json(snapshot, sorted[i], clock_now_ms(),
					  &events->follow.json);
		else if (is_new)
			logged_event_text(snapshot, sorted[i], explains, &events->style);
	}
	free(sorted);
}

static void tell_what_was(struct events *events)
{
	const struct events_request *request = events->request;

	if (request->common.json && !request->follow) {
		logged_json(&events->snapshot, request->now_ms, stdout);
		return;
	}
	if (request->common.json)
		logged_start_json(&events->snapshot, request->now_ms, &events->follow.json);
	else
		logged_text(&events->snapshot, &events->style);
	tell_events(events, &events->snapshot, false);
}

/* ---- following ---- */

/* What of the new ones was not looked at. */
static void mind_gaps(struct events *events, const struct snapshot *now)
{
	if (now->gap_count)
		command_complain(&events->missed, now->gaps[0].why);
	else
		events->missed.text[0] = '\0';
}

static void look(struct events *events, unsigned patience_ms)
{
	const struct logged_request request = { .since_ms = events->began_ms,
						.after = events->last,
						.patience_ms = patience_ms };
	struct snapshot now = { 0 };
	struct channel_mark last = logged_ask(&request, &now);

	mind_gaps(events, &now);
	if (is_read(&now)) {
		tell_events(events, &now, true);
		events->last = last.number ? last : events->last;
	}
	snapshot_free(&now);
}

static void rest(const struct events *events)
{
	intptr_t handle = ending_handle(events->ending);

	if (handle == -1)
		Sleep(TICK_MS);
	else
		WaitForSingleObject((HANDLE)handle, TICK_MS);
}

/* What came until the end was asked for is told, too. */
static void follow(struct events *events)
{
	bool is_last = false;

	events_follow_begin(&events->follow);
	events_follow_flush(&events->follow);
	while (!is_last && !events->follow.failed) {
		rest(events);
		is_last = ending_was_asked(events->ending);
		look(events, is_last ? LAST_PATIENCE_MS : PATIENCE_MS);
		events_follow_flush(&events->follow);
	}
}

/* ---- the command ---- */

static int run(struct events *events, const struct command *command)
{
	const struct logged_request request = { .since_ms = events->request->since_ms,
						.patience_ms = PATIENCE_MS };

	events->snapshot.windows =
		arena_alloc(&events->snapshot.arena, sizeof *events->snapshot.windows);
	host_describe(&events->snapshot);
	events->began_ms = clock_now_ms();
	events->last = logged_ask(&request, &events->snapshot);
	tell_what_was(events);
	if (!events->request->follow)
		return 0;
	if (!is_read(&events->snapshot))
		return command_fail(command->failure,
				    _("--follow: there is no log that could be followed"));
	if (!events->request->common.json) {
		fputc('\n', events->style.out);
		logged_heading_text(&events->snapshot, &events->style);
	}
	follow(events);
	return events_follow_end(&events->follow, command);
}

int events_of_machine(const struct events_request *request, const struct command *command)
{
	struct events events = {
		.request = request,
		.style = terminal_style(&request->common),
		.follow = { .request = request, .json = { .out = stdout } },
		.ending = request->follow ? ending_catch() : NULL,
	};
	int status;

	events.style.limit = request->limit;
	status = run(&events, command);
	snapshot_free(&events.snapshot);
	return status;
}

static const struct option_spec options_of_events[] = {
	EVENTS_SINCE_OPTION,
	EVENTS_FOLLOW_OPTION,
	{ "pid", "PID", N_("of Linux: event logs do not tell the process"),
	  .kind = VALUE_PID },
	{ "process", "NAME", N_("of Linux"), .kind = VALUE_PROCESS },
	{ "unit", "UNIT", N_("of Linux") },
	{ "journal", "DIR", N_("of Linux: here --on FILE.evtx reads a log that was saved"),
	  .kind = VALUE_FOLDER },
	EVENTS_LIMIT_OPTION,
	OPTIONS_END,
};

const struct command command_events = {
	.name = "events",
	.summary = N_("what Windows itself has logged of it"),
	.usage = "[--since TIME] [--follow] | --on FILE...",
	.description = N_(
		"Tells events of the log System that bear on ports (4227, 4231, 4266 and what "
		"goes with them: domain controllers, Group Policy, DNS that were not reached), with "
		"the meaning of each, and how far the log reaches. After the first ones Windows may "
		"log no more: a silent log is no proof of health. With --on the same of files."),
	.options = options_of_events,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = events_run,
};
