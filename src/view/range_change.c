#include "view/range_change.h"

#include "base/json.h"
#include "base/language.h"
#include "diagnosis/range_plan.h"
#include "view/layout.h"
#include "view/range_parts.h"
#include "view/view.h"

enum { RULES_SHOWN = 8 };

static void write_range(const struct range_change_view *view, struct arena *arena,
			const struct view_style *style)
{
	const struct range_plan *plan = view->plan;

	range_parts_change(_("range"), plan->before, plan->usable_before, plan->after,
			   plan->usable_after, arena, style);
	if (plan->services.count)
		layout_item(style, _("reserve"), RANGE_LABEL_COLUMNS,
			    arena_print(arena,
					P_("%u port that a service has: %s",
					   "%u ports that services have: %s",
					   plan->services.count),
					plan->services.count,
					port_set_print(&plan->services, arena)),
			    NULL);
}

static void write_rooms(const struct range_change_view *view, struct arena *arena,
			const struct view_style *style)
{
	const struct range_plan *plan = view->plan;

	range_parts_rooms(plan->rooms, plan->room_count, arena, style);
	layout_item(style, plan->room_count ? "" : _("room"), RANGE_LABEL_COLUMNS,
		    arena_print(arena, _("to a new destination: %s -> %s"),
				view_room(arena, &plan->anywhere_before),
				view_room(arena, &plan->anywhere_after)),
		    NULL);
}

static void write_notes(const struct range_change_view *view, struct arena *arena,
			const struct view_style *style)
{
	const struct range_plan *plan = view->plan;

	range_parts_left_outside(plan->left_outside, arena, style);
	for (size_t i = 0; i < plan->rule_count && i < RULES_SHOWN; i++)
		layout_item(style, i ? "" : _("firewall"), RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("%s names %u-%u: change it, too"),
					plan->rules[i]->where, plan->rules[i]->range.first,
					plan->rules[i]->range.last),
			    NULL);
	if (plan->rule_count > RULES_SHOWN)
		layout_item(style, "", RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("and %u more rules"),
					(unsigned)(plan->rule_count - RULES_SHOWN)),
			    NULL);
	if (range_parts_has_new(plan->before, plan->after))
		range_parts_firewalls(style);
}

void range_change_text(const struct range_change_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_range(view, &arena, style);
	if (range_plan_changes(view->plan)) {
		write_rooms(view, &arena, style);
		write_notes(view, &arena, style);
	}
	arena_free(&arena);
}

const char *range_change_place(const struct snapshot *snapshot, uint32_t netns,
			       struct arena *arena)
{
	const char *enter = snapshot->namespaces[netns].enter;

	return enter ? arena_print(arena, " --netns %s", enter) : "";
}

static void write_winner(const char *winner, struct arena *arena,
			 const struct view_style *style)
{
	layout_item(
		style, _("but"), RANGE_LABEL_COLUMNS,
		arena_print(arena,
			    _("at the next boot %s sets something else: change it there, or "
			      "this is lost"),
			    winner),
		NULL);
}

static void write_boot(const struct range_change_view *view, struct arena *arena,
		       const struct view_style *style)
{
	if (view->persisted)
		layout_item(
			style, "", RANGE_LABEL_COLUMNS,
			arena_print(arena, _("%s sets it at the next boot"), view->persisted),
			NULL);
	if (view->removed)
		layout_item(style, "", RANGE_LABEL_COLUMNS,
			    arena_print(arena, _("%s, which set it at boot, was removed"),
					view->removed),
			    NULL);
	if (view->winner)
		write_winner(view->winner, arena, style);
}

void range_change_result(const struct range_change_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };
	const struct range_plan *plan = view->plan;
	const char *text;

	if (!range_plan_changes(plan))
		text = _("nothing: it is so already");
	else if (!view->done)
		text = _("nothing: this was a dry run");
	else if (view->for_s)
		text = arena_print(
			&arena,
			P_("%u-%u is set, and %u-%u will be again in %u second unless "
			   "you say: portroom range confirm%s",
			   "%u-%u is set, and %u-%u will be again in %u seconds "
			   "unless you say: portroom range confirm%s",
			   view->for_s),
			plan->after.first, plan->after.last, plan->before.first,
			plan->before.last, view->for_s,
			range_change_place(view->snapshot, plan->netns, &arena));
	else
		text = arena_print(&arena,
				   view->persisted ?
					   _("%u-%u is set and was read back; back again by: "
					     "portroom range undo%s") :
					   _("%u-%u is set and was read back, until the next "
					     "boot; back again by: portroom range undo%s"),
				   plan->after.first, plan->after.last,
				   range_change_place(view->snapshot, plan->netns, &arena));
	layout_item(style, _("done"), RANGE_LABEL_COLUMNS, text, NULL);
	write_boot(view, &arena, style);
	arena_free(&arena);
}

/* ---- JSON ---- */

static void write_state(struct json *json, const char *key, struct port_range range,
			unsigned usable, const struct port_set *reserved)
{
	struct arena arena = { 0 };

	json_object(json, key);
	json_number(json, "first", range.first);
	json_number(json, "last", range.last);
	json_number(json, "ports", port_range_size(range));
	json_number(json, "usable", usable);
	json_text(json, "reserved", port_set_print(reserved, &arena));
	json_end_object(json);
	arena_free(&arena);
}

static void write_elsewhere(struct json *json, const struct range_plan *plan)
{
	json_object(json, "elsewhere");
	range_parts_json_capacity(json, "before", &plan->anywhere_before);
	range_parts_json_capacity(json, "after", &plan->anywhere_after);
	json_end_object(json);
}

void range_change_json(const struct range_change_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	const struct range_plan *plan = view->plan;

	range_parts_json_begin(&json, "portroom.range_change/1", view->snapshot, plan->netns);
	json_bool(&json, "changed", view->done);
	json_known(&json, "rolled_back_in_s",
		   view->done && view->for_s ? (int64_t)view->for_s : -1);
	json_text(&json, "persisted", view->persisted);
	json_text(&json, "removed", view->removed);
	json_text(&json, "boot_winner", view->winner);
	json_null(&json, "store");
	json_null(&json, "rows");
	write_state(&json, "before", plan->before, plan->usable_before,
		    &plan->reserved_before);
	write_state(&json, "after", plan->after, plan->usable_after, &plan->reserved_after);
	json_array(&json, "services");
	port_set_each(port, &plan->services)
		json_number(&json, NULL, port);
	json_end_array(&json);
	json_number(&json, "left_outside", plan->left_outside);
	json_array(&json, "firewall_rules");
	for (size_t i = 0; i < plan->rule_count && i < RANGE_PLAN_RULES; i++) {
		json_row(&json, NULL);
		json_text(&json, "rule", plan->rules[i]->where);
		json_number(&json, "first", plan->rules[i]->range.first);
		json_number(&json, "last", plan->rules[i]->range.last);
		json_end_object(&json);
	}
	json_end_array(&json);
	range_parts_json_rooms(&json, plan->rooms, plan->room_count);
	write_elsewhere(&json, plan);
	json_end_object(&json);
}

/* ---- confirmed, undone ---- */

void range_undone_text(const struct range_undone_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *text;

	if (!view->confirmed)
		text = arena_print(&arena, _("%u-%u -> %u-%u, read back"), view->from.first,
				   view->from.last, view->to.first, view->to.last);
	else
		text = arena_print(
			&arena,
			view->file ?
				_("%u-%u stays; back to %u-%u by: portroom range undo%s") :
				_("%u-%u stays, until the next boot; back to %u-%u by: "
				  "portroom range undo%s"),
			view->to.first, view->to.last, view->from.first, view->from.last,
			range_change_place(view->snapshot, 0, &arena));
	layout_item(style, _("done"), RANGE_LABEL_COLUMNS, text, NULL);
	if (view->file)
		layout_item(style, "", RANGE_LABEL_COLUMNS,
			    arena_print(&arena,
					view->confirmed ? _("%s sets it at the next boot") :
							  _("%s is as it was before"),
					view->file),
			    NULL);
	if (view->winner)
		write_winner(view->winner, &arena, style);
	arena_free(&arena);
}

void range_undone_json(const struct range_undone_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };

	range_parts_json_begin(&json, "portroom.range_undo/1", view->snapshot, 0);
	json_text(&json, "what", view->confirmed ? "confirmed" : "undone");
	range_parts_json_range(&json, "before", view->from);
	range_parts_json_range(&json, "after", view->to);
	json_text(&json, "persisted", view->confirmed ? view->file : NULL);
	json_text(&json, "restored", view->confirmed ? NULL : view->file);
	json_text(&json, "boot_winner", view->winner);
	json_null(&json, "store");
	json_null(&json, "rows");
	json_end_object(&json);
}
