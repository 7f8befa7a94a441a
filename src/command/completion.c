#include "command/completion.h"

#include "base/language.h"
#include "command/command.h"

#include <string.h>

void completion_words(FILE *out, const char *(*words)(unsigned index))
{
	for (unsigned i = 0; words && words(i); i++)
		fprintf(out, "%s%s", i ? " " : "", words(i));
}

const char *completion_help(void)
{
	return _("the help of a command");
}

static const struct {
	const char *name;
	void (*write)(FILE *out);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
	{ "powershell", completion_powershell },
};

enum { SHELL_COUNT = sizeof shells / sizeof shells[0] };

static const char *shell_words(unsigned index)
{
	return index < SHELL_COUNT ? shells[index].name : NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = { 0 };
	struct error error;
	int words;

	if (options_parse(command, argc, argv, &common, NULL, NULL, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	for (size_t i = 0; words == 1 && i < SHELL_COUNT; i++)
		if (!strcmp(argv[1], shells[i].name)) {
			shells[i].write(stdout);
			return 0;
		}
	if (words)
		error_set(&error, _("'%s': completion is for bash, zsh, fish or powershell"),
			  argv[words > 1 ? 2 : 1]);
	else
		error_set(&error,
			  _("completion needs the shell: bash, zsh, fish or powershell"));
	return command_fail(command->usage_error, error.text);
}

const struct command command_completion = {
	.name = "completion",
	.summary = N_("what bash, zsh, fish or PowerShell need to complete command lines"),
	.usage = "bash|zsh|fish|powershell",
	.description = N_(
		"Prints the completion script of a shell. Packages install it; else, for the "
		"running shell: source <(portroom completion bash), or zsh; portroom completion "
		"fish | source; portroom completion powershell | Out-String | Invoke-Expression."),
	.words = shell_words,
	.offline = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
