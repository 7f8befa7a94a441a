#include "view/traced.h"

#include "base/json.h"
#include "snapshot/snapshot.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>

/* {"0x13":8923} */
static void write_counts(struct json *json, const char *key, const char *format,
			 const struct traced_counts *counts)
{
	json_row(json, key);
	for (size_t i = 0; i < counts->count; i++) {
		char id[16];

		snprintf(id, sizeof id, format, counts->items[i].id);
		json_number(json, id, (int64_t)counts->items[i].count);
	}
	json_end_object(json);
}

/* {"Microsoft-Windows-Kernel-Network":{"10":575}} */
static void write_identities(struct json *json, const struct traced_counts *counts)
{
	const char *provider = NULL;

	json_object(json, "events");
	for (size_t i = 0; i < counts->count; i++) {
		const struct traced_count *each = &counts->items[i];
		char id[16];

		if (!provider || strcmp(provider, each->provider)) {
			if (provider)
				json_end_object(json);
			provider = each->provider;
			json_row(json, provider);
		}
		snprintf(id, sizeof id, "%u", each->id);
		json_number(json, id, (int64_t)each->count);
	}
	if (provider)
		json_end_object(json);
	json_end_object(json);
}

static void write_processes(struct json *json, const struct snapshot *snapshot,
			    const struct traced_trace *trace)
{
	json_array(json, "processes");
	for (size_t i = 0; i < trace->process_count; i++) {
		const struct traced_process *each = &trace->processes[i];
		const struct process *process = &snapshot->processes[each->process];

		json_row(json, NULL);
		view_json_pid(json, "pid", process);
		json_text(json, "name", process->name);
		json_number(json, "connects", (int64_t)each->connects);
		json_number(json, "disconnects", (int64_t)each->disconnects);
		json_number(json, "accepts", (int64_t)each->accepts);
		json_number(json, "tcp_events", (int64_t)each->tcp_events);
		json_number(json, "udp_events", (int64_t)each->udp_events);
		json_number(json, "local_ports", each->local_ports);
		json_end_object(json);
	}
	json_end_array(json);
}

void view_json_trace(struct json *json, const struct snapshot *snapshot,
		     const struct traced_trace *trace)
{
	json_object(json, NULL);
	json_text(json, "file", snapshot->evidence.artefacts[trace->artefact].file);
	json_text(json, "recorded_by", trace->recording ? trace->recording->source : NULL);
	json_bool(json, "filtered", trace->recording && trace->recording->filtered);
	json_known(json, "build", trace->build);
	view_json_time(json, "first", trace->first_ms);
	view_json_time(json, "last", trace->last_ms);
	json_number(json, "event_count", (int64_t)trace->events);
	json_number(json, "afd_events", (int64_t)trace->afd_events);
	json_number(json, "tcpip_events", (int64_t)trace->tcpip_events);
	json_number(json, "network_events", (int64_t)trace->network_events);
	json_number(json, "completed_binds", (int64_t)trace->completed_binds);
	json_number(json, "completed_connects", (int64_t)trace->completed_connects);
	json_number(json, "failures", (int64_t)trace->failures);
	json_number(json, "events_lost", (int64_t)trace->events_lost);
	json_number(json, "buffers_lost", (int64_t)trace->buffers_lost);
	json_bool(json, "wrapped", trace->wrapped);
	json_bool(json, "incomplete", trace->incomplete);
	json_number(json, "buffers", (int64_t)trace->buffers);
	json_number(json, "compressed_buffers", (int64_t)trace->compressed_buffers);
	write_counts(json, "records", "0x%02x", &trace->records);
	write_counts(json, "extended_items", "%u", &trace->extended);
	write_identities(json, &trace->identities);
	json_number(json, "other_events", (int64_t)trace->identities.others);
	write_processes(json, snapshot, trace);
	json_end_object(json);
}
