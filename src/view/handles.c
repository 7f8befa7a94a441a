#include "view/handles.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"

#include <stdio.h>

enum { LABEL_COLUMNS = 13, SOCKETS_SHOWN = 20 };

static const char *remark_name(enum handles_remark remark)
{
	static const char *const names[] = {
		[HANDLES_FINE] = NULL,		 [HANDLES_MANY] = "many",
		[HANDLES_TOO_MANY] = "too_many", [HANDLES_NEAR_LIMIT] = "near_limit",
		[HANDLES_USUAL] = "usual",
	};

	return names[remark];
}

const char *handles_remark_text(enum handles_remark remark)
{
	switch (remark) {
	case HANDLES_MANY:
		return _("more than 3,000");
	case HANDLES_TOO_MANY:
		return _("more than 10,000");
	case HANDLES_NEAR_LIMIT:
		return _("near its limit");
	case HANDLES_USUAL:
		return _("usual for it");
	default:
		return "";
	}
}

/* Windows has no limit that matters. */
static bool is_windows(const struct handles_view *view)
{
	return view->machine && view->machine->windows;
}

static const char *print_number(struct arena *arena, int64_t number)
{
	char text[32];

	return number < 0 ? _("unknown") :
			    arena_copy(arena, text_grouped(text, (uint64_t)number));
}

static const char *print_share(struct arena *arena, const struct handles_row *row)
{
	int64_t limit = row->process->descriptor_limit;

	return limit > 0 ?
		       arena_print(arena, "%lld %%", (long long)(row->count * 100 / limit)) :
		       "";
}

static const char *print_growth(struct arena *arena, const struct handles_row *row)
{
	return row->compared ? arena_print(arena, "%+lld", (long long)row->growth) : _("new");
}

enum { PID, NAME, COUNT, SOCKETS, LIMIT, USED, GROWTH, REMARK, CELLS };

/* Without the columns of the limit where there is none; the names, which are longer there, have their room. */
static size_t cells_shown(const struct handles_view *view, const char **cells)
{
	if (!is_windows(view))
		return CELLS;
	cells[LIMIT] = cells[GROWTH];
	cells[LIMIT + 1] = cells[REMARK];
	return CELLS - 2;
}

static void write_row(const struct handles_view *view, struct arena *arena,
		      const struct view_style *style, const struct layout_column *columns,
		      const struct handles_row *row)
{
	const char *cells[CELLS] = {
		arena_print(arena, "%d", row->process->pid),
		process_title(row->process),
		print_number(arena, row->count),
		print_number(arena, row->sockets),
		print_number(arena, row->process->descriptor_limit),
		print_share(arena, row),
		view->sample_s > 0 ? print_growth(arena, row) : "",
		handles_remark_text(row->remark),
	};
	size_t count = cells_shown(view, cells);

	layout_row(style, columns, cells, count);
}

static void write_table(const struct handles_view *view, struct arena *arena,
			const struct view_style *style)
{
	static const struct layout_column with_limit[CELLS] = {
		{ 7, .right = true }, { 15, .gap = 1 },	     { 11, .right = true },
		{ 8, .right = true }, { 10, .right = true }, { 6, .right = true },
		{ 8, .right = true }, { 16, .gap = 1 },
	};
	static const struct layout_column of_windows[CELLS] = {
		{ 7, .right = true }, { 22, .gap = 1 },	    { 11, .right = true },
		{ 8, .right = true }, { 8, .right = true }, { 16, .gap = 1 },
	};
	const struct layout_column *columns = is_windows(view) ? of_windows : with_limit;
	const char *headings[CELLS] = {
		"pid",	 "name", is_windows(view) ? "handles" : "descriptors", "sockets",
		"limit", "used", view->sample_s > 0 ? "growth" : "",	       "",
	};
	size_t count = cells_shown(view, headings);

	layout_row(style, columns, headings, count);
	for (size_t i = 0; i < view->count; i++)
		write_row(view, arena, style, columns, &view->rows[i]);
}

static const char *print_refused(struct arena *arena, const struct handles_view *view)
{
	if (is_windows(view))
		return arena_print(arena,
				   P_("the sockets of %u process (no privilege); run as "
				      "administrator to see them",
				      "the sockets of %u processes (no privilege); run as "
				      "administrator to see them",
				      view->refused),
				   view->refused);
	return arena_print(arena,
			   P_("%u process of another user (no privilege); run as root "
			      "to include it",
			      "%u processes of other users (no privilege); run as "
			      "root to include them",
			      view->refused),
			   view->refused);
}

/* Their owners' calls hold them up, as those of a service that waits on a pipe. */
static void write_unanswered(const struct handles_view *view, struct arena *arena,
			     const struct view_style *style)
{
	if (view->unanswered)
		layout_item(
			style, _("not seen"), LABEL_COLUMNS,
			arena_print(arena,
				    P_("whether %u handle is a socket (no answer in time)",
				       "whether %u handles are sockets (no answer in time)",
				       view->unanswered),
				    view->unanswered),
			NULL);
}

void handles_more_text(const struct handles_view *view, struct arena *arena,
		       const struct view_style *style)
{
	if (view->more)
		layout_item(style, "", 0,
			    arena_print(arena,
					P_("and %zu more process; --limit all shows it",
					   "and %zu more processes; --limit all shows them",
					   view->more),
					view->more),
			    NULL);
}

static void write_machine(const struct handles_view *view, struct arena *arena,
			  const struct view_style *style)
{
	char open[32], limit[32];

	handles_more_text(view, arena, style);
	if (view->files_open >= 0 && view->files_limit > 0)
		layout_item(style, "", 0,
			    arena_print(arena, _("%s files are open on this machine, of %s"),
					text_grouped(open, (uint64_t)view->files_open),
					text_grouped(limit, (uint64_t)view->files_limit)),
			    NULL);
	if (view->refused)
		layout_item(style, _("not seen"), LABEL_COLUMNS, print_refused(arena, view),
			    NULL);
	write_unanswered(view, arena, style);
}

void handles_text(const struct handles_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_table(view, &arena, style);
	write_machine(view, &arena, style);
	arena_free(&arena);
}

/* ---- one process ---- */

static const char *print_holding(struct arena *arena, const struct holding *holding)
{
	char local[ADDRESS_TEXT_SIZE], remote[ADDRESS_TEXT_SIZE], number[32];
	const struct holding_key *key = &holding->key;
	const char *ports;

	if (holding->ports.count == 1)
		ports = address_print_endpoint(local, &key->local,
					       (uint16_t)port_set_next(&holding->ports, 0));
	else
		ports = arena_print(arena,
				    P_("%s, %s port", "%s, %s ports", holding->ports.count),
				    address_print(local, &key->local),
				    text_grouped(number, holding->ports.count));
	if (key->remote_port)
		return arena_print(
			arena, "%s %s %s -> %s", protocol_name(key->protocol),
			socket_state_title(key->state), ports,
			address_print_endpoint(remote, &key->remote, key->remote_port));
	if (key->inbound)
		return arena_print(arena, _("%s %s %s, %u accepted"),
				   protocol_name(key->protocol),
				   socket_state_title(key->state), ports, holding->sockets);
	return arena_print(arena, "%s %s %s", protocol_name(key->protocol),
			   socket_state_title(key->state), ports);
}

const char *handles_kinds_text(struct arena *arena, const struct handles_row *row)
{
	const char *text = "";
	char number[32];

	for (size_t i = 0; i < row->kind_count; i++)
		text = arena_print(arena, "%s%s%s %s", text, i ? ", " : "",
				   text_grouped(number, (uint64_t)row->kinds[i].count),
				   row->kinds[i].title);
	return text;
}

void handles_holdings_text(struct arena *arena, const struct handles_row *row,
			   const struct holding *const *holdings, size_t count,
			   const struct view_style *style)
{
	for (size_t i = 0; i < count && i < SOCKETS_SHOWN; i++)
		layout_item(style, i ? "" : _("sockets"), LABEL_COLUMNS,
			    print_holding(arena, holdings[i]), NULL);
	if (count > SOCKETS_SHOWN)
		layout_item(style, "", LABEL_COLUMNS,
			    arena_print(arena,
					_("and others; portroom list --pid %d has them all"),
					row->process->pid),
			    NULL);
}

static const char *print_count(struct arena *arena, const struct handles_view *view,
			       const struct handles_row *row)
{
	const char *count = print_number(arena, row->count);
	const char *remark = handles_remark_text(row->remark);

	if (!is_windows(view))
		return arena_print(arena, _("%s of %s it may have %s"), count,
				   print_number(arena, row->process->descriptor_limit),
				   remark);
	return *remark ? arena_print(arena, "%s, %s", count, remark) : count;
}

void handles_one_text(const struct handles_view *view, const struct holding *const *holdings,
		      size_t count, const struct view_style *style)
{
	const struct handles_row *row = &view->rows[0];
	struct arena arena = { 0 };

	layout_item(style, _("process"), LABEL_COLUMNS,
		    arena_print(&arena, _("%s, pid %d"), process_title(row->process),
				row->process->pid),
		    NULL);
	layout_item(style, is_windows(view) ? _("handles") : _("descriptors"), LABEL_COLUMNS,
		    print_count(&arena, view, row), NULL);
	if (view->sample_s > 0)
		layout_item(style, _("growth"), LABEL_COLUMNS,
			    arena_print(&arena, _("%s within %.1f s"),
					print_growth(&arena, row), view->sample_s),
			    NULL);
	layout_item(style, _("of these"), LABEL_COLUMNS, handles_kinds_text(&arena, row),
		    NULL);
	if (row->sockets < 0)
		layout_item(style, _("not seen"), LABEL_COLUMNS,
			    _("which of them are sockets (no privilege); run as "
			      "administrator to see them"),
			    NULL);
	write_unanswered(view, &arena, style);
	handles_holdings_text(&arena, row, holdings, count, style);
	arena_free(&arena);
}

/* ---- JSON ---- */

static void write_process(struct json *json, const struct handles_view *view,
			  const struct handles_row *row)
{
	const struct process *process = row->process;

	view_json_pid(json, "pid", process);
	json_text(json, "name", process->name);
	json_known(json, "user_id", process->user);
	json_text(json, "user", process->user_name);
	json_text(json, "unit", process->unit);
	json_text(json, "container", process->container);
	json_known(json, "descriptors", row->count);
	json_known(json, "sockets", row->sockets);
	json_known(json, "listed", view->file ? row->listed : -1);
	json_known(json, "descriptor_limit", process->descriptor_limit);
	json_known(json, "descriptor_hard_limit", process->descriptor_hard_limit);
	if (view->sample_s > 0 && row->compared)
		json_number(json, "growth", row->growth);
	else
		json_null(json, "growth");
	json_text(json, "remark", remark_name(row->remark));
}

static void begin_document(struct json *json, const struct handles_view *view)
{
	static const struct snapshot nobody = { 0 };
	char time[32];

	json_object(json, NULL);
	json_text(json, "schema", "portroom.handles/1");
	if (view->time_ms)
		json_text(json, "time", view_time(time, view->time_ms));
	else
		json_null(json, "time");
	view_json_host(json, view->machine ? view->machine : &nobody);
	if (view->sample_s > 0)
		json_ratio(json, "sample_s", view->sample_s);
	else
		json_null(json, "sample_s");
	json_known(json, "files_open", view->files_open);
	json_known(json, "files_limit", view->files_limit > 0 ? view->files_limit : -1);
	json_number(json, "processes_refused", view->refused);
	json_number(json, "handles_unanswered", view->unanswered);
}

void handles_json(const struct handles_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };

	begin_document(&json, view);
	json_array(&json, "processes");
	for (size_t i = 0; i < view->count; i++) {
		json_object(&json, NULL);
		write_process(&json, view, &view->rows[i]);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_number(&json, "processes_left_out", (int64_t)view->more);
	json_end_object(&json);
}

static void write_holding(struct json *json, const struct snapshot *snapshot,
			  const struct holding *holding)
{
	const struct holding_key *key = &holding->key;

	json_object(json, NULL);
	view_json_netns(json, "namespace", snapshot, key->netns);
	json_text(json, "protocol", protocol_name(key->protocol));
	json_text(json, "state", socket_state_name(key->state));
	view_json_address(json, "local", &key->local);
	json_known(json, "local_port",
		   holding->ports.count == 1 ? port_set_next(&holding->ports, 0) : -1);
	view_json_address(json, "remote",
			  key->remote_port ? &key->remote : &(struct address){ 0 });
	json_known(json, "remote_port", key->remote_port ? key->remote_port : -1);
	json_number(json, "ports", holding->ports.count);
	json_number(json, "sockets", holding->sockets);
	json_end_object(json);
}

static void write_kinds(struct json *json, const struct handles_row *row)
{
	if (!row->kinds) {
		json_null(json, "kinds");
		return;
	}
	json_object(json, "kinds");
	for (size_t i = 0; i < row->kind_count; i++)
		json_number(json, row->kinds[i].name, row->kinds[i].count);
	json_end_object(json);
}

void handles_one_json(const struct handles_view *view, const struct snapshot *snapshot,
		      const struct holding *const *holdings, size_t count, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	const struct handles_row *row = &view->rows[0];

	begin_document(&json, view);
	json_array(&json, "processes");
	json_object(&json, NULL);
	write_process(&json, view, row);
	write_kinds(&json, row);
	json_array(&json, "held");
	for (size_t i = 0; i < count; i++)
		write_holding(&json, snapshot, holdings[i]);
	json_end_array(&json);
	json_end_object(&json);
	json_end_array(&json);
	json_number(&json, "processes_left_out", 0);
	json_end_object(&json);
}
