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

const char *trace_status_sentence(struct arena *arena, const struct trace_status *status)
{
	const struct topic *topic = topic_of_code(TOPIC_NTSTATUS, status->ntstatus);
	char count[32];

	if (!topic)
		return arena_print(arena,
				   P_("%s call failed with 0x%08X, which is not known here",
				      "%s calls failed with 0x%08X, which is not known here",
				      (unsigned long)status->count),
				   text_grouped(count, status->count), status->ntstatus);
	return arena_print(arena,
			   P_("%s call failed with 0x%08X %s: %s",
			      "%s calls failed with 0x%08X %s: %s",
			      (unsigned long)status->count),
			   text_grouped(count, status->count), status->ntstatus, topic->name,
			   _(topic->title));
}

/* A trace without the providers is as silent as one in which all went well. */
const char *trace_doubt_sentence(struct arena *arena, const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	for (size_t i = 0; i < facts->trace_count; i++) {
		const struct traced_trace *trace = &facts->traces[i];
		const char *file = facts->artefacts[trace->artefact].file;

		if (!trace->afd_events && !trace->tcpip_events)
			return arena_print(
				arena,
				_("%s has no events of Microsoft-Windows-Winsock-AFD or -TCPIP: "
				  "it can neither confirm nor rule out that ports ran out"),
				file);
		if (trace->incomplete)
			return arena_print(
				arena,
				_("%s is not whole (lost events, an overwritten "
				  "beginning or spoilt parts): what it does not show "
				  "may have happened all the same"),
				file);
	}
	return NULL;
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

/* As of a live one, of which some kinds are not seen. */
void trace_files_start_json(int64_t now_ms, struct json *json)
{
	static const char remark[] = "where the trace has Winsock-AFD or TCPIP";
	static const char sends[] = "sends are not read from traces";

	trace_line_begin(json, "start", now_ms);
	json_text(json, "schema", "portroom.trace/1");
	json_text(json, "source", "etl");
	json_text(json, "why_not_bpf", NULL);
	json_array(json, "kinds");
	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++) {
		json_row(json, NULL);
		json_text(json, "kind", failure_kind_name((enum failure_kind)kind));
		json_bool(json, "covered", kind != FAILURE_UDP_SEND);
		json_text(json, "remark", kind == FAILURE_UDP_SEND ? sends : remark);
		json_end_object(json);
	}
	json_end_array(json);
	json_number(json, "slows_calls_ns", 0);
	json_end_object(json);
}

static uint64_t events_lost(const struct snapshot *snapshot)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < snapshot->evidence.trace_count; i++)
		lost += snapshot->evidence.traces[i].events_lost;
	return lost;
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
	json_number(json, "lost", (int64_t)events_lost(snapshot));
	json_number(json, "unclear", 0);
	json_number(json, "failed", (int64_t)sum->failed);
	json_array(json, "statuses");
	for (size_t i = 0; i < sum->status_count; i++) {
		json_row(json, NULL);
		trace_ntstatus_json(json, sum->statuses[i].ntstatus);
		json_bool(json, "want_of_port", !sum->statuses[i].other_reason);
		json_number(json, "count", (int64_t)sum->statuses[i].count);
		json_end_object(json);
	}
	json_end_array(json);
	json_number(json, "other_statuses", (int64_t)sum->other_statuses);
	json_array(json, "traces");
	for (size_t i = 0; i < facts->trace_count; i++)
		view_json_trace(json, snapshot, &facts->traces[i]);
	json_end_array(json);
	json_end_object(json);
}
