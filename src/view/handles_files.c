#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/snapshot.h"
#include "view/evidence.h"
#include "view/handles.h"
#include "view/layout.h"

#include <string.h>

enum { LABEL_COLUMNS = 13 };

static const char *print_number(struct arena *arena, int64_t number)
{
	char text[32];

	return number < 0 ? _("unknown") :
			    arena_copy(arena, text_grouped(text, (uint64_t)number));
}

/* Windows has no limit that matters, and so no column for it. */
static void write_table(const struct handles_view *view, struct arena *arena,
			const struct view_style *style)
{
	enum { CELLS = 7, LIMIT = 5, REMARK = 6 };
	static const struct layout_column columns[CELLS] = {
		{ 7, .right = true }, { 24, .gap = 1 },	    { 11, .right = true },
		{ 8, .right = true }, { 8, .right = true }, { 10, .right = true },
		{ 16, .gap = 1 },
	};
	const char *headings[CELLS] = { "pid",	 "name", "descriptors", "sockets", "listed",
					"limit", "" };
	struct layout_column used[CELLS];
	size_t remark = view->machine->windows ? LIMIT : REMARK;

	memcpy(used, columns, sizeof used);
	used[remark] = columns[REMARK];
	if (view->machine->windows)
		headings[2] = "handles";
	layout_row(style, used, headings, remark);
	for (size_t i = 0; i < view->count; i++) {
		const struct handles_row *row = &view->rows[i];
		const char *cells[CELLS] = {
			arena_print(arena, "%d", row->process->pid),
			row->process->name ? row->process->name : _("unknown"),
			print_number(arena, row->count),
			print_number(arena, row->sockets),
			row->listed < 0 ? "" : print_number(arena, row->listed),
			print_number(arena, row->process->descriptor_limit),
		};

		cells[remark] = handles_remark_text(row->remark);
		layout_row(style, used, cells, remark + 1);
	}
}

/* What would tell the rest. */
static const char *way_of(const struct handles_view *view)
{
	return view->machine->windows ?
		       _("no file tells them; handle.exe -s -p PID does on Windows, and "
			 "Get-Process their number") :
		       _("no file tells them; lsof does, run as root, and portroom save");
}

static void write_untold(const struct handles_view *view, struct arena *arena,
			 const struct view_style *style)
{
	handles_more_text(view, arena, style);
	if (view->untold)
		layout_item(style, _("not seen"), LABEL_COLUMNS,
			    arena_print(arena,
					P_("what %zu process has open (%s)",
					   "what %zu processes have open (%s)", view->untold),
					view->untold, way_of(view)),
			    NULL);
	if (!view->count && !view->more)
		layout_item(
			style, _("not seen"), LABEL_COLUMNS,
			arena_print(arena, _("what processes have open (%s)"), way_of(view)),
			NULL);
}

void handles_files_text(const struct handles_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };

	if (view->count)
		write_table(view, &arena, style);
	write_untold(view, &arena, style);
	evidence_brief_text(view->machine, view->file, style);
	arena_free(&arena);
}

static const char *print_count(struct arena *arena, const struct handles_view *view,
			       const struct handles_row *row)
{
	const char *remark = handles_remark_text(row->remark);
	const char *count;

	if (row->count < 0)
		return arena_print(arena, _("unknown: %s"), way_of(view));
	count = print_number(arena, row->count);
	if (!view->machine->windows && row->process->descriptor_limit >= 0)
		return arena_print(arena, _("%s of %s it may have %s"), count,
				   print_number(arena, row->process->descriptor_limit),
				   remark);
	return *remark ? arena_print(arena, "%s, %s", count, remark) : count;
}

/* Of Windows the sockets are told by their device, as a row of its own among the types. */
static const char *print_kinds(struct arena *arena, const struct handles_row *row)
{
	if (row->kinds)
		return handles_kinds_text(arena, row);
	if (row->sockets >= 0)
		return arena_print(arena,
				   P_("%s socket; other kinds are not told",
				      "%s sockets; other kinds are not told",
				      (unsigned long)row->sockets),
				   print_number(arena, row->sockets));
	return _("not told by kind");
}

void handles_files_one_text(const struct handles_view *view,
			    const struct holding *const *holdings, size_t count,
			    const struct view_style *style)
{
	const struct handles_row *row = &view->rows[0];
	struct arena arena = { 0 };

	layout_item(style, _("process"), LABEL_COLUMNS,
		    arena_print(&arena, _("%s, pid %d"),
				row->process->name ? row->process->name : _("unknown"),
				row->process->pid),
		    NULL);
	layout_item(style, view->machine->windows ? _("handles") : _("descriptors"),
		    LABEL_COLUMNS, print_count(&arena, view, row), NULL);
	if (row->count >= 0 || row->kinds)
		layout_item(style, _("of these"), LABEL_COLUMNS, print_kinds(&arena, row),
			    NULL);
	if (row->listed < 0)
		layout_item(style, _("sockets"), LABEL_COLUMNS, _("no file lists their ports"),
			    NULL);
	else if (!count)
		layout_item(style, _("sockets"), LABEL_COLUMNS,
			    _("the listing has none of it"), NULL);
	handles_holdings_text(&arena, row, holdings, count, style);
	evidence_brief_text(view->machine, view->file, style);
	arena_free(&arena);
}
