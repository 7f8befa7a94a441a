#include "base/text.h"
#include "command/command.h"
#include "diagnosis/diagnosis.h"
#include "command/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DESTINATIONS_BY_DEFAULT = 10 };

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct view_style *style = context;

	(void)name; /* --limit is the only one */
	if (!strcmp(value, "all"))
		style->limit = UINT64_MAX;
	else if (!text_to_number(value, UINT64_MAX, &style->limit))
		return error_set(error, "--limit '%s' is neither a number nor 'all'", value);
	return 0;
}

static int exit_status(enum severity verdict)
{
	static const int statuses[] = {
		[SEVERITY_OK] = 0,
		[SEVERITY_WARNING] = 1,
		[SEVERITY_CRITICAL] = 2,
		[SEVERITY_UNKNOWN] = 3,
	};

	return statuses[verdict];
}

/* Whom to contact about the processes that findings name; a machine without findings has none. */
static void identify_culprits(const struct source_request *request,
			      const struct diagnosis *diagnosis, struct snapshot *snapshot)
{
	uint32_t *culprits = memory_zeroed(diagnosis->finding_count, sizeof *culprits);
	size_t count = 0;

	for (size_t i = 0; i < diagnosis->finding_count; i++)
		if (diagnosis->findings[i].culprit >= 0)
			culprits[count++] = (uint32_t)diagnosis->findings[i].culprit;
	source_identify(request, snapshot, culprits, count);
	free(culprits);
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view_style style = { .out = stdout, .limit = DESTINATIONS_BY_DEFAULT };
	struct common_options common = { .request = { .scope = SCOPE_REACHABLE } };
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;
	uint64_t limit;
	int words, status;

	if (options_parse(command, argc, argv, &common, take_option, &style, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (words) {
		error_set(&error,
			  command_find(argv[1]) ?
				  "'%s': the command comes before the options" :
				  "'%s': check takes no words, only options",
			  argv[1]);
		return command_fail(command->usage_error, error.text);
	}
	if (source_read(&common.request, &snapshot, &error)) {
		snapshot_free(&snapshot);
		return command_fail(command->failure, error.text);
	}
	limit = style.limit;
	style = terminal_style(&common);
	style.limit = limit;
	diagnosis_make(&diagnosis, &snapshot, &default_thresholds);
	identify_culprits(&common.request, &diagnosis, &snapshot);
	if (common.json)
		check_json(&diagnosis, &style);
	else
		check_text(&diagnosis, &style);
	status = exit_status(diagnosis.verdict);
	diagnosis_free(&diagnosis);
	snapshot_free(&snapshot);
	return status;
}

static const struct option_spec options_of_check[] = {
	{ "limit", "N", "destinations in JSON: a number (default 10) or all" },
	OPTIONS_END,
};

const struct command command_check = {
	.name = "check",
	.summary = "are ports running out, who takes them, what to do (default)",
	.usage = "",
	.description =
		"Looks at every network namespace it can enter and gives a verdict: who uses the\n"
		"ports up, why, and what would help, with the room each remedy gives.\n"
		"Exit status, as of monitoring plugins: 0 ok, 1 warning, 2 critical, 3 unknown.",
	.options = options_of_check,
	.usage_error = 3,
	.failure = 3,
	.run = run,
};
