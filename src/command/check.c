#include "base/language.h"
#include "base/text.h"
#include "command/check.h"
#include "command/command.h"
#include "command/culprits.h"
#include "command/help_words.h"
#include "command/policy.h"
#include "command/terminal.h"
#include "system/deadline.h"
#include "system/stream.h"
#include "view/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DESTINATIONS_BY_DEFAULT = 10 };

/* For whom the verdict is written. */
enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_PLUGIN, OUTPUT_CHECKMK, OUTPUT_NODE_PROBLEM };

struct check {
	enum output output;
	uint64_t limit;
	struct policy_options policy;
	unsigned timeout_s; /* 0: none */
	unsigned sample_ms; /* 0: none */
};

static int take_timeout(struct check *check, const char *value, struct error *error)
{
	enum { LONGEST = 86400 };
	uint64_t seconds;

	if (!text_to_number(value, LONGEST, &seconds) || !seconds)
		return error_set(error, _("--timeout '%s' is not a number from 1 to %d"),
				 value, LONGEST);
	check->timeout_s = (unsigned)seconds;
	return 0;
}

static int take_sample(struct check *check, const char *value, struct error *error)
{
	enum { SHORTEST_MS = 100, LONGEST_MS = 3600 * 1000 };
	uint64_t milliseconds;

	if (!text_to_duration(value, LONGEST_MS, &milliseconds) || milliseconds < SHORTEST_MS)
		return error_set(error,
				 _("--sample '%s' is not a time from 100ms to 1h; write it as "
				   "500ms, 5s or 2m"),
				 value);
	check->sample_ms = (unsigned)milliseconds;
	return 0;
}

static const struct {
	const char *name;
	enum output output;
} outputs[] = {
	{ "plugin", OUTPUT_PLUGIN },
	{ "checkmk", OUTPUT_CHECKMK },
	{ "node-problem", OUTPUT_NODE_PROBLEM },
};

enum { OUTPUTS = sizeof outputs / sizeof outputs[0] };

/* For whom a mistake in the command line is to be told, wherever that is said in it. */
static enum output output_wanted(int argc, char **argv)
{
	enum output wanted = OUTPUT_TEXT;

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		for (size_t j = 0; j < OUTPUTS; j++)
			if (!strncmp(argv[i], "--", 2) &&
			    !strcmp(argv[i] + 2, outputs[j].name))
				wanted = outputs[j].output;
	return wanted;
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct check *check = context;
	int taken;

	for (size_t i = 0; i < OUTPUTS; i++)
		if (!strcmp(name, outputs[i].name)) {
			check->output = outputs[i].output;
			return 0;
		}
	taken = policy_take(&check->policy, name, value, error);
	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "timeout"))
		return take_timeout(check, value, error);
	if (!strcmp(name, "sample"))
		return take_sample(check, value, error);
	if (!strcmp(value, "all"))
		check->limit = UINT64_MAX;
	else if (!text_to_number(value, UINT64_MAX, &check->limit))
		return error_set(error, _("--limit '%s' is neither a number nor 'all'"),
				 value);
	return 0;
}

static int exit_status(const struct check *check, enum severity verdict)
{
	/* Monitoring plugins; and node-problem-detector: ok, problem, unknown. */
	static const int statuses[] = {
		[SEVERITY_OK] = 0,
		[SEVERITY_WARNING] = 1,
		[SEVERITY_CRITICAL] = 2,
		[SEVERITY_UNKNOWN] = 3,
	};
	static const int node_statuses[] = {
		[SEVERITY_OK] = 0,
		[SEVERITY_WARNING] = 1,
		[SEVERITY_CRITICAL] = 1,
		[SEVERITY_UNKNOWN] = 2,
	};

	return check->output == OUTPUT_NODE_PROBLEM ? node_statuses[verdict] :
						      statuses[verdict];
}

/* A line for a monitoring system has no place for it. */
static void identify_culprits(const struct check *check, const struct source_request *request,
			      const struct diagnosis *diagnosis, struct snapshot *snapshot)
{
	if (check->output == OUTPUT_TEXT || check->output == OUTPUT_JSON)
		culprits_identify(request, diagnosis, snapshot);
}

/* A monitoring system reads standard output, of failures too. */
static int fail(const struct command *command, const struct check *check, int status,
		const char *sentence)
{
	if (check->output == OUTPUT_PLUGIN)
		fputs("PORTROOM UNKNOWN - ", stdout);
	else if (check->output == OUTPUT_CHECKMK)
		fputs("3 portroom - ", stdout);
	else if (check->output != OUTPUT_NODE_PROBLEM)
		return command_fail(status, sentence);
	check_line_write(stdout, sentence);
	putchar('\n');
	return check->output == OUTPUT_NODE_PROBLEM ? exit_status(check, SEVERITY_UNKNOWN) :
						      command->failure;
}

static void write_verdict(const struct check *check, const struct diagnosis *diagnosis,
			  const struct view_style *style)
{
	static void (*const writers[])(const struct diagnosis *diagnosis,
				       const struct view_style *style) = {
		[OUTPUT_TEXT] = check_text,
		[OUTPUT_JSON] = check_json,
		[OUTPUT_PLUGIN] = check_plugin,
		[OUTPUT_CHECKMK] = check_checkmk,
		[OUTPUT_NODE_PROBLEM] = check_node_problem,
	};

	writers[check->output](diagnosis, style);
}

/* In the form that the reader waits for, even if what is looked at never answers. */
static void limit_time(const struct command *command, const struct check *check)
{
	static const char *const beginnings[] = {
		[OUTPUT_TEXT] = "portroom: ",
		[OUTPUT_JSON] = "portroom: ",
		[OUTPUT_PLUGIN] = "PORTROOM UNKNOWN - ",
		[OUTPUT_CHECKMK] = "3 portroom - ",
		[OUTPUT_NODE_PROBLEM] = "",
	};
	char sentence[200], line[300];

	if (!check->timeout_s)
		return;
	snprintf(sentence, sizeof sentence,
		 P_("no answer within %u second", "no answer within %u seconds",
		    check->timeout_s),
		 check->timeout_s);
	snprintf(line, sizeof line, "%s%s\n", beginnings[check->output], sentence);
	deadline_set(
		check->timeout_s,
		check->output == OUTPUT_TEXT || check->output == OUTPUT_JSON ? 2 : 1, line,
		check->output == OUTPUT_NODE_PROBLEM ? exit_status(check, SEVERITY_UNKNOWN) :
						       command->failure);
}

/* Whoever sits before it wonders otherwise why nothing happens. */
static void announce_sample(const struct check *check)
{
	if (check->output != OUTPUT_TEXT || !check->sample_ms || !stream_is_terminal(2))
		return;
	fflush(stdout);
	fprintf(stderr, _("portroom: watching for %.1f s"), check->sample_ms / 1e3);
	fputc('\n', stderr);
}

static int look(const struct command *command, struct check *check,
		struct common_options *common)
{
	struct view_style style = terminal_style(common);
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct error error;
	int status;

	common->request.sample_ms = check->sample_ms;
	announce_sample(check);
	if (source_read(&common->request, &snapshot, &error)) {
		snapshot_free(&snapshot);
		return fail(command, check, command->failure, error.text);
	}
	style.limit = check->limit;
	diagnosis_make(&diagnosis, &snapshot, &check->policy.policy);
	identify_culprits(check, &common->request, &diagnosis, &snapshot);
	deadline_clear(); /* an answer is not cut short */
	write_verdict(check, &diagnosis, &style);
	if (check->output == OUTPUT_TEXT)
		evidence_text(&snapshot, source_first_file(&common->request), &style);
	status = exit_status(check, diagnosis.verdict);
	diagnosis_free(&diagnosis);
	snapshot_free(&snapshot);
	return status;
}

/* To read, words are files. */
static int check_words(const struct command *command, int words, char **argv,
		       const struct common_options *common, struct error *error)
{
	if (command->words_are_files && !common->request.on)
		return error_set(error, _("read: which files? Give what was sent: files, "
					  "folders, archives, or - for standard input"));
	if (!words || command->words_are_files)
		return 0;
	return error_set(error,
			 command_find(argv[1]) ?
				 _("'%s': the command comes before the options") :
				 _("'%s': check takes no words, only options"),
			 argv[1]);
}

static int check_sample(const struct check *check, const struct common_options *common,
			struct error *error)
{
	if (!check->sample_ms)
		return 0;
	if (common->request.root)
		return error_set(error,
				 _("--sample: nothing happens in a copied /proc (--root)"));
	if (common->request.on)
		return error_set(error, _("--sample: nothing happens in a file (--on)"));
	if (check->timeout_s && check->sample_ms >= check->timeout_s * UINT64_C(1000))
		return error_set(error,
				 _("--sample takes longer than --timeout %u allows; it needs "
				   "time to read the sockets, too"),
				 check->timeout_s);
	return 0;
}

/* The file may lie where nobody answers, too. */
static int begin(const struct command *command, struct check *check,
		 const struct common_options *common, struct error *error)
{
	if (common->json)
		check->output = OUTPUT_JSON;
	limit_time(command, check);
	return policy_settle(&check->policy, error);
}

int check_run(const struct command *command, int argc, char **argv)
{
	struct check check = {
		.limit = DESTINATIONS_BY_DEFAULT,
		.policy = { .policy = default_policy },
	};
	struct common_options common = {
		.request = { .scope = SCOPE_REACHABLE, .nat = true, .logs = true }
	};
	struct error error;
	int words, status;

	check.output = output_wanted(argc, argv);
	if (options_parse(command, argc, argv, &common, take_option, &check, &words, &error) ||
	    (!common.help && (check_words(command, words, argv, &common, &error) ||
			      check_sample(&check, &common, &error)))) {
		status = fail(command, &check, command->usage_error, error.text);
	} else if (common.help) {
		command_help(command);
		status = 0;
	} else if (begin(command, &check, &common, &error)) {
		status = fail(command, &check, command->failure, error.text);
	} else {
		status = look(command, &check, &common);
	}
	policy_free(&check.policy);
	return status;
}

/* clang-format off */
#define VERDICT_OPTIONS \
	{ "plugin", NULL, N_("one line with performance data, for monitoring plugins") }, \
	{ "checkmk", NULL, N_("one line as a Checkmk local check") }, \
	{ "node-problem", NULL, \
	  N_("one line for node-problem-detector; exit 0 ok, 1 problem, 2 unknown") }, \
	{ "timeout", "SECONDS", N_("give up then, with unknown (default: never)"), 't' }, \
	{ "limit", "N", N_("destinations in JSON: a number (default 10) or all") }
/* clang-format on */

static const struct option_spec check_options[] = {
	POLICY_OPTIONS,
	{ "sample", "TIME", N_("watch before judging, 5s or 2m: rates, makers of TIME_WAIT") },
	VERDICT_OPTIONS,
	OPTIONS_END,
};

/* Nothing happens in a file: there is nothing to sample. */
const struct option_spec read_options[] = {
	POLICY_OPTIONS,
	VERDICT_OPTIONS,
	OPTIONS_END,
};

const struct command command_check = {
	.name = "check",
	.summary = N_("are ports running out, who takes them, what to do (default)"),
	.usage = "",
	.description = help_check,
	.status = N_("0 ok, 1 warning, 2 critical, 3 unknown, as of monitoring plugins"),
	.options = check_options,
	.reads_files = true,
	.usage_error = 3,
	.failure = 3,
	.run = check_run,
};
