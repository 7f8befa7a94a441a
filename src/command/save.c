#include "base/language.h"
#include "command/command.h"
#include "command/culprits.h"
#include "command/policy.h"
#include "command/terminal.h"
#include "system/whole_file.h"
#include "view/view.h"

/* Findings name whose package is looked up: on the other machine there is no program to ask. */
static enum severity judge(const struct source_request *request, struct snapshot *snapshot)
{
	struct diagnosis diagnosis;
	enum severity verdict;

	diagnosis_make(&diagnosis, snapshot, &default_policy);
	culprits_identify(request, &diagnosis, snapshot);
	verdict = diagnosis.verdict;
	diagnosis_free(&diagnosis);
	return verdict;
}

/* What sources say of themselves is text; in a file for everybody it is English. */
static int read_machine(const struct source_request *request, struct snapshot *snapshot,
			enum severity *verdict, struct error *error)
{
	const char *language = language_name();
	struct error unused;
	int result;

	language_english();
	result = source_read(request, snapshot, error);
	if (!result)
		*verdict = judge(request, snapshot);
	language_select(language, &unused);
	return result;
}

static int save(const struct command *command, const struct common_options *common,
		const char *path)
{
	struct view_style style = terminal_style(common);
	struct snapshot snapshot = { 0 };
	enum severity verdict = SEVERITY_UNKNOWN;
	struct whole_file file;
	struct error error;
	int result;

	result = read_machine(&common->request, &snapshot, &verdict, &error) ||
		 whole_file_open(&file, path, &error);
	if (!result) {
		file.broken = saved_json(&snapshot, file.out);
		result = whole_file_finish(&file, &error);
	}
	if (result)
		command_fail(command->failure, error.text);
	else if (!file.direct && !common->json)
		saved_text(&snapshot, verdict, path, &style);
	snapshot_free(&snapshot);
	return result ? command->failure : 0;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = {
		.request = { .scope = SCOPE_REACHABLE,
			     .nat = true,
			     .port_claims = true,
			     .logs = true },
	};
	struct error error;
	int words;

	if (options_parse(command, argc, argv, &common, NULL, NULL, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (!words)
		return command_fail(command->usage_error,
				    _("save needs the name of a new file, or - for standard "
				      "output"));
	if (words > 1) {
		error_set(&error, _("'%s': save takes the name of one file"), argv[2]);
		return command_fail(command->usage_error, error.text);
	}
	return save(command, &common, argv[1]);
}

const struct command command_save = {
	.name = "save",
	.summary = N_("this machine as it is now, in a file that can be judged elsewhere"),
	.usage = "FILE",
	.description = N_(
		"Writes all that portroom sees into one JSON file: ports and who holds them, ranges, "
		"settings, counters, NAT, and what could not be seen. check, room, list, range show "
		"and whatif read it with --on FILE, on any machine, as if they ran on this one. The "
		"file names processes with their arguments, users and addresses; only its owner may "
		"read it."),
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
