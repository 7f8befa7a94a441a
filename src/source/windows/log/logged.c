#include "source/windows/log/logged.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/event.h"
#include "source/windows/log/channel.h"
#include "source/windows/log/wevtapi.h"
#include "system/clock.h"

#include <stdlib.h>

/* What asks the same service takes milliseconds; where it hangs a verdict is given without it. */
enum { PATIENCE_MS = 3000 };

static const char channel[] = "System", file_name[] = "System log", part[] = "event_log";

struct logging {
	const struct logged_request *request;
	struct snapshot *snapshot;
	struct dossier dossier;
	struct event_tally tally;
	struct source_report report;
};

/* ---- what could not be read ---- */

static void miss(struct logging *logging, const char *why, const char *remedy)
{
	struct snapshot *snapshot = logging->snapshot;

	logging->report.why_not = arena_copy(&snapshot->arena, why);
	dossier_refuse(&logging->dossier, why);
	snapshot_add_gap(snapshot, GAP_SCOPE, -1, _("the log System"), why, remedy);
}

/* It was read from the newest on: what is older than this was not looked at. */
static int64_t looked_from(const struct logging *logging,
			   const struct channel_reading *reading)
{
	if (reading->answer.end == QUERY_WHOLE)
		return logging->request->since_ms;
	return reading->count ? reading->records[reading->count - 1].time_ms :
				reading->last.time_ms;
}

static const char *why_partly(struct logging *logging, const struct channel_reading *reading)
{
	struct arena *arena = &logging->snapshot->arena;
	char count[32];

	if (reading->answer.end == QUERY_MOST)
		return arena_print(arena, _("only its latest %s events were looked at"),
				   text_grouped(count, reading->count));
	return arena_print(arena, _("only its latest %s events were looked at: %s"),
			   text_grouped(count, reading->count),
			   event_query_why(&reading->answer, false));
}

static void tell_rest(struct logging *logging, const struct channel_reading *reading)
{
	const char *why;
	char count[32];

	if (reading->answer.end != QUERY_WHOLE) {
		why = why_partly(logging, reading);
		dossier_note(&logging->dossier, "%s", why);
		snapshot_add_gap(logging->snapshot, GAP_SCOPE, -1,
				 _("older events of the log System"), why, NULL);
	}
	if (reading->answer.unread) {
		why = arena_print(&logging->snapshot->arena,
				  _("%s of its records could not be read"),
				  text_grouped(count, reading->answer.unread));
		dossier_note(&logging->dossier, "%s", why);
		snapshot_add_gap(logging->snapshot, GAP_SCOPE, -1,
				 _("some events of the log System"), why, NULL);
	}
}

/* ---- what was read ---- */

/* Of the log as a whole: what was asked for are some of its records, and those that are not among them are no holes. */
static void describe_log(struct logging *logging, const struct channel_reading *reading)
{
	const struct channel_mark *first = &reading->first, *last = &reading->last;
	struct logged_log *log = dossier_add_log(&logging->dossier, channel);

	log->excerpt = false;
	log->missing = reading->answer.unread; /* what could not be read may have been any */
	log->looked_from_ms = looked_from(logging, reading);
	if (first->time_ms && last->time_ms) {
		log->oldest_ms = first->time_ms;
		log->newest_ms = last->time_ms;
	}
	if (first->number && last->number >= first->number)
		log->records = last->number - first->number + 1;
}

static void take(struct logging *logging, const struct channel_reading *reading)
{
	for (size_t i = reading->count; i--;) /* of one millisecond the later is the latest */
		event_tally_take(&logging->tally, &reading->records[i]);
	event_tally_end(&logging->tally);
	describe_log(logging, reading);
	dossier_used_for(&logging->dossier, N_("events"));
	tell_rest(logging, reading);
	logging->report.used = true;
}

static bool is_refused(const struct channel_reading *reading)
{
	enum event_query_end end = reading->answer.end;

	return end == QUERY_REFUSED ||
	       ((end == QUERY_FAILED || end == QUERY_LATE) && !reading->count);
}

static struct channel_mark read_channel(struct logging *logging,
					const struct wevtapi_route *route)
{
	const struct channel_request request = {
		.channel = channel,
		.since_ms = logging->request->since_ms,
		.after = logging->request->after,
		.patience_ms = logging->request->patience_ms,
	};
	struct channel_reading *reading = channel_read(route, &request);
	struct channel_mark last = { 0 };

	if (!reading->answered) {
		miss(logging, _("the service Windows Event Log does not answer in time"),
		     NULL);
	} else if (is_refused(reading)) {
		miss(logging, event_query_why(&reading->answer, false),
		     event_query_remedy(&reading->answer, false));
	} else {
		take(logging, reading);
		last = reading->last;
		/* What came after the ends were looked at is told already. */
		for (size_t i = 0; i < reading->count; i++)
			if (reading->records[i].number > last.number)
				last = (struct channel_mark){ reading->records[i].number,
							      reading->records[i].time_ms };
	}
	channel_reading_free(reading);
	return last;
}

struct channel_mark logged_take(const struct wevtapi_route *route,
				const struct logged_request *request,
				struct snapshot *snapshot)
{
	struct logging *logging = memory_zeroed(1, sizeof *logging);
	double began_s = clock_monotonic_s();
	struct channel_mark last = { 0 };

	logging->request = request;
	logging->snapshot = snapshot;
	logging->tally.dossier = &logging->dossier;
	logging->report = (struct source_report){ .name = "wevtapi", .sockets = -1 };
	snapshot->evidence.own = true;
	dossier_init(&logging->dossier, snapshot);
	dossier_open(&logging->dossier, file_name, 0);
	dossier_name_part(&logging->dossier, part);
	if (route)
		last = read_channel(logging, route);
	else
		miss(logging, _("this Windows does not have it"), NULL);
	logging->report.milliseconds = (clock_monotonic_s() - began_s) * 1e3;
	snapshot_add_source(snapshot, &logging->report);
	dossier_close(&logging->dossier);
	dossier_free(&logging->dossier);
	free(logging);
	return last;
}

struct channel_mark logged_ask(const struct logged_request *request, struct snapshot *snapshot)
{
	struct wevtapi_route route;

	return logged_take(wevtapi_find(&route) ? &route : NULL, request, snapshot);
}

void logged_read(struct snapshot *snapshot, int64_t since_ms)
{
	logged_ask(&(const struct logged_request){ .since_ms = since_ms,
						   .patience_ms = PATIENCE_MS },
		   snapshot);
}
