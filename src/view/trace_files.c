#include "view/trace_files.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "knowledge/topic.h"
#include "snapshot/snapshot.h"
#include "view/trace.h"
#include "view/traced.h"
#include "view/view.h"

#include <stdio.h>

/* ---- sentences ---- */

/* "2026-11-22 23:59:59" */
static const char *moment(char buffer[32], int64_t time_ms)
{
	view_time(buffer, time_ms);
	buffer[10] = ' ';
	buffer[19] = '\0';
	return buffer;
}

static uint64_t wanting(const struct trace_sum *sum)
{
	uint64_t count = 0;

	for (size_t i = 0; i < sum->status_count; i++)
		count += sum->statuses[i].other_reason ? 0 : sum->statuses[i].count;
	return count;
}

const char *trace_sum_sentence(struct arena *arena, const struct trace_sum *sum)
{
	char first[32], last[32], failed[32], want[32];
	uint64_t count = wanting(sum);
	const char *text;

	if (!sum->failed)
		text = _("no call is seen to fail");
	else if (!count)
		text = arena_print(arena,
				   P_("%s call failed, not for want of a port",
				      "%s calls failed, none for want of a port",
				      (unsigned long)sum->failed),
				   text_grouped(failed, sum->failed));
	else
		text = arena_print(arena,
				   P_("%s call failed for want of a port, of %s that failed",
				      "%s calls failed for want of a port, of %s that failed",
				      (unsigned long)count),
				   text_grouped(want, count),
				   text_grouped(failed, sum->failed));
	if (!sum->first_ms || !sum->last_ms)
		return text;
	return arena_print(arena, _("%s to %s UTC: %s"), moment(first, sum->first_ms),
			   moment(last, sum->last_ms), text);
}

/* Of Linux the program's error is all there is. */
static const struct topic *topic_of(const struct trace_status *status)
{
	return status->error ? topic_find(status->error) :
			       topic_of_code(TOPIC_NTSTATUS, status->ntstatus);
}

const char *trace_status_sentence(struct arena *arena, const struct trace_status *status)
{
	const struct topic *topic = topic_of(status);
	char count[32], number[16];

	snprintf(number, sizeof number, "0x%08X", status->ntstatus);
	text_grouped(count, status->count);
	if (!topic)
		return arena_print(arena,
				   P_("%s call failed with %s, which is not known here",
				      "%s calls failed with %s, which is not known here",
				      (unsigned long)status->count),
				   count, status->error ? status->error : number);
	if (status->error)
		return arena_print(arena,
				   P_("%s call failed with %s: %s",
				      "%s calls failed with %s: %s",
				      (unsigned long)status->count),
				   count, topic->name, _(topic->title));
	return arena_print(arena,
			   P_("%s call failed with 0x%08X %s: %s",
			      "%s calls failed with 0x%08X %s: %s",
			      (unsigned long)status->count),
			   count, status->ntstatus, topic->name, _(topic->title));
}

/* As a live trace tells it; one of Windows tells nothing of its own. */
static struct trace_start start_of(const struct traced_trace *trace, int64_t now_ms,
				   bool filtered)
{
	static const struct failure_coverage
		calls = { true, "where the trace has Winsock-AFD or TCPIP" },
		sends = { false, "sends are not read from traces" };
	const struct traced_recording *recording = trace ? trace->recording : NULL;
	struct trace_start start = {
		.time_ms = now_ms,
		.source = recording ? recording->source : "etl",
		.why_not_bpf = recording ? recording->why_not_bpf : NULL,
		.filtered = filtered || (recording && recording->filtered),
	};

	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++)
		start.coverage[kind] = recording		? &recording->coverage[kind] :
				       kind == FAILURE_UDP_SEND ? &sends :
								  &calls;
	return start;
}

static const char *recording_doubt(struct arena *arena, const struct traced_trace *trace,
				   const char *file)
{
	const struct trace_start start = start_of(trace, 0, false);
	const char *missing = trace_not_covered_sentence(arena, &start);

	if (trace->incomplete)
		return arena_print(arena,
				   _("%s is not whole (lost calls, a missing end or spoilt "
				     "lines): what it does not show may have happened all "
				     "the same"),
				   file);
	if (trace->recording->filtered)
		return arena_print(arena,
				   _("%s was recorded with options that let only some calls "
				     "be told: others may have failed as well"),
				   file);
	return missing ? arena_print(arena, _("%s: %s"), file, missing) : NULL;
}

static const char *etl_doubt(struct arena *arena, const struct traced_trace *trace,
			     const char *file)
{
	if (!traced_trace_shows_failures(trace))
		return arena_print(
			arena,
			_("%s has no events of Microsoft-Windows-Winsock-AFD or -TCPIP: "
			  "it can neither confirm nor rule out that ports ran out"),
			file);
	if (trace->incomplete)
		return arena_print(arena,
				   _("%s is not whole (lost events, an overwritten "
				     "beginning or spoilt parts): what it does not show "
				     "may have happened all the same"),
				   file);
	return NULL;
}

/* A trace that could not show a call is as silent as one in which all went well. */
const char *trace_doubt_sentence(struct arena *arena, const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	const char *doubt = NULL;

	for (size_t i = 0; i < facts->trace_count && !doubt; i++) {
		const struct traced_trace *trace = &facts->traces[i];
		const char *file = facts->artefacts[trace->artefact].file;

		doubt = trace->recording ? recording_doubt(arena, trace, file) :
					   etl_doubt(arena, trace, file);
	}
	return doubt;
}

/* ---- JSON Lines ---- */

void trace_ntstatus_json(struct json *json, uint32_t ntstatus)
{
	const struct topic *topic = topic_of_code(TOPIC_NTSTATUS, ntstatus);
	char number[16];

	snprintf(number, sizeof number, "0x%08X", ntstatus);
	json_text(json, "ntstatus", number);
	json_text(json, "status", topic ? topic->name : NULL);
	json_text(json, "meaning", topic ? _(topic->title) : NULL);
}

void trace_files_start_json(int64_t now_ms, const struct snapshot *snapshot,
			    const struct traced_trace *first, bool filtered, struct json *json)
{
	struct trace_start start = start_of(first, now_ms, filtered);

	start.machine = snapshot;
	trace_start_json(&start, json);
}

static uint64_t events_lost(const struct evidence_facts *facts)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < facts->trace_count; i++)
		lost += facts->traces[i].events_lost;
	return lost;
}

static uint64_t unclear(const struct evidence_facts *facts)
{
	uint64_t count = 0;

	for (size_t i = 0; i < facts->trace_count; i++)
		if (facts->traces[i].recording)
			count += facts->traces[i].recording->unclear;
	return count;
}

static void write_status(const struct trace_status *status, struct json *json)
{
	const struct topic *topic = topic_of(status);
	char number[16];

	snprintf(number, sizeof number, "0x%08X", status->ntstatus);
	json_row(json, NULL);
	json_text(json, "ntstatus", status->error ? NULL : number);
	json_text(json, "status", topic && !status->error ? topic->name : NULL);
	json_text(json, "error", status->error);
	json_text(json, "meaning", topic ? _(topic->title) : NULL);
	json_bool(json, "want_of_port", !status->other_reason);
	json_number(json, "count", (int64_t)status->count);
	json_end_object(json);
}

void trace_files_end_json(const struct trace_sum *sum, const struct snapshot *snapshot,
			  struct json *json)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	bool has_times = sum->first_ms && sum->last_ms >= sum->first_ms;

	trace_line_begin(json, "end", sum->last_ms ? sum->last_ms : sum->read_ms);
	json_ratio(json, "seconds",
		   has_times ? (double)(sum->last_ms - sum->first_ms) / 1e3 : 0);
	json_number(json, "failures", (int64_t)sum->told);
	json_number(json, "lost", (int64_t)events_lost(facts));
	json_number(json, "unclear", (int64_t)unclear(facts));
	json_number(json, "failed", (int64_t)sum->failed);
	json_array(json, "statuses");
	for (size_t i = 0; i < sum->status_count; i++)
		write_status(&sum->statuses[i], json);
	json_end_array(json);
	json_number(json, "other_statuses", (int64_t)sum->other_statuses);
	json_array(json, "traces");
	for (size_t i = 0; i < facts->trace_count; i++)
		view_json_trace(json, snapshot, &facts->traces[i]);
	json_end_array(json);
	json_end_object(json);
}
