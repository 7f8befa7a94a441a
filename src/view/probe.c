#include "view/probe.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "snapshot/process.h"
#include "view/layout.h"

#include <string.h>

enum { DETAIL_COLUMNS = 10 };

/* "0.4 ms", "5 s" */
static const char *print_time(struct arena *arena, double milliseconds)
{
	if (milliseconds >= 1000)
		return arena_print(arena, "%.1f s", milliseconds / 1000);
	return arena_print(arena, milliseconds < 10 ? "%.1f ms" : "%.0f ms", milliseconds);
}

static const char *print_target(struct arena *arena, const struct probe_row *row)
{
	const char *protocol = strcmp(row->protocol, "udp") ? "" : "udp ";

	if (!row->endpoint || !strcmp(row->endpoint, row->target))
		return arena_print(arena, "%s%s", protocol, row->target);
	return arena_print(arena, "%s%s (%s)", protocol, row->target, row->endpoint);
}

static const char *print_outcome(struct arena *arena, const struct probe_row *row)
{
	if (row->of > 1)
		return arena_print(arena, _("%s, %u of %u"), row->title, row->count, row->of);
	return row->title;
}

static void write_row(const struct probe_row *row, struct arena *arena,
		      const struct view_style *style)
{
	static const struct layout_column columns[] = {
		{ 28 },
		{ 16 },
		{ 7, .right = true },
		{ 24 },
	};
	const char *cells[] = {
		print_target(arena, row),
		print_outcome(arena, row),
		row->endpoint ? print_time(arena, row->milliseconds) : "",
		row->good && row->local ? arena_print(arena, _("from %s"), row->local) :
		row->error_name ? arena_print(arena, "%s %s", row->call, row->error_name) :
				  "",
	};

	layout_row(style, columns, cells, sizeof cells / sizeof cells[0]);
	if (row->why)
		layout_item(style, "", DETAIL_COLUMNS, row->why, NULL);
}

void probe_text(const struct probe_row *rows, size_t count, const char *const *notes,
		size_t note_count, const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *group = NULL;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].group && (!group || strcmp(group, rows[i].group) != 0))
			layout_item(style, "", 0, rows[i].group, NULL);
		group = rows[i].group;
		write_row(&rows[i], &arena, style);
	}
	for (size_t i = 0; i < note_count; i++)
		layout_item(style, i ? "" : _("note"), DETAIL_COLUMNS, notes[i], NULL);
	arena_free(&arena);
}

static void write_row_json(struct json *json, const struct probe_row *row)
{
	json_object(json, NULL);
	json_text(json, "group", row->group);
	json_text(json, "from", row->from);
	json_text(json, "target", row->target);
	json_text(json, "endpoint", row->endpoint);
	json_text(json, "protocol", row->protocol);
	json_text(json, "outcome", row->outcome);
	json_number(json, "count", row->count);
	json_number(json, "of", row->of);
	if (row->endpoint)
		json_ratio(json, "milliseconds", row->milliseconds);
	else
		json_null(json, "milliseconds");
	json_text(json, "local", row->local);
	json_text(json, "call", row->call);
	json_text(json, "error", row->error_name);
	json_text(json, "why", row->why);
	json_known(json, "room", row->room);
	if (row->holder) {
		json_row(json, "holder");
		view_json_pid(json, "pid", row->holder);
		json_text(json, "name", row->holder->name);
		json_text(json, "unit", row->holder->unit);
		json_number(json, "ports", row->held);
		json_end_object(json);
	} else {
		json_null(json, "holder");
	}
	json_end_object(json);
}

void probe_json(const struct probe_row *rows, size_t count, const char *const *notes,
		size_t note_count, int64_t time_ms, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	char time[32];

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.probe/1");
	json_text(&json, "time", view_time(time, time_ms));
	json_array(&json, "results");
	for (size_t i = 0; i < count; i++)
		write_row_json(&json, &rows[i]);
	json_end_array(&json);
	json_array(&json, "notes");
	for (size_t i = 0; i < note_count; i++)
		json_text(&json, NULL, notes[i]);
	json_end_array(&json);
	json_end_object(&json);
}
