#include "command/trace_files.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "command/command.h"
#include "command/filter.h"
#include "diagnosis/failure_groups.h"
#include "source/source.h"
#include "system/clock.h"
#include "view/trace.h"
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 1000, LINES_A_TICK = 10 };

/* Rows come while files are read, in the order of time within each. Seconds are those of the trace: what the first look
 * at a live machine would have shown is shown. */
struct telling {
	const struct trace_files *files;
	const struct snapshot *snapshot; /* as far as it was read */
	struct json json;
	struct failure_groups *groups;
	struct trace_sum sum;
	int64_t tick_ms;
	bool has_begun;
	bool of_windows; /* what is told first: the columns are its own */
};

static void tell_row(struct telling *telling, const struct failure *failure, int64_t time_ms,
		     uint64_t count)
{
	const struct trace_row row = { .failure = failure,
				       .time_ms = time_ms,
				       .count = count,
				       .room = failure->room,
				       .of_windows = telling->of_windows };

	if (telling->files->as_json)
		trace_failure_json(&row, &telling->json);
	else
		trace_row_text(&row, telling->files->style);
}

static void tell_group(void *context, const struct failure_group *group)
{
	struct telling *telling = context;

	tell_row(telling, &group->failure, group->failure.time_ms,
		 group->untold ? group->untold : 1);
}

static void tick(struct telling *telling, int64_t time_ms)
{
	uint64_t rest;

	if (telling->files->as_json)
		return;
	rest = failure_groups_tick(telling->groups, telling->tick_ms, tell_group, telling);
	if (rest)
		trace_rest_text(telling->tick_ms, 0, rest, telling->files->style);
	telling->tick_ms = time_ms;
}

/* ---- failures ---- */

static const struct traced_trace *current_trace(const struct telling *telling)
{
	const struct evidence_facts *facts = &telling->snapshot->evidence;

	return facts->trace_count ? &facts->traces[facts->trace_count - 1] : NULL;
}

/* Not before there is something to tell of: no heading stands over a file that is none. */
static void begin(struct telling *telling)
{
	const struct traced_trace *trace = current_trace(telling);

	if (telling->has_begun)
		return;
	telling->has_begun = true;
	telling->of_windows = trace && traced_trace_is_windows(trace);
	telling->sum.read_ms = clock_now_ms();
	if (telling->files->as_json)
		trace_files_start_json(telling->sum.read_ms, telling->snapshot, trace,
				       !filter_is_empty(telling->files->filter),
				       &telling->json);
	else
		trace_heading_text(telling->of_windows, telling->files->style);
}

/* What the program got of Windows follows from the status. */
static const char *error_of(const struct failure *failure)
{
	return failure->ntstatus ? NULL : failure->error;
}

static bool is_of(const struct trace_status *status, const struct failure *failure)
{
	const char *error = error_of(failure);

	return status->ntstatus == failure->ntstatus &&
	       status->other_reason == failure->other_reason && !status->error == !error &&
	       (!error || !strcmp(status->error, error));
}

static void count_status(struct trace_sum *sum, const struct failure *failure)
{
	size_t i = 0;

	sum->failed++;
	while (i < sum->status_count && !is_of(&sum->statuses[i], failure))
		i++;
	if (i == TRACE_STATUSES) {
		sum->other_statuses++;
		return;
	}
	if (i == sum->status_count)
		sum->statuses[sum->status_count++] = (struct trace_status){
			.ntstatus = failure->ntstatus,
			.error = error_of(failure),
			.other_reason = failure->other_reason,
		};
	sum->statuses[i].count++;
}

static void take(void *context, const struct failure *failure)
{
	struct telling *telling = context;
	const struct trace_files *files = telling->files;
	const struct failure_group *group;
	struct failure named = *failure;
	char number[FAILURE_ERROR_SIZE];

	if (!filter_match_failure(files->filter, failure))
		return;
	begin(telling);
	count_status(&telling->sum, failure);
	if ((failure->other_reason && !files->all) ||
	    (files->wanted && telling->sum.told == files->wanted))
		return;
	telling->sum.told++;
	if (failure->ntstatus)
		named.error = failure_winsock_name(failure->ntstatus);
	if (files->as_json) {
		tell_row(telling, &named, failure->time_ms, 1);
		return;
	}
	named.error = failure_error_text(number, &named);
	if (failure->time_ms >= telling->tick_ms + TICK_MS)
		tick(telling, failure->time_ms);
	group = failure_groups_take(telling->groups, &named);
	if (group)
		tell_group(telling, group);
}

/* ---- the end ---- */

static int by_count(const void *a, const void *b)
{
	const struct trace_status *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	if (left->ntstatus != right->ntstatus)
		return left->ntstatus < right->ntstatus ? -1 : 1;
	if (left->error && right->error && strcmp(left->error, right->error) != 0)
		return strcmp(left->error, right->error);
	return left->other_reason - right->other_reason;
}

static void sum_up(struct trace_sum *sum, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->evidence.trace_count; i++) {
		const struct traced_trace *trace = &snapshot->evidence.traces[i];

		if (trace->first_ms && (!sum->first_ms || trace->first_ms < sum->first_ms))
			sum->first_ms = trace->first_ms;
		if (trace->last_ms > sum->last_ms)
			sum->last_ms = trace->last_ms;
	}
	qsort(sum->statuses, sum->status_count, sizeof *sum->statuses, by_count);
}

static void end(struct telling *telling, const struct snapshot *snapshot)
{
	struct trace_sum *sum = &telling->sum;
	struct arena arena = { 0 };
	const char *doubt = trace_doubt_sentence(&arena, snapshot);

	begin(telling);
	tick(telling, 0);
	sum_up(sum, snapshot);
	if (telling->files->as_json)
		trace_files_end_json(sum, snapshot, &telling->json);
	command_fail(0, trace_sum_sentence(&arena, sum));
	for (size_t i = 0; i < sum->status_count; i++)
		command_fail(0, trace_status_sentence(&arena, &sum->statuses[i]));
	if (doubt)
		command_fail(0, doubt);
	arena_free(&arena);
}

static int read(struct telling *telling, struct snapshot *snapshot, struct error *error)
{
	struct source_request request = *telling->files->request;

	telling->snapshot = snapshot;
	request.on_failure = take;
	request.context = telling;
	if (source_read(&request, snapshot, error))
		return -1;
	if (!snapshot->evidence.trace_count)
		return error_set(error,
				 _("--on '%s': there is no trace in it; portroom trace "
				   "--save makes one, and of Windows (.etl) netsh trace and "
				   "logman"),
				 request.on[0]);
	return 0;
}

/* An event trace of Windows has nothing of it: none of its calls was let through, which says nothing. */
static int check_filter(const struct telling *telling, struct error *error)
{
	const struct filter *filter = telling->files->filter;
	const struct evidence_facts *facts = &telling->snapshot->evidence;
	const char *unknown = filter->user	? "user" :
			      filter->unit	? "unit" :
			      filter->container ? "container" :
						  NULL;

	for (size_t i = 0; unknown && i < facts->trace_count; i++)
		if (!facts->traces[i].recording)
			return error_set(error,
					 _("--%s: a trace of Windows (--on) does not tell it"),
					 unknown);
	return 0;
}

static int tell(const struct command *command, struct telling *telling)
{
	struct snapshot snapshot = { 0 };
	struct error error;
	int status = 0;

	telling->groups = failure_groups_new(LINES_A_TICK);
	if (read(telling, &snapshot, &error))
		status = command_fail(command->failure, error.text);
	else if (check_filter(telling, &error))
		status = command_fail(command->usage_error, error.text);
	else
		end(telling, &snapshot);
	failure_groups_free(telling->groups);
	snapshot_free(&snapshot);
	return status;
}

int trace_files(const struct command *command, const struct trace_files *files)
{
	struct telling telling = { .files = files, .json = { .out = stdout } };
	struct error error;

	if (!files->senseless)
		return tell(command, &telling);
	error_set(&error, _("--%s: nothing happens in a file (--on)"), files->senseless);
	return command_fail(command->usage_error, error.text);
}
