#include "base/language.h"
#include "command/check.h"

const struct command command_read = {
	.name = "read",
	.summary = N_("the same verdict from what another machine left"),
	.usage = "FILE...",
	.description = N_(
		"Takes what was sent from another machine: files of any kind that tells of ports, "
		"folders, archives, - for standard input. It finds out what each is, joins them "
		"and gives the verdict of check, with the files that it rests on."),
	.status = N_("0 ok, 1 warning, 2 critical, 3 unknown, as of monitoring plugins"),
	.options = read_options,
	.reads_files = true,
	.words_are_files = true,
	.usage_error = 3,
	.failure = 3,
	.run = check_run,
};
