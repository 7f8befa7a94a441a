#include "view/range_change_windows.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "view/layout.h"
#include "view/range_parts.h"
#include "view/view.h"

enum { SITTERS_SHOWN = 20 };

#define each_row(protocol, i)                                                                 \
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)                         \
		for (int i = 0; i < WINDOWS_FAMILIES; i++)

static bool is_same(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

static const char *row_name(int protocol, int i)
{
	return windows_range_row_name((enum protocol)protocol, i);
}

/* ---- before ---- */

static void write_rows(const struct range_change_windows_view *view, struct arena *arena,
		       const struct view_style *style)
{
	each_row(protocol, i)
	{
		const struct windows_range_row *row = &view->plan->rows[protocol][i];

		if (row->wanted)
			range_parts_change(row_name(protocol, i), row->before,
					   row->usable_before, row->after, row->usable_after,
					   arena, style);
	}
}

static void write_rooms(const struct range_change_windows_view *view, struct arena *arena,
			const struct view_style *style)
{
	const struct windows_range_plan *plan = view->plan;
	const char *label = plan->room_count ? "" : _("room");

	range_parts_rooms(plan->rooms, plan->room_count, arena, style);
	each_row(protocol, i)
	{
		const struct windows_range_row *row = &plan->rows[protocol][i];

		if (!row->wanted)
			continue;
		layout_item(style, label, RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("%s, ports that nobody has: %s -> %s"),
					row_name(protocol, i),
					view_room(arena, &row->room_before),
					view_room(arena, &row->room_after)),
			    NULL);
		label = "";
	}
}

static void write_sitters(const struct range_change_windows_view *view, struct arena *arena,
			  const struct view_style *style)
{
	const struct windows_range_plan *plan = view->plan;

	for (size_t i = 0; i < plan->sitter_count && i < SITTERS_SHOWN; i++) {
		const struct windows_range_sitter *sitter = &plan->sitters[i];
		const char *text = arena_print(
			arena, _("%s port %u"),
			row_name((int)sitter->protocol, sitter->family == FAMILY_IPV6),
			sitter->port);

		if (sitter->process)
			text = arena_print(arena, _("%s, pid %d: %s"),
					   process_title(sitter->process),
					   sitter->process->pid, text);
		layout_item(style, i ? "" : _("in range"), RANGE_LABEL_COLUMNS, text, NULL);
	}
	if (plan->sitter_count > SITTERS_SHOWN)
		layout_item(style, "", RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("and %zu more"),
					plan->sitter_count - SITTERS_SHOWN),
			    NULL);
	if (plan->sitter_count)
		layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
			    _("netsh int ipv4 add excludedportrange keeps a port out of the "
			      "range, while nobody has it"),
			    NULL);
}

static bool has_new(const struct windows_range_plan *plan)
{
	each_row(protocol, i)
	{
		const struct windows_range_row *row = &plan->rows[protocol][i];

		if (range_parts_has_new(row->before, row->after))
			return true;
	}
	return false;
}

static void write_notes(const struct range_change_windows_view *view, struct arena *arena,
			const struct view_style *style)
{
	range_parts_left_outside(view->plan->left_outside, arena, style);
	if (has_new(view->plan))
		range_parts_firewalls(style);
}

void range_change_windows_text(const struct range_change_windows_view *view,
			       const struct view_style *style)
{
	struct arena arena = { 0 };

	write_rows(view, &arena, style);
	if (windows_range_plan_changes(view->plan)) {
		write_rooms(view, &arena, style);
		write_sitters(view, &arena, style);
		write_notes(view, &arena, style);
	}
	arena_free(&arena);
}

/* ---- after ---- */

/* Rows that nobody asked for: one range may serve both families. */
static void write_others(const struct range_change_windows_view *view, struct arena *arena,
			 const struct view_style *style)
{
	each_row(protocol, i)
	{
		const struct windows_range_row *row = &view->plan->rows[protocol][i];
		const struct port_range now = view->now[protocol][i];

		if (!view->done || row->wanted || is_same(now, row->before))
			continue;
		layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("%s was not asked for and is %u-%u now, too"),
					row_name(protocol, i), now.first, now.last),
			    NULL);
	}
}

static struct port_range wanted_range(const struct windows_range_plan *plan)
{
	each_row(protocol, i)
	{
		if (plan->rows[protocol][i].wanted)
			return plan->rows[protocol][i].after;
	}
	return (struct port_range){ 0, 0 };
}

static const char *done_text(const struct range_change_windows_view *view, struct arena *arena)
{
	const struct port_range range = wanted_range(view->plan);

	if (view->for_s)
		return arena_print(
			arena,
			P_("%u-%u is set and was read back, for %u second; then the rows are "
			   "as before again, unless you say: portroom range confirm",
			   "%u-%u is set and was read back, for %u seconds; then the rows are "
			   "as before again, unless you say: portroom range confirm",
			   view->for_s),
			range.first, range.last, view->for_s);
	return arena_print(
		arena,
		view->persistent ?
			_("%u-%u is set and was read back; back again by: portroom "
			  "range undo") :
			_("%u-%u is set and was read back, until Windows is started "
			  "again; back before that by: portroom range undo"),
		range.first, range.last);
}

void range_change_windows_result(const struct range_change_windows_view *view,
				 const struct view_style *style)
{
	struct arena arena = { 0 };

	layout_item(style, _("done"), RANGE_LABEL_COLUMNS,
		    view->done	  ? done_text(view, &arena) :
		    view->dry_run ? _("nothing: this was a dry run") :
				    _("nothing: it is so already"),
		    NULL);
	write_others(view, &arena, style);
	if (view->done && view->for_s)
		layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
			    _("a restart of Windows before that sets them back as well"),
			    NULL);
	arena_free(&arena);
}

/* ---- JSON ---- */

static void begin_row(struct json *json, int protocol, int i)
{
	json_object(json, NULL);
	json_text(json, "protocol", protocol_name((enum protocol)protocol));
	json_text(json, "family", i ? "ipv6" : "ipv4");
}

static void write_row_json(struct json *json, const struct range_change_windows_view *view,
			   int protocol, int i)
{
	const struct windows_range_row *row = &view->plan->rows[protocol][i];

	begin_row(json, protocol, i);
	json_bool(json, "wanted", row->wanted);
	range_parts_json_range(json, "before", row->before);
	range_parts_json_range(json, "after",
			       view->done ? view->now[protocol][i] : row->after);
	json_number(json, "usable_before", row->usable_before);
	json_number(json, "usable_after", row->usable_after);
	range_parts_json_capacity(json, "room_before", &row->room_before);
	range_parts_json_capacity(json, "room_after", &row->room_after);
	json_end_object(json);
}

static void write_sitters_json(struct json *json, const struct windows_range_plan *plan)
{
	struct port_set ports = { .count = 0 };

	for (size_t i = 0; i < plan->sitter_count; i++)
		port_set_add(&ports, plan->sitters[i].port);
	json_array(json, "services");
	port_set_each(port, &ports)
		json_number(json, NULL, port);
	json_end_array(json);
	port_set_free(&ports);
}

/* What there is on Linux only. */
static void write_nulls(struct json *json, const char *const *keys)
{
	for (; *keys; keys++)
		json_null(json, *keys);
}

void range_change_windows_json(const struct range_change_windows_view *view, FILE *out)
{
	static const char *const no_files[] = { "persisted", "removed", "boot_winner",
						"before",    "after",	NULL };
	struct json json = { .out = out, .pretty = true };

	range_parts_json_begin(&json, "portroom.range_change/1", view->snapshot, 0);
	json_bool(&json, "changed", view->done);
	json_known(&json, "rolled_back_in_s",
		   view->done && view->for_s ? (int64_t)view->for_s : -1);
	write_nulls(&json, no_files);
	json_text(&json, "store", view->persistent ? "persistent" : "active");
	json_array(&json, "rows");
	each_row(protocol, i)
	{
		write_row_json(&json, view, protocol, i);
	}
	json_end_array(&json);
	write_sitters_json(&json, view->plan);
	json_number(&json, "left_outside", view->plan->left_outside);
	json_array(&json, "firewall_rules");
	json_end_array(&json);
	range_parts_json_rooms(&json, view->plan->rooms, view->plan->room_count);
	json_null(&json, "elsewhere");
	json_end_object(&json);
}

/* ---- confirmed, undone ---- */

static bool is_changed(const struct range_undone_windows_view *view, int protocol, int i)
{
	return !is_same(view->from[protocol][i], view->to[protocol][i]);
}

static bool is_next_changed(const struct range_undone_windows_view *view, int protocol, int i)
{
	const struct port_range from = view->next_from[protocol][i],
				to = view->next_to[protocol][i];

	return view->persistent && port_range_known(from) && port_range_known(to) &&
	       !is_same(from, to);
}

/* Alike now and at the next boot is told once. */
static bool is_changed_alike(const struct range_undone_windows_view *view, int protocol, int i)
{
	return is_changed(view, protocol, i) && is_next_changed(view, protocol, i) &&
	       is_same(view->from[protocol][i], view->next_from[protocol][i]) &&
	       is_same(view->to[protocol][i], view->next_to[protocol][i]);
}

static const char *change_text(struct arena *arena, const char *format, int protocol, int i,
			       struct port_range one, struct port_range other)
{
	return arena_print(arena, format, row_name(protocol, i), one.first, one.last,
			   other.first, other.last);
}

/* A line, or two; NULL: there is none. */
static void undone_texts(const struct range_undone_windows_view *view, int protocol, int i,
			 struct arena *arena, const char *texts[2])
{
	const struct port_range from = view->from[protocol][i], to = view->to[protocol][i];
	const bool alike = is_changed_alike(view, protocol, i);

	texts[0] = texts[1] = NULL;
	if (is_changed(view, protocol, i))
		texts[0] = view->confirmed ?
				   change_text(arena, _("%s: %u-%u stays, was %u-%u"),
					       protocol, i, to, from) :
				   change_text(arena,
					       alike ? _("%s: %u-%u -> %u-%u, now and at the "
							 "next boot, read back") :
						       _("%s: %u-%u -> %u-%u, read back"),
					       protocol, i, from, to);
	if (is_next_changed(view, protocol, i) && !view->confirmed && !alike)
		texts[1] = change_text(
			arena, _("%s, at the next boot: %u-%u -> %u-%u, read back"), protocol,
			i, view->next_from[protocol][i], view->next_to[protocol][i]);
}

/* Rows of which the next start was not known before have it as they are now. */
static bool is_next_unknown(const struct range_undone_windows_view *view)
{
	each_row(protocol, i)
	{
		if (is_changed(view, protocol, i) &&
		    !port_range_known(view->next_to[protocol][i]))
			return view->persistent && !view->confirmed;
	}
	return false;
}

void range_undone_windows_text(const struct range_undone_windows_view *view,
			       const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *label = _("done");

	each_row(protocol, i)
	{
		const char *texts[2];

		undone_texts(view, protocol, i, &arena, texts);
		for (int line = 0; line < 2; line++) {
			if (!texts[line])
				continue;
			layout_item(style, label, RANGE_LABEL_COLUMNS, texts[line], NULL);
			label = "";
		}
	}
	if (view->confirmed)
		layout_item(style, "", RANGE_LABEL_COLUMNS,
			    view->persistent ?
				    _("for good; back again by: portroom range undo") :
				    _("until Windows is started again; back before that by: "
				      "portroom range undo"),
			    NULL);
	if (is_next_unknown(view))
		layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
			    _("netsh did not tell what was set for the next boot before the "
			      "change: it is the same as now"),
			    NULL);
	arena_free(&arena);
}

static void write_next(struct json *json, const char *key, struct port_range range, bool told)
{
	if (told)
		range_parts_json_range(json, key, range);
	else
		json_null(json, key);
}

void range_undone_windows_json(const struct range_undone_windows_view *view, FILE *out)
{
	static const char *const no_files[] = { "before",   "after",	   "persisted",
						"restored", "boot_winner", NULL };
	struct json json = { .out = out, .pretty = true };

	range_parts_json_begin(&json, "portroom.range_undo/1", view->snapshot, 0);
	json_text(&json, "what", view->confirmed ? "confirmed" : "undone");
	write_nulls(&json, no_files);
	json_text(&json, "store", view->persistent ? "persistent" : "active");
	json_array(&json, "rows");
	each_row(protocol, i)
	{
		const bool next = is_next_changed(view, protocol, i);

		if (!is_changed(view, protocol, i) && !next)
			continue;
		begin_row(&json, protocol, i);
		range_parts_json_range(&json, "before", view->from[protocol][i]);
		range_parts_json_range(&json, "after", view->to[protocol][i]);
		write_next(&json, "next_before", view->next_from[protocol][i], next);
		write_next(&json, "next_after", view->next_to[protocol][i], next);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_end_object(&json);
}
