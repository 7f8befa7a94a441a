#include "action/windows/range.h"
#include "base/language.h"
#include "command/range.h"
#include "command/terminal.h"
#include "system/clock.h"
#include "view/range_change_windows.h"

#include <stdio.h>
#include <string.h>

/* A document has a time and a machine; nothing of that is read here. */
static void show(const struct range_options *options, const struct range_record *record,
		 bool confirmed)
{
	struct view_style style = terminal_style(&options->common);
	const struct range_stores *from = confirmed ? &record->before : &record->after,
				  *to = confirmed ? &record->after : &record->before;
	struct snapshot snapshot = { .time_ms = clock_now_ms() };
	struct range_undone_windows_view view = {
		.snapshot = &snapshot,
		.confirmed = confirmed,
		.persistent = record->persistent,
	};

	snapshot_add_netns(&snapshot, &(struct netns){ .kind = NETNS_HOST });
	memcpy(view.from, from->active.rows, sizeof view.from);
	memcpy(view.to, to->active.rows, sizeof view.to);
	memcpy(view.next_from, from->persistent.rows, sizeof view.next_from);
	memcpy(view.next_to, to->persistent.rows, sizeof view.next_to);
	if (options->common.json)
		range_undone_windows_json(&view, stdout);
	else
		range_undone_windows_text(&view, &style);
	snapshot_free(&snapshot);
}

int range_run_confirm(const struct command *command, struct range_options *options)
{
	const struct range_tools tools = range_tools_of_system();
	struct range_record record;
	struct error error;

	if (range_confirm(&tools, options->persist, &record, &error))
		return command_fail(command->failure, error.text);
	show(options, &record, true);
	return 0;
}

int range_run_undo(const struct command *command, struct range_options *options)
{
	const struct range_tools tools = range_tools_of_system();
	struct range_record record;
	struct error error;

	if (range_undo(&tools, &record, &error))
		return command_fail(command->failure, error.text);
	show(options, &record, false);
	return 0;
}
