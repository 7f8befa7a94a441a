#include "view/lab.h"

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "view/layout.h"

#include <stdlib.h>

/* Labels as check has them, and beside the verdict's one its word. */
enum { LABEL_COLUMNS = 11, VERDICT_COLUMNS = LABEL_COLUMNS + 10 };

/* ---- text ---- */

void lab_list_text(const struct lab_entry *entries, size_t count,
		   const struct view_style *style)
{
	static const struct layout_column columns[] = { { 16 }, { 5, .right = true }, { 40 } };
	struct arena arena = { 0 };

	for (size_t i = 0; i < count; i++) {
		const char *cells[] = {
			entries[i].name,
			arena_print(&arena, "%u s", entries[i].seconds),
			entries[i].summary,
		};

		layout_row(style, columns, cells, sizeof cells / sizeof cells[0]);
	}
	arena_free(&arena);
}

void lab_place_text(struct port_range range, const struct view_style *style)
{
	struct arena arena = { 0 };

	layout_item(style, "", 0,
		    arena_print(&arena,
				_("A rehearsal in a network namespace of its own, with the "
				  "ports %u-%u; nothing outside of it is touched."),
				range.first, range.last),
		    NULL);
	fputc('\n', style->out);
	arena_free(&arena);
}

static const char *call_text(struct arena *arena, const struct lab_call *call)
{
	const char *text = arena_print(arena, "%s(%s)", call->call, call->to ? call->to : "");

	if (!call->error_name)
		return text;
	return arena_print(arena, _("%s fails: %s, %s"), text, call->error_name,
			   call->error_text);
}

static void write_item(const struct view_style *style, const char *label, const char *text)
{
	layout_item(style, label, LABEL_COLUMNS, text, NULL);
}

/* Of the worst finding; NULL: there is none, or it means nobody. */
static const struct process *find_culprit(const struct diagnosis *diagnosis, bool *likely)
{
	int64_t process =
		diagnosis->finding_count ? finding_suspect(diagnosis->findings, likely) : -1;

	return process < 0 ? NULL : &diagnosis->snapshot->processes[process];
}

static void write_culprit(const struct diagnosis *diagnosis, struct arena *arena,
			  const struct view_style *style)
{
	bool likely = false;
	const struct process *process = find_culprit(diagnosis, &likely);

	if (!process)
		return;
	layout_item(style, "", VERDICT_COLUMNS,
		    arena_print(arena,
				likely ? _("culprit: likely %s, pid %d") :
					 _("culprit: %s, pid %d"),
				process->name ? process->name : "?", process->pid),
		    NULL);
}

/* As check would say it, or what it begins with. */
static void write_verdict(const char *label, const struct diagnosis *diagnosis,
			  struct arena *arena, const struct view_style *style)
{
	unsigned used = text_width(label);

	if (style->verbose) {
		write_item(style, label, "portroom check --netns own:");
		check_text(diagnosis, style);
		return;
	}
	layout_write(style, label);
	fprintf(style->out, "%*s", used < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - used) : 1, "");
	used = used < LABEL_COLUMNS ? LABEL_COLUMNS : used + 1;
	used += view_text_severity(style, (int)diagnosis->verdict);
	layout_paragraph(style, used, VERDICT_COLUMNS, diagnosis->headline);
	write_culprit(diagnosis, arena, style);
}

static const char *room_words(struct arena *arena, const struct capacity *room)
{
	if (!room->known)
		return _("not known");
	if (room->room_min == room->room_max)
		return arena_print(arena, "%u", room->room_min);
	return arena_print(arena, _("%u to %u"), room->room_min, room->room_max);
}

static void write_room(const struct lab_story *story, struct arena *arena,
		       const struct view_style *style)
{
	const char *before = room_words(arena, &story->before.room);
	const char *after = room_words(arena, &story->after.room);
	const char *text = arena_print(arena, _("room %s -> %s"), before, after);

	text = arena_print(
		arena,
		P_("%s; tried: %u call succeeds", "%s; tried: %u calls succeed", story->calls),
		text, story->calls);
	if (story->first)
		text = arena_print(arena, _("%s, the first from %s"), text, story->first);
	write_item(style, "", text);
}

void lab_before_text(const struct lab_story *story, const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *made = story->made;

	if (story->done)
		made = arena_print(&arena,
				   P_("lab-program, pid %d: %s; %u time",
				      "lab-program, pid %d: %s; %u times", story->done),
				   story->program, made, story->done);
	layout_item(style, "", 0,
		    arena_print(&arena, _("%s: %s"), story->name, story->summary), NULL);
	write_item(style, _("  made"), made);
	write_item(style, _("  sees"), call_text(&arena, &story->sees));
	write_verdict(_("  verdict"), story->before.diagnosis, &arena, style);
	arena_free(&arena);
}

void lab_after_text(const struct lab_story *story, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_item(style, _("  cure"), story->cure);
	if (story->command) {
		layout_command(style, LABEL_COLUMNS, story->command);
		write_item(style, "",
			   _("(done in here; elsewhere numbers and pids are others)"));
	}
	write_verdict(_("  then"), story->after.diagnosis, &arena, style);
	write_room(story, &arena, style);
	write_item(style, _("  result"),
		   story->unexpected ?
			   arena_print(&arena, _("not as expected: %s"), story->unexpected) :
			   arena_print(&arena, _("as expected, in %.2f s"), story->seconds));
	arena_free(&arena);
}

/* ---- JSON ---- */

static void write_entry(struct json *json, const struct lab_entry *entry)
{
	json_row(json, NULL);
	json_text(json, "name", entry->name);
	json_text(json, "summary", entry->summary);
	json_number(json, "seconds", entry->seconds);
	json_end_object(json);
}

void lab_list_json(const struct lab_entry *entries, size_t count, FILE *out)
{
	struct json json = { .out = out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.lab_list/1");
	json_array(&json, "rehearsals");
	for (size_t i = 0; i < count; i++)
		write_entry(&json, &entries[i]);
	json_end_array(&json);
	json_end_object(&json);
}

void lab_begin_json(struct json *json, int64_t time_ms, struct port_range range)
{
	char time[32];

	json_object(json, NULL);
	json_text(json, "schema", "portroom.lab/1");
	json_text(json, "time", view_time(time, time_ms));
	json_row(json, "range");
	json_number(json, "first", range.first);
	json_number(json, "last", range.last);
	json_end_object(json);
	json_array(json, "rehearsals");
}

static void write_call_json(struct json *json, const char *key, const struct lab_call *call)
{
	json_row(json, key);
	json_text(json, "call", call->call);
	json_text(json, "to", call->to);
	json_text(json, "errno", call->error_name);
	json_end_object(json);
}

static void write_reading_json(struct json *json, const char *key,
			       const struct lab_reading *reading)
{
	const struct diagnosis *diagnosis = reading->diagnosis;
	const struct finding *finding = diagnosis->finding_count ? diagnosis->findings : NULL;
	bool known = reading->room.known, likely;

	json_object(json, key);
	json_text(json, "verdict", severity_name(diagnosis->verdict));
	json_text(json, "headline", diagnosis->headline);
	json_text(json, "rule", finding ? finding->rule : NULL);
	view_json_pid(json, "culprit", find_culprit(diagnosis, &likely));
	json_known(json, "room_min", known ? (int64_t)reading->room.room_min : -1);
	json_known(json, "room_max", known ? (int64_t)reading->room.room_max : -1);
	json_end_object(json);
}

void lab_story_json(struct json *json, const struct lab_story *story)
{
	json_object(json, NULL);
	json_text(json, "name", story->name);
	json_text(json, "summary", story->summary);
	json_text(json, "made", story->made);
	json_known(json, "times", story->done ? (int64_t)story->done : -1);
	json_known(json, "program", story->done ? story->program : -1);
	write_call_json(json, "sees", &story->sees);
	write_reading_json(json, "before", &story->before);
	json_text(json, "cure", story->cure);
	json_text(json, "command", story->command);
	write_reading_json(json, "after", &story->after);
	json_number(json, "calls", story->calls);
	json_text(json, "first", story->first);
	write_call_json(json, "then", &story->end);
	json_bool(json, "as_expected", !story->unexpected);
	json_text(json, "unexpected", story->unexpected);
	json_ratio(json, "seconds", story->seconds);
	json_end_object(json);
}

void lab_end_json(struct json *json)
{
	json_end_array(json);
	json_end_object(json);
}
