#include "base/language.h"
#include "command/command.h"
#include "command/terminal.h"

#include <stdio.h>
#include <string.h>

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = { .request = { .scope = SCOPE_OWN } };
	struct snapshot snapshot = { 0 };
	struct view_style style;
	struct error error;
	int words, status = 0;

	if (options_parse(command, argc, argv, &common, NULL, NULL, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (words > 1 || (words && strcmp(argv[1], "show"))) {
		error_set(&error, _("'%s': range knows 'show'"), argv[words > 1 ? 2 : 1]);
		return command_fail(command->usage_error, error.text);
	}
	common.request.no_port_test = true;
	style = terminal_style(&common);
	if (source_read(&common.request, &snapshot, &error))
		status = command_fail(command->failure, error.text);
	else if (common.json)
		range_json(&snapshot, stdout);
	else
		range_text(&snapshot, &style);
	if (!status && !port_range_known(snapshot.namespaces[0].settings.range))
		status = command->failure;
	snapshot_free(&snapshot);
	return status;
}

static const char *words_of_range(unsigned index)
{
	return index ? NULL : "show";
}

const struct command command_range = {
	.name = "range",
	.summary = N_("the ephemeral port range, reserved ports, who sits inside it"),
	.usage = "[show]",
	.description = N_(
		"Shows the range that ports are chosen from, for tcp and udp over IPv4 and IPv6, "
		"the ports reserved in it, and the sockets that sit on a port inside it."),
	.words = words_of_range,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
