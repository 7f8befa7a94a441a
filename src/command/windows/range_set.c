#include "action/windows/range.h"
#include "base/language.h"
#include "command/range.h"
#include "command/terminal.h"
#include "diagnosis/windows_range_plan.h"
#include "view/range_change_windows.h"

#include <stdio.h>
#include <string.h>

/* learn.microsoft.com, "The default dynamic port range for TCP/IP has changed". */
enum { DEFAULT_FIRST = 49152, DEFAULT_LAST = 65535 };

/* Rows are chosen as netsh does, and where one of its words is left out both are meant. */
static void choose_rows(const struct range_options *options,
			bool rows[PROTOCOL_COUNT][WINDOWS_FAMILIES])
{
	const bool protocols[PROTOCOL_COUNT] = {
		[PROTOCOL_TCP] = options->tcp || !options->udp,
		[PROTOCOL_UDP] = options->udp || !options->tcp,
	};
	const bool families[WINDOWS_FAMILIES] = { options->ipv4 || !options->ipv6,
						  options->ipv6 || !options->ipv4 };

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < WINDOWS_FAMILIES; i++)
			rows[protocol][i] = protocols[protocol] && families[i];
}

static struct range_request request_of(const struct range_change_windows_view *view)
{
	struct range_request request = {
		.persistent = view->persistent,
		.for_s = view->for_s,
	};

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < RANGE_FAMILIES; i++) {
			const struct windows_range_row *row = &view->plan->rows[protocol][i];

			request.before.rows[protocol][i] = row->before;
			request.after.rows[protocol][i] = row->after;
			request.wanted[protocol][i] = row->wanted;
		}
	return request;
}

/* For the next start of Windows a row may be something else than it is now. */
static bool is_to_change(const struct range_change_windows_view *view)
{
	return !view->dry_run && (windows_range_plan_changes(view->plan) || view->persistent);
}

static int apply(struct range_change_windows_view *view, const struct range_tools *tools,
		 struct error *error)
{
	const struct range_request request = request_of(view);
	struct range_stores now;

	if (range_set(tools, &request, &now, error))
		return -1;
	memcpy(view->now, now.active.rows, sizeof view->now);
	view->done = true;
	return 0;
}

/* Whoever resets wants the default, whether it is more or less than now, and whoever sits in it. */
static struct windows_range_wish wish_of(const struct range_options *options)
{
	struct windows_range_wish wish = {
		.first = options->resets ? DEFAULT_FIRST : (unsigned)options->first,
		.last = options->resets ? DEFAULT_LAST : (unsigned)options->last,
		.force = options->resets || options->force,
		.shrink = options->resets || options->shrink,
	};

	choose_rows(options, wish.rows);
	return wish;
}

/* What is wanted is shown before it is done, and what was done after it was; what is refused in any case is not shown. */
int range_carry_out(const struct command *command, const struct range_options *options,
		    struct diagnosis *diagnosis)
{
	const struct windows_range_wish wish = wish_of(options);
	const struct range_tools tools = range_tools_of_system();
	struct view_style style = terminal_style(&options->common);
	struct windows_range_plan plan;
	struct range_change_windows_view view = {
		.snapshot = diagnosis->snapshot,
		.plan = &plan,
		.dry_run = options->dry_run,
		.persistent = options->persist,
		.for_s = (unsigned)(options->for_ms / 1000),
	};
	struct error error;

	if (windows_range_plan_make(&plan, diagnosis, &wish, &error) ||
	    (is_to_change(&view) && range_refuse(&tools, &error)))
		return command_fail(command->failure, error.text);
	if (!options->common.json)
		range_change_windows_text(&view, &style);
	fflush(stdout);
	if (is_to_change(&view) && apply(&view, &tools, &error))
		return command_fail(command->failure, error.text);
	if (options->common.json)
		range_change_windows_json(&view, stdout);
	else
		range_change_windows_result(&view, &style);
	return 0;
}
