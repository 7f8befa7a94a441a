#include "base/language.h"
#include "command/linux/range_boot.h"
#include "command/linux/range_place.h"
#include "command/terminal.h"
#include "view/range_change.h"

#include <stdio.h>

/* The namespace that is asked for; nothing else of it is read. */
static int find_netns(const struct range_options *options, struct snapshot *snapshot,
		      struct error *error)
{
	struct source_request request = options->common.request;

	request.no_owners = request.no_port_test = true;
	return source_read(&request, snapshot, error);
}

static void show(const struct range_options *options, const struct range_undone_view *view)
{
	struct view_style style = terminal_style(&options->common);

	if (options->common.json)
		range_undone_json(view, stdout);
	else
		range_undone_text(view, &style);
}

static int confirm(const struct range_options *options, const struct snapshot *snapshot,
		   const struct range_place *place, struct error *error)
{
	struct range_undone_view view = { .snapshot = snapshot, .confirmed = true };
	struct range_boot boot = { 0 };
	struct range_record record = { 0 };
	int result = range_refuse_persist(options, place, error);

	if (!result)
		result = range_confirm(place, &record, error);
	if (!result && options->persist) {
		result = range_persist(place, &record.before, &record.after, error);
		view.file = RANGE_DROPIN;
		range_boot_read(&boot);
		view.winner = range_boot_other(&boot, &record.after);
	}
	view.from = record.before.range;
	view.to = record.after.range;
	if (!result)
		show(options, &view);
	range_boot_free(&boot);
	range_record_free(&record);
	return result;
}

static int undo(const struct range_options *options, const struct snapshot *snapshot,
		const struct range_place *place, struct error *error)
{
	struct range_record record = { 0 };
	int result = range_undo(place, &record, error);
	struct range_undone_view view = {
		.snapshot = snapshot,
		.from = record.after.range,
		.to = record.before.range,
		.file = record.persisted ? RANGE_DROPIN : NULL,
	};

	if (!result)
		show(options, &view);
	range_record_free(&record);
	return result;
}

static int in_place(const struct command *command, const struct range_options *options,
		    int (*act)(const struct range_options *options,
			       const struct snapshot *snapshot,
			       const struct range_place *place, struct error *error))
{
	struct snapshot snapshot = { 0 };
	struct range_place place;
	struct error error;
	int result = find_netns(options, &snapshot, &error);

	if (!result) {
		place = range_place_of(&snapshot.namespaces[0]);
		result = act(options, &snapshot, &place, &error);
	}
	snapshot_free(&snapshot);
	return result ? command_fail(command->failure, error.text) : 0;
}

int range_run_confirm(const struct command *command, struct range_options *options)
{
	return in_place(command, options, confirm);
}

int range_run_undo(const struct command *command, struct range_options *options)
{
	return in_place(command, options, undo);
}
