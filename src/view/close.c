#include "view/close.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/close_plan.h"
#include "view/layout.h"
#include "view/view.h"

enum { LABEL_COLUMNS = 10, GROUPS_SHOWN = 20 };

static const char *print_subject(struct arena *arena, const struct capacity_query *query)
{
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	return arena_print(arena, "tcp %s -> %s", address_print(source, &query->source),
			   address_print_endpoint(target, &query->destination, query->port));
}

static bool has_one_port(const struct close_group *group)
{
	return group->accepted || group->like->state == SOCKET_LISTEN;
}

static const char *print_group(struct arena *arena, const struct close_group *group)
{
	char local[ADDRESS_TEXT_SIZE], remote[ADDRESS_TEXT_SIZE], number[32];
	const struct socket_record *like = group->like;
	const char *what =
		arena_print(arena, "%s %s %s", text_grouped(number, group->count),
			    protocol_name(like->protocol), socket_state_title(like->state));

	/* Where there is one port, which. */
	if (has_one_port(group) || group->count == 1)
		address_print_endpoint(local, &like->local, like->local_port);
	else
		address_print(local, &like->local);
	if (group->accepted)
		what = arena_print(arena, _("%s accepted at %s"), what, local);
	else if (like->remote_port)
		what = arena_print(
			arena, "%s %s -> %s", what, local,
			address_print_endpoint(remote, &like->remote, like->remote_port));
	else
		what = arena_print(arena, "%s %s", what, local);
	if (!group->process)
		return what;
	return arena_print(arena, _("%s, pid %d: %s"), process_title(group->process),
			   group->process->pid, what);
}

static void write_rooms(const struct close_view *view, struct arena *arena,
			const struct view_style *style)
{
	for (size_t i = 0; i < view->plan->room_count; i++) {
		const struct close_room *room = &view->plan->rooms[i];

		layout_item(style, i ? "" : _("room"), LABEL_COLUMNS,
			    arena_print(arena, "%s: %s -> %s",
					print_subject(arena, &room->query),
					view_room(arena, &room->before),
					view_room(arena, &room->after)),
			    NULL);
	}
}

static void write_count(const char *label, const char *format, unsigned count,
			const struct view_style *style)
{
	char text[1024], number[32];

	snprintf(text, sizeof text, format, text_grouped(number, count));
	layout_item(style, label, LABEL_COLUMNS, text, NULL);
}

static void write_ages(const struct close_view *view, const struct view_style *style)
{
	if (view->young)
		write_count(_("young"),
			    _("%s are not old enough, or still move, and are left"),
			    view->young, style);
	if (view->ageless)
		write_count(view->young ? "" : _("young"),
			    _("%s are left, since nothing tells how old they are"),
			    view->ageless, style);
	if (view->aged && view->snapshot->windows && !view->watched)
		return; /* nothing told any */
	if (view->aged)
		layout_item(
			style, _("age"), LABEL_COLUMNS,
			!view->watched ?
				_("by their last segment") :
			view->snapshot->windows ?
				_("they were watched for that time") :
				_("CLOSE_WAIT, FIN_WAIT2 and TIME_WAIT by their last segment; "
				  "the others were watched for that time"),
			NULL);
}

static void write_cannot(const struct close_view *view, const struct view_style *style)
{
	if (view->ends && view->nobody)
		write_count(_("cannot"), _("%s that match belong to no process, and stay"),
			    view->nobody, style);
	if (!view->ends && view->bound)
		write_count(
			_("cannot"),
			view->snapshot->windows ?
				_("%s other than TCP connections over IPv4: Windows closes only these "
				  "from outside; --end-process ends who has them") :
				_("%s bound only: nothing closes these from outside; --end-process "
				  "ends who has them"),
			view->bound, style);
	if (view->shared)
		write_count(_("cannot"),
			    _("%s are open in other processes, too, and stay as long as these "
			      "have them"),
			    view->shared, style);
	if (view->spared)
		write_count(_("spared"),
			    view->snapshot->windows ?
				    _("%s of processes that Windows cannot do without, or of "
				      "portroom, match, and stay") :
				    _("%s of process 1 or of portroom match, and stay"),
			    view->spared, style);
}

static void write_notes(const struct close_view *view, const struct view_style *style)
{
	write_ages(view, style);
	write_cannot(view, style);
	if (view->ends) {
		layout_item(
			style, _("note"), LABEL_COLUMNS,
			view->snapshot->windows ?
				_("all sockets of a process go with it; connections that it closes "
				  "first rest in TIME_WAIT") :
				_("all sockets of a process go with it; connections that it closes "
				  "first rest a minute in TIME_WAIT or FIN_WAIT2, unless something "
				  "unread in them makes it a reset"),
			NULL);
		return;
	}
	if (!view->group_count || view->bound == view->selected)
		return;
	layout_item(style, _("note"), LABEL_COLUMNS,
		    _("a source port that a program asked for by number stays taken until the "
		      "program closes its socket"),
		    NULL);
}

static void write_processes(const struct close_view *view, struct arena *arena,
			    const struct view_style *style)
{
	for (size_t i = 0; i < view->process_count; i++) {
		const struct process *process = view->processes[i].process;
		const char *name = process_title(process);
		const char *text = arena_print(arena, _("%s, pid %d"), name, process->pid);

		if (process->unit)
			text = arena_print(
				arena,
				view->snapshot->windows ?
					_("%s, with the services in it, which end, too: %s") :
					_("%s, of %s: its service manager may start it again"),
				text, process->unit);
		layout_item(style, i ? "" : _("end"), LABEL_COLUMNS, text, NULL);
	}
}

void close_text(const struct close_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *label = view->ends ? _("of") : _("close");

	write_processes(view, &arena, style);
	for (size_t i = 0; i < view->group_count && i < GROUPS_SHOWN; i++)
		layout_item(style, i ? "" : label, LABEL_COLUMNS,
			    print_group(&arena, &view->groups[i]), NULL);
	if (view->group_count > GROUPS_SHOWN)
		layout_item(style, "", LABEL_COLUMNS, _("and others; --json has them all"),
			    NULL);
	write_rooms(view, &arena, style);
	write_notes(view, style);
	view_text_gaps(view->snapshot, style);
	arena_free(&arena);
}

static void write_closed(const struct close_view *view, struct arena *arena,
			 const struct view_style *style)
{
	unsigned closed = 0, gone = 0, failed = 0;
	const char *why = NULL;
	char numbers[3][32];

	for (size_t i = 0; i < view->group_count; i++) {
		closed += view->groups[i].closed;
		gone += view->groups[i].gone;
		failed += view->groups[i].failed;
		why = view->groups[i].why ? view->groups[i].why : why;
	}
	layout_item(style, _("done"), LABEL_COLUMNS,
		    arena_print(arena, _("%s closed, %s gone by themselves, %s not"),
				text_grouped(numbers[0], closed),
				text_grouped(numbers[1], gone),
				text_grouped(numbers[2], failed)),
		    NULL);
	if (why)
		layout_item(style, "", LABEL_COLUMNS, why, NULL);
}

static void write_done(const struct close_view *view, struct arena *arena,
		       const struct view_style *style)
{
	if (!view->group_count) {
		layout_item(style, _("done"), LABEL_COLUMNS,
			    _("nothing: none of them is known to be old enough"), NULL);
		return;
	}
	if (view->dry_run) {
		layout_item(style, _("done"), LABEL_COLUMNS,
			    view->ends ? _("nothing: this was a dry run; --yes ends them") :
			    view->bound == view->selected ?
					 _("nothing, and --yes would close none of them") :
					 _("nothing: this was a dry run; --yes closes them"),
			    NULL);
		return;
	}
	if (!view->ends)
		write_closed(view, arena, style);
	for (size_t i = 0; i < view->process_count; i++)
		layout_item(style, i ? "" : _("done"), LABEL_COLUMNS,
			    arena_print(arena, _("pid %d: %s"),
					view->processes[i].process->pid,
					view->processes[i].title),
			    NULL);
}

static void write_verify(const struct close_view *view, struct arena *arena,
			 const struct view_style *style)
{
	if (!view->verify)
		return;
	layout_item(style, _("verify"), LABEL_COLUMNS,
		    view->after.title ?
			    arena_print(arena, _("%s: before: %s; after: %s"), view->verify,
					view->before.title, view->after.title) :
			    arena_print(arena, "%s: %s", view->verify, view->before.title),
		    NULL);
}

/* What cannot be read again is told: it is not what it was. */
static void write_now(const struct close_view *view, struct arena *arena,
		      const struct view_style *style)
{
	bool done = !view->dry_run && view->group_count;

	for (size_t i = 0; done && i < view->plan->room_count; i++)
		layout_item(style, i ? "" : _("now"), LABEL_COLUMNS,
			    arena_print(arena, _("%s: room %s"),
					print_subject(arena, &view->plan->rooms[i].query),
					view->measured ? view_room(arena, &view->measured[i]) :
							 _("unknown")),
			    NULL);
}

void close_result_text(const struct close_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_done(view, &arena, style);
	write_now(view, &arena, style);
	write_verify(view, &arena, style);
	arena_free(&arena);
}

/* ---- JSON ---- */

static void write_capacity(struct json *json, const char *key, const struct capacity *capacity)
{
	bool known = capacity && capacity->known;

	json_row(json, key);
	json_known(json, "room_min", known ? (int64_t)capacity->room_min : -1);
	json_known(json, "room_max", known ? (int64_t)capacity->room_max : -1);
	json_end_object(json);
}

static void write_group(struct json *json, const struct close_group *group)
{
	static const struct address nobody = { 0 };

	json_object(json, NULL);
	if (group->process)
		view_json_pid(json, "pid", group->process);
	else
		json_null(json, "pid");
	json_text(json, "name", group->process ? group->process->name : NULL);
	json_text(json, "unit", group->process ? group->process->unit : NULL);
	json_text(json, "protocol", protocol_name(group->like->protocol));
	json_text(json, "state", socket_state_name(group->like->state));
	view_json_address(json, "local", &group->like->local);
	json_known(json, "local_port", has_one_port(group) ? group->like->local_port : -1);
	view_json_address(json, "remote",
			  has_one_port(group) ? &nobody : &group->like->remote);
	json_known(json, "remote_port",
		   has_one_port(group) || !group->like->remote_port ?
			   -1 :
			   group->like->remote_port);
	json_number(json, "sockets", group->count);
	json_number(json, "closed", group->closed);
	json_number(json, "gone", group->gone);
	json_number(json, "failed", group->failed);
	json_text(json, "why", group->why);
	json_end_object(json);
}

void close_json(const struct close_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	char time[32];

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.close/1");
	json_text(&json, "time", view_time(time, view->snapshot->time_ms));
	view_json_netns(&json, "namespace", view->snapshot, 0);
	json_bool(&json, "dry_run", view->dry_run);
	json_bool(&json, "end_process", view->ends);
	json_number(&json, "selected", view->selected);
	json_number(&json, "young", view->young);
	json_number(&json, "bound_only", view->bound);
	json_number(&json, "ageless", view->ageless);
	json_number(&json, "nobodys", view->nobody);
	json_number(&json, "spared", view->spared);
	json_number(&json, "shared", view->shared);
	json_text(&json, "age",
		  !view->aged	? NULL :
		  view->watched ? "watched" :
				  "last_segment");
	json_array(&json, "groups");
	for (size_t i = 0; i < view->group_count; i++)
		write_group(&json, &view->groups[i]);
	json_end_array(&json);
	json_array(&json, "processes");
	for (size_t i = 0; i < view->process_count; i++) {
		json_row(&json, NULL);
		view_json_pid(&json, "pid", view->processes[i].process);
		json_text(&json, "name", view->processes[i].process->name);
		json_text(&json, "unit", view->processes[i].process->unit);
		json_text(&json, "outcome", view->processes[i].outcome);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_array(&json, "destinations");
	for (size_t i = 0; i < view->plan->room_count; i++) {
		const struct close_room *room = &view->plan->rooms[i];

		json_object(&json, NULL);
		view_json_address(&json, "source", &room->query.source);
		view_json_address(&json, "destination", &room->query.destination);
		json_number(&json, "port", room->query.port);
		json_number(&json, "sockets", room->closed);
		write_capacity(&json, "before", &room->before);
		write_capacity(&json, "promised", &room->after);
		write_capacity(&json, "after", view->measured ? &view->measured[i] : NULL);
		json_end_object(&json);
	}
	json_end_array(&json);
	if (view->verify) {
		json_row(&json, "verify");
		json_text(&json, "target", view->verify);
		json_text(&json, "before", view->before.name);
		json_text(&json, "after", view->after.name);
		json_end_object(&json);
	} else {
		json_null(&json, "verify");
	}
	view_json_gaps(&json, view->snapshot);
	view_json_sources(&json, view->snapshot);
	json_end_object(&json);
}
