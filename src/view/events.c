#include "view/events.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/event.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- rows ---- */

enum { CELLS = 8, MEANING_COLUMN = 21 };

static const struct layout_column columns[CELLS] = {
	{ .width = 19 }, { .width = 6, .right = true },
	{ .width = 10 }, { .width = 6 },
	{ .width = 18 }, { .width = 15 },
	{ .width = 20 }, { 0 },
};

void events_heading_text(const struct view_style *style)
{
	static const char *const headings[CELLS] = { "TIME", "COUNT",	"SINCE", "PORTS?",
						     "WHAT", "PROCESS", "UNIT",	 "TEXT" };

	layout_row(style, columns, headings, CELLS);
}

/* "2026-11-28 14:03:59" */
static const char *print_moment(char buffer[32], int64_t time_ms, int utc_offset_s)
{
	view_time(buffer, time_ms + (int64_t)utc_offset_s * 1000);
	buffer[strlen("2026-11-28")] = ' ';
	buffer[strlen("2026-11-28 14:03:59")] = '\0';
	return buffer;
}

/* On the same day the time is enough, on another the date. */
static const char *print_first(char buffer[32], const struct events_row *row)
{
	const struct event *event = row->event;
	char last[32];

	if (event->first_ms == event->last_ms)
		return "-";
	print_moment(last, event->last_ms, row->utc_offset_s);
	print_moment(buffer, event->first_ms, row->utc_offset_s);
	if (!strncmp(buffer, last, strlen("2026-11-28")))
		return buffer + strlen("2026-11-28 ");
	buffer[strlen("2026-11-28")] = '\0';
	return buffer;
}

static const char *exhaustion_word(enum exhaustion exhaustion)
{
	switch (exhaustion) {
	case EXHAUSTION_LIKELY:
		return _("likely");
	case EXHAUSTION_MAYBE:
		return _("maybe");
	default:
		return _("no");
	}
}

static const char *print_process(struct arena *arena, const struct event *event)
{
	const struct process *process = &event->process;

	if (event->source != EVENT_JOURNAL)
		return event->netns_name ? arena_print(arena, "netns %s", event->netns_name) :
		       event->netns	 ? arena_print(arena, "netns %" PRIu64, event->netns) :
					   "kernel";
	if (!process->name)
		return process->pid ? arena_print(arena, "%d", process->pid) : "-";
	return process->pid ? arena_print(arena, "%.40s,%d", process->name, process->pid) :
			      arena_print(arena, "%.40s", process->name);
}

static const char *print_unit(const struct process *process)
{
	return process->container ? process->container : process->unit ? process->unit : "";
}

/* Whoever fills a log may write a line without end; its beginning tells enough, and JSON has more. */
static const char *print_text(struct arena *arena, const char *text)
{
	enum { MOST = 200 };
	size_t length = 0;

	while (length < MOST && text[length]) {
		size_t glyph = text_utf8_length(text + length);

		length += glyph ? glyph : 1;
	}
	if (!text[length])
		return text;
	return arena_print(arena, "%s...", arena_copy_length(arena, text, length));
}

void events_row_text(const struct events_row *row, const struct view_style *style)
{
	const struct event *event = row->event;
	struct arena arena = { 0 };
	char last[32], first[32], count[32];
	const char *cells[CELLS] = {
		event->last_ms ? print_moment(last, event->last_ms, row->utc_offset_s) : "-",
		text_grouped(count, event->count),
		event->last_ms ? print_first(first, row) : "-",
		exhaustion_word(event_exhaustion(&event->kind)),
		event_name(&event->kind),
		print_process(&arena, event),
		print_unit(&event->process),
		print_text(&arena, event->text),
	};

	layout_row(style, columns, cells, CELLS);
	arena_free(&arena);
}

void events_meaning_text(const struct event *event, const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *command = event_command(&arena, event);

	layout_item(style, event_name(&event->kind), MEANING_COLUMN,
		    _(event_meaning(&event->kind)), NULL);
	if (command)
		layout_item(style, "", MEANING_COLUMN,
			    arena_print(&arena, _("ask: %s"), command), NULL);
	arena_free(&arena);
}

/* ---- the whole ---- */

static void write_sum(const struct events_view *view, struct arena *arena,
		      const struct view_style *style)
{
	char since[32], count[32];
	unsigned likely = 0, maybe = 0;
	const char *text;

	print_moment(since, view->since_ms, view->since_offset_s);
	for (size_t i = 0; i < view->count; i++) {
		likely += event_exhaustion(&view->rows[i].event->kind) == EXHAUSTION_LIKELY;
		maybe += event_exhaustion(&view->rows[i].event->kind) == EXHAUSTION_MAYBE;
	}
	if (!view->count)
		text = arena_print(arena, _("nothing was noted since %s that bears on ports"),
				   since);
	else
		text = arena_print(arena,
				   P_("%s kind of event since %s",
				      "%s kinds of events since %s",
				      (unsigned long)(view->count + view->more)),
				   text_grouped(count, view->count + view->more), since);
	if (likely)
		text = arena_print(arena,
				   P_("%s; %u of them most likely means that no port was free",
				      "%s; %u of them most likely mean that no port was free",
				      likely),
				   text, likely);
	else if (maybe)
		text = arena_print(arena,
				   P_("%s; %u of them may mean that no port was free",
				      "%s; %u of them may mean that no port was free", maybe),
				   text, maybe);
	else if (view->count)
		text = arena_print(arena, _("%s; none says that no port was free"), text);
	layout_item(style, "", 0, text, NULL);
}

static bool was_explained(const struct events_view *view, size_t row)
{
	const char *meaning = event_meaning(&view->rows[row].event->kind);

	/* The latest is at the bottom, and its address is in the command that is told. */
	for (size_t i = row + 1; i < view->count; i++)
		if (event_meaning(&view->rows[i].event->kind) == meaning)
			return true;
	return false;
}

static void write_meanings(const struct events_view *view, const struct view_style *style)
{
	bool any_counter = false;

	fputc('\n', style->out);
	for (size_t i = 0; i < view->count; i++) {
		any_counter |= view->rows[i].event->source == EVENT_COUNTER;
		if (!was_explained(view, i))
			events_meaning_text(view->rows[i].event, style);
	}
	if (any_counter)
		layout_item(
			style, "-", MEANING_COLUMN,
			_("A counter has no time: it counts since its network namespace was "
			  "made. --follow tells when it moves."),
			NULL);
}

static void write_left_out(const struct events_view *view, struct arena *arena,
			   const struct view_style *style)
{
	char number[32];

	if (view->more)
		layout_item(style, "", 0,
			    arena_print(arena,
					P_("and %zu older kind; --limit all shows it",
					   "and %zu older kinds; --limit all shows them",
					   view->more),
					view->more),
			    NULL);
	if (view->rest)
		layout_item(
			style, "", 0,
			arena_print(arena,
				    P_("and %s event of further kinds, which are too many to "
				       "keep",
				       "and %s events of further kinds, which are too many "
				       "to keep",
				       (unsigned long)view->rest),
				    text_grouped(number, view->rest)),
			NULL);
}

static void write_sources(const struct events_view *view, struct arena *arena,
			  const struct view_style *style)
{
	enum { TEXT_COLUMN = 21 };
	char number[32];

	for (size_t i = 0; style->verbose && i < view->source_count; i++) {
		const struct events_source *source = &view->sources[i];
		const char *text =
			source->used ? _("used") :
				       arena_print(arena, _("not used: %s"), source->why_not);

		if (source->used && source->lines >= 0)
			text = arena_print(arena,
					   P_("%s line was looked at",
					      "%s lines were looked at",
					      (unsigned long)source->lines),
					   text_grouped(number, (uint64_t)source->lines));
		layout_item(style, arena_print(arena, _("source    %-10s"), source->name),
			    TEXT_COLUMN, text, NULL);
	}
}

void events_text(const struct events_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_sum(view, &arena, style);
	if (view->count) {
		fputc('\n', style->out);
		events_heading_text(style);
		for (size_t i = 0; i < view->count; i++)
			events_row_text(&view->rows[i], style);
		write_left_out(view, &arena, style);
		write_meanings(view, style);
		fputc('\n', style->out);
	}
	view_text_gaps(view->snapshot, style);
	write_sources(view, &arena, style);
	layout_item(
		style, "", 0,
		_("Linux notes nothing when ephemeral ports run out: no event is no proof of "
		  "health. portroom trace tells each call that fails, while it happens."),
		NULL);
	arena_free(&arena);
}

const char *events_end_sentence(struct arena *arena, double seconds, uint64_t events)
{
	char count[32];

	return arena_print(arena,
			   P_("watched for %.1f s: %s event", "watched for %.1f s: %s events",
			      (unsigned long)events),
			   seconds, text_grouped(count, events));
}

/* ---- JSON ---- */

static void write_event(struct json *json, const struct event *event)
{
	const struct process *process = &event->process;
	struct arena arena = { 0 };
	char id[24];

	json_text(json, "source", event_source_name(event->source));
	json_text(json, "name", event_name(&event->kind));
	json_text(json, "exhaustion", exhaustion_name(event_exhaustion(&event->kind)));
	json_number(json, "count", (int64_t)event->count);
	view_json_time(json, "first", event->first_ms);
	view_json_time(json, "last", event->last_ms);
	snprintf(id, sizeof id, "%" PRIu64, event->netns);
	json_text(json, "namespace", event->netns ? id : NULL);
	json_text(json, "namespace_name", event->netns_name);
	json_text(json, "process", process->name);
	json_known(json, "pid", process->pid ? process->pid : -1);
	json_known(json, "user_id", event->source == EVENT_JOURNAL ? process->user : -1);
	json_text(json, "unit", process->unit);
	json_text(json, "container", process->container);
	json_text(json, "message", *event->text ? event->text : NULL);
	json_text(json, "meaning", event_meaning(&event->kind));
	json_text(json, "command", event_command(&arena, event));
	arena_free(&arena);
}

static void write_about(struct json *json, const struct events_view *view)
{
	view_json_host(json, view->snapshot);
	view_json_time(json, "since", view->since_ms);
}

static void write_gaps(struct json *json, const struct events_view *view)
{
	json_array(json, "gaps");
	for (size_t i = 0; i < view->snapshot->gap_count; i++) {
		const struct gap *gap = &view->snapshot->gaps[i];

		json_row(json, NULL);
		json_text(json, "what", gap->what);
		json_text(json, "why", gap->why);
		json_text(json, "remedy", gap->remedy);
		json_end_object(json);
	}
	json_end_array(json);
	json_array(json, "sources");
	for (size_t i = 0; i < view->source_count; i++) {
		const struct events_source *source = &view->sources[i];

		json_row(json, NULL);
		json_text(json, "name", source->name);
		json_bool(json, "used", source->used);
		json_known(json, "lines", source->used ? source->lines : -1);
		view_json_time(json, "oldest", source->oldest_ms);
		json_text(json, "why_not", source->used ? NULL : source->why_not);
		json_end_object(json);
	}
	json_end_array(json);
}

void events_json(const struct events_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.events/1");
	view_json_time(&json, "time", view->time_ms);
	write_about(&json, view);
	json_array(&json, "events");
	for (size_t i = 0; i < view->count; i++) {
		json_object(&json, NULL);
		write_event(&json, view->rows[i].event);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_number(&json, "events_left_out", (int64_t)view->more);
	json_number(&json, "events_not_kept", (int64_t)view->rest);
	write_gaps(&json, view);
	json_end_object(&json);
}

/* ---- JSON Lines ---- */

static void begin_line(struct json *json, const char *line, int64_t time_ms)
{
	json_row(json, NULL);
	json_text(json, "line", line);
	view_json_time(json, "time", time_ms);
}

void events_start_json(const struct events_view *view, struct json *json)
{
	begin_line(json, "start", view->time_ms);
	json_text(json, "schema", "portroom.events/1");
	write_about(json, view);
	write_gaps(json, view);
	json_end_object(json);
}

void events_event_json(const struct event *event, int64_t time_ms, struct json *json)
{
	begin_line(json, "event", time_ms);
	write_event(json, event);
	json_end_object(json);
}

void events_lost_json(int64_t time_ms, uint64_t lost, struct json *json)
{
	begin_line(json, "lost", time_ms);
	json_number(json, "count", (int64_t)lost);
	json_end_object(json);
}

void events_end_json(int64_t time_ms, double seconds, uint64_t events, struct json *json)
{
	begin_line(json, "end", time_ms);
	json_ratio(json, "seconds", seconds);
	json_number(json, "events", (int64_t)events);
	json_end_object(json);
}
