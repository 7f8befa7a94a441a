#include "view/range_windows.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"
#include "view/view.h"

enum { LABEL_COLUMNS = 10, RUNS_SHOWN = 16, FAMILIES = 2 };

static const char *const row_names[PROTOCOL_COUNT][FAMILIES] = {
	[PROTOCOL_TCP] = { "tcp ipv4", "tcp ipv6" },
	[PROTOCOL_UDP] = { "udp ipv4", "udp ipv6" },
};

/* A run of ports that are alike in being taken at run time, or not. */
struct run {
	int first, last;
	bool at_run;
};

static bool next_run(const struct windows_range *range, int from, struct run *run)
{
	run->first = port_set_next(&range->excluded, from);
	if (run->first < 0)
		return false;
	run->at_run = port_set_has(&range->reserved_at_run, (uint16_t)run->first);
	run->last = run->first;
	while (run->last < UINT16_MAX &&
	       port_set_has(&range->excluded, (uint16_t)(run->last + 1)) &&
	       port_set_has(&range->reserved_at_run, (uint16_t)(run->last + 1)) == run->at_run)
		run->last++;
	return true;
}

/* As netsh prints it, with a star on what an administrator has excluded: that stays. */
static const char *runs_text(struct arena *arena, const struct windows_range *range)
{
	const char *text = "";
	unsigned shown = 0, more = 0;
	struct run run;

	for (int at = 0; next_run(range, at, &run); at = run.last + 1) {
		if (shown++ == RUNS_SHOWN) {
			shown--;
			more += (unsigned)(run.last - run.first) + 1;
			continue;
		}
		text = arena_print(arena, run.first == run.last ? "%s%s%d%s" : "%s%s%d%s-%d%s",
				   text, *text ? ", " : "", run.first,
				   run.first == run.last ? (run.at_run ? "" : "*") : "",
				   run.last, run.at_run ? "" : "*");
	}
	return more ? arena_print(arena, _("%s and %u more"), text, more) : text;
}

static void write_excluded(const struct snapshot *snapshot, const struct view_style *style,
			   struct arena *arena)
{
	const char *label = _("excluded");
	bool starred = false;

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++) {
			const struct windows_range *range =
				&snapshot->windows->ranges[protocol][i];

			if (!range->excluded.count)
				continue;
			starred |= range->excluded.count != range->reserved_at_run.count;
			layout_item(style, label, LABEL_COLUMNS,
				    arena_print(arena, "%s: %s", row_names[protocol][i],
						runs_text(arena, range)),
				    NULL);
			label = "";
		}
	if (*label)
		return;
	layout_item(style, "", LABEL_COLUMNS,
		    starred ? _("* administered, and there after a boot, too; the others were "
				"taken at run time (Hyper-V, WinNAT, HNS) and may move") :
			      _("taken at run time (Hyper-V, WinNAT, HNS): they may move at "
				"the next boot"),
		    NULL);
}

static void write_auto_reuse(const struct windows *windows, const struct view_style *style,
			     struct arena *arena)
{
	if (!port_range_known(windows->auto_reuse))
		return;
	layout_item(style, _("shared"), LABEL_COLUMNS,
		    arena_print(arena,
				_("%u-%u: of these connect() shares ports between "
				  "destinations (auto-reuse)"),
				windows->auto_reuse.first, windows->auto_reuse.last),
		    NULL);
}

/* What of the registry people look for when ports run out, whether it counts or not. */
static void write_registry(const struct windows *windows, const struct view_style *style,
			   struct arena *arena)
{
	const char *label = _("registry");

	if (windows->timed_wait_delay_s >= 0) {
		layout_item(style, label, LABEL_COLUMNS,
			    arena_print(arena,
					P_("TcpTimedWaitDelay=%d: a closed connection keeps "
					   "its port for %d second",
					   "TcpTimedWaitDelay=%d: a closed connection keeps "
					   "its port for %d seconds",
					   windows->timed_wait_delay_s),
					windows->timed_wait_delay_s,
					windows->timed_wait_delay_s),
			    NULL);
		label = "";
	}
	if (windows->max_user_port > 0)
		layout_item(style, label, LABEL_COLUMNS,
			    arena_print(arena,
					_("MaxUserPort=%d: it counted before Windows Vista; "
					  "now the rows above do"),
					windows->max_user_port),
			    NULL);
}

void range_windows_text(const struct snapshot *snapshot, const struct view_style *style)
{
	struct arena arena = { 0 };

	write_excluded(snapshot, style, &arena);
	write_auto_reuse(snapshot->windows, style, &arena);
	write_registry(snapshot->windows, style, &arena);
	arena_free(&arena);
}

void range_windows_reserved_json(struct json *json, const struct snapshot *snapshot)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++) {
			struct run run;

			for (int at = 0;
			     next_run(&snapshot->windows->ranges[protocol][i], at, &run);
			     at = run.last + 1) {
				json_row(json, NULL);
				view_json_netns(json, "namespace", snapshot, 0);
				json_text(json, "protocol", protocol_name(protocol));
				json_text(json, "family", i ? "ipv6" : "ipv4");
				json_number(json, "first", run.first);
				json_number(json, "last", run.last);
				json_bool(json, "at_run_time", run.at_run);
				json_end_object(json);
			}
		}
}

void range_windows_settings_json(struct json *json, const struct snapshot *snapshot)
{
	const struct windows *windows = snapshot->windows;

	if (!windows) {
		json_null(json, "windows");
		return;
	}
	json_row(json, "windows");
	json_known(json, "shared_first",
		   windows->auto_reuse.first ? windows->auto_reuse.first : -1);
	json_known(json, "shared_last",
		   windows->auto_reuse.first ? windows->auto_reuse.last : -1);
	json_bool(json, "shared_known", windows->auto_reuse_known);
	json_known(json, "timed_wait_delay_s", windows->timed_wait_delay_s);
	json_known(json, "max_user_port", windows->max_user_port);
	json_end_object(json);
}
