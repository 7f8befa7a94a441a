#include "command/events.h"

#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/since.h"
#include "command/terminal.h"
#include "source/source.h"
#include "system/clock.h"
#include "view/logged.h"

#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
enum { SHOWN = 20 };

/* ---- options ---- */

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct events_request *request = context;
	int taken = filter_take(&request->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "since"))
		request->since_given = true;
	if (!strcmp(name, "since"))
		return since_parse(value, request->now_ms, &request->since_ms, error);
	if (!strcmp(name, "follow"))
		request->follow = true;
	else if (!strcmp(name, "journal"))
		request->journal = value;
	else if (!strcmp(value, "all"))
		request->limit = UINT64_MAX;
	else if (!text_to_number(value, UINT32_MAX, &request->limit) || !request->limit)
		return error_set(error, _("--limit '%s': give a number from 1 on, or all"),
				 value);
	return 0;
}

/* Of a file all is told that bears on ports, each kind with its first and last time; and it does not go on. */
static int check_file_options(const struct events_request *request, struct error *error)
{
	const char *other = request->follow	 ? "--follow" :
			    request->journal	 ? "--journal" :
			    request->since_given ? "--since" :
						   NULL;

	if (other)
		return error_set(
			error,
			_("%s: of files (--on) all is told, with the first and the last "
			  "time of each event"),
			other);
	if (!filter_is_empty(&request->filter))
		return error_set(
			error, "%s",
			_("--on: event logs do not tell which process it was; leave out "
			  "--pid, --process and --unit"));
	return 0;
}

static int check_options(const struct events_request *request, int words, char **argv,
			 struct error *error)
{
	if (words)
		return error_set(error, _("'%s': events takes options only"), argv[1]);
	return request->common.request.on ? check_file_options(request, error) :
					    events_check_machine(request, error);
}

/* ---- files ---- */

static int tell_files(const struct events_request *request, const struct command *command)
{
	struct view_style style = terminal_style(&request->common);
	struct snapshot snapshot = { 0 };
	struct error error;

	if (source_read(&request->common.request, &snapshot, &error)) {
		snapshot_free(&snapshot);
		return command_fail(command->failure, error.text);
	}
	style.limit = request->limit;
	if (request->common.json)
		logged_json(&snapshot, request->now_ms, stdout);
	else
		logged_text(&snapshot, &style);
	snapshot_free(&snapshot);
	return 0;
}

/* ---- the command ---- */

int events_run(const struct command *command, int argc, char **argv)
{
	struct events_request request = {
		.common = { .request = { .scope = SCOPE_REACHABLE } },
		.limit = SHOWN,
		.now_ms = clock_now_ms(),
	};
	struct error error;
	int words;

	request.since_ms = request.now_ms - DAY_MS;
	if (options_parse(command, argc, argv, &request.common, take_option, &request, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (request.common.help)
		return command_help(command), 0;
	if (check_options(&request, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	return request.common.request.on ? tell_files(&request, command) :
					   events_of_machine(&request, command);
}
