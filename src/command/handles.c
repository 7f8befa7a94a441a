#include "source/handles.h"

#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/filter.h"
#include "command/handles_files.h"
#include "command/handles_rows.h"
#include "command/help_words.h"
#include "command/terminal.h"
#include "source/source.h"
#include "system/clock.h"
#include "view/handles.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20, LONGEST_SAMPLE_MS = 3600 * 1000 };

struct options {
	struct common_options common;
	struct filter filter;
	uint64_t pid, sample_ms, limit;
};

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct options *options = context;
	int taken = filter_take(&options->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "sample") &&
	    (!text_to_duration(value, LONGEST_SAMPLE_MS, &options->sample_ms) ||
	     !options->sample_ms))
		return error_set(error, _("--sample '%s': give a time up to 1h, such as 10s"),
				 value);
	if (!strcmp(name, "limit") && !strcmp(value, "all"))
		options->limit = UINT64_MAX;
	else if (!strcmp(name, "limit") &&
		 (!text_to_number(value, UINT32_MAX, &options->limit) || !options->limit))
		return error_set(error, _("--limit '%s': give a number from 1 on, or all"),
				 value);
	return 0;
}

static int take_words(struct options *options, int words, char **argv, struct error *error)
{
	if (words > 1)
		return error_set(error, _("'%s': handles takes one process number"), argv[2]);
	if (words && (!text_to_number(argv[1], INT32_MAX, &options->pid) || !options->pid))
		return error_set(error, _("'%s' is no process number"), argv[1]);
	if (words && !filter_is_empty(&options->filter))
		return error_set(error, _("a process number goes with no filter"));
	if (options->sample_ms && options->common.request.root)
		return error_set(error,
				 _("--sample: nothing happens in a copied /proc (--root)"));
	if (options->sample_ms && options->common.request.on)
		return error_set(error, _("--sample: nothing happens in a file (--on)"));
	return 0;
}

/* ---- two looks ---- */

struct looks {
	struct handles first, handles;
	struct snapshot first_snapshot, snapshot;
	double seconds; /* between them; 0: one look */
};

static int look(const struct options *options, struct looks *looks, struct error *error)
{
	const char *root = options->common.request.root;
	int32_t pid = (int32_t)options->pid;
	double began = clock_monotonic_s();

	if (options->sample_ms) {
		if (handles_read(&looks->first, &looks->first_snapshot, root, pid, error))
			return -1;
		clock_rest_ms(options->sample_ms);
		looks->seconds = clock_monotonic_s() - began;
	}
	return handles_read(&looks->handles, &looks->snapshot, root, pid, error);
}

static void free_looks(struct looks *looks)
{
	handles_free(&looks->first);
	handles_free(&looks->handles);
	snapshot_free(&looks->first_snapshot);
	snapshot_free(&looks->snapshot);
}

/* The same process at the first look; a number may be another's by now. */
static const struct handle_count *find_first(const struct looks *looks,
					     const struct process *process)
{
	for (size_t i = 0; i < looks->first.count; i++) {
		const struct process *before =
			&looks->first_snapshot.processes[looks->first.items[i].process];

		if (before->pid == process->pid && before->start_ticks == process->start_ticks)
			return &looks->first.items[i];
	}
	return NULL;
}

/* ---- rows ---- */

static struct handles_row row_of(const struct looks *looks, const struct snapshot *machine,
				 const struct handle_count *count)
{
	const struct process *process = &looks->snapshot.processes[count->process];
	const struct handle_count *first = find_first(looks, process);

	return (struct handles_row){
		.process = process,
		.count = count->count,
		.sockets = count->kinds[HANDLE_SOCKET],
		.compared = first != NULL,
		.growth = first ? count->count - first->count : 0,
		.listed = -1,
		.remark = handles_row_remark(machine->windows != NULL, process, count->count),
	};
}

/* What grows comes first if somebody waited to see that. */
static int by_growth(const void *a, const void *b)
{
	const struct handles_row *left = a, *right = b;

	if (left->growth != right->growth)
		return left->growth > right->growth ? -1 : 1;
	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return left->process->pid < right->process->pid ? -1 : 1;
}

static int by_count(const void *a, const void *b)
{
	const struct handles_row *left = a, *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return left->process->pid < right->process->pid ? -1 : 1;
}

static struct handles_view view_of(const struct looks *looks, const struct snapshot *machine)
{
	return (struct handles_view){
		.machine = machine,
		.files_open = machine->kernel ? machine->files_open : -1,
		.files_limit = machine->kernel ? machine->files_limit : -1,
		.sample_s = looks->seconds,
		.refused = looks->handles.refused,
		.unanswered = looks->handles.unanswered,
		.time_ms = clock_now_ms(),
	};
}

static void show_all(const struct options *options, const struct looks *looks,
		     const struct snapshot *machine)
{
	struct view_style style = terminal_style(&options->common);
	struct handles_row *rows = memory_zeroed(looks->handles.count + 1, sizeof *rows);
	struct handles_view view = view_of(looks, machine);
	const struct socket_record nothing = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < looks->handles.count; i++) {
		struct handles_row row = row_of(looks, machine, &looks->handles.items[i]);

		if (filter_match(&options->filter, row.process, &nothing))
			rows[count++] = row;
	}
	qsort(rows, count, sizeof *rows, looks->seconds > 0 ? by_growth : by_count);
	view.rows = rows;
	view.count = count < options->limit ? count : (size_t)options->limit;
	view.more = count - view.count;
	if (options->common.json)
		handles_json(&view, stdout);
	else
		handles_text(&view, &style);
	free(rows);
}

/* ---- one process ---- */

static int by_kind_count(const void *a, const void *b)
{
	const struct handles_kind *left = a, *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->name, right->name);
}

static size_t collect_kinds(const struct handle_count *count,
			    struct handles_kind kinds[HANDLE_KIND_COUNT])
{
	size_t found = 0;

	for (int kind = 0; kind < HANDLE_KIND_COUNT; kind++)
		if (count->kinds[kind])
			kinds[found++] = (struct handles_kind){
				.name = handle_kind_name((enum handle_kind)kind),
				.title = handle_kind_title((enum handle_kind)kind),
				.count = count->kinds[kind],
			};
	qsort(kinds, found, sizeof kinds[0], by_kind_count);
	return found;
}

static void show_one(const struct options *options, const struct looks *looks,
		     const struct snapshot *machine)
{
	struct view_style style = terminal_style(&options->common);
	struct handles_view view = view_of(looks, machine);
	struct handles_row row = row_of(looks, machine, &looks->handles.items[0]);
	struct handles_kind kinds[HANDLE_KIND_COUNT] = { { NULL } };
	struct handles_kind *own_kinds = handles_row_kinds(row.process);
	const struct holding **holdings =
		memory_zeroed(machine->holding_count + 1, sizeof(const struct holding *));
	size_t count = 0;

	for (size_t i = 0; i < machine->holding_count; i++) {
		const struct holding *holding = &machine->holdings[i];
		const struct process *owner = snapshot_owner(machine, holding);

		if (owner && holding->key.owner_kind == OWNER_PROCESS &&
		    owner->pid == row.process->pid &&
		    owner->start_ticks == row.process->start_ticks)
			holdings[count++] = holding;
	}
	handles_holdings_sort(holdings, count);
	row.kinds = row.process->kinds ? own_kinds : kinds;
	row.kind_count = row.process->kinds ? row.process->kind_count :
					      collect_kinds(&looks->handles.items[0], kinds);
	view.rows = &row;
	view.count = 1;
	if (options->common.json)
		handles_one_json(&view, machine, holdings, count, stdout);
	else
		handles_one_text(&view, holdings, count, &style);
	free(holdings);
	free(own_kinds);
}

/* The machine's own figures, and of one process its sockets. What of them cannot be read is left out, for descriptors
 * are what was asked for; but a namespace that was named must be there. */
static int read_machine(const struct options *options, struct snapshot *machine,
			struct error *error)
{
	struct source_request request = options->common.request;
	bool named = request.scope == SCOPE_ONE || request.scope == SCOPE_HOST;

	request.no_port_test = true;
	request.no_owners = !options->pid;
	if (!options->pid && !named)
		request.scope = SCOPE_OWN;
	return source_read(&request, machine, error) && named ? -1 : 0;
}

static int show_files(const struct command *command, const struct options *options)
{
	const struct handles_files wanted = {
		.common = &options->common,
		.filter = &options->filter,
		.pid = (int32_t)options->pid,
		.limit = options->limit,
	};
	struct error error;

	return handles_files_show(&wanted, &error) ?
		       command_fail(command->failure, error.text) :
		       0;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = {
		.common = { .request = { .scope = SCOPE_REACHABLE } },
		.limit = SHOWN,
	};
	struct looks looks = { 0 };
	struct snapshot machine = { 0 };
	struct error error;
	int words, status = 0;

	if (options_parse(command, argc, argv, &options.common, take_option, &options, &words,
			  &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.help)
		return command_help(command), 0;
	if (take_words(&options, words, argv, &error))
		return command_fail(command->usage_error, error.text);
	if (options.common.request.on)
		return show_files(command, &options);
	if (look(&options, &looks, &error) || read_machine(&options, &machine, &error)) {
		status = command_fail(command->failure, error.text);
	} else {
		if (options.pid)
			show_one(&options, &looks, &machine);
		else
			show_all(&options, &looks, &machine);
	}
	free_looks(&looks);
	snapshot_free(&machine);
	return status;
}

static const struct option_spec options_of_handles[] = {
	FILTER_OWNER_OPTIONS,
	{ "sample", "TIME", N_("look twice, so far apart, and tell what has grown") },
	{ "limit", "N", N_("processes shown: a number (default 20) or all") },
	OPTIONS_END,
};

const struct command command_handles = {
	.name = "handles",
	.summary = N_("processes by what they have open, with their sockets and limit"),
	.usage = "[PID]",
	.description = help_handles,
	.options = options_of_handles,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
