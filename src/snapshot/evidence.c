#include "snapshot/evidence.h"

#include <stdlib.h>
#include <string.h>

bool traced_failure_wants_port(const struct traced_failure *failure)
{
	return failure->error || failure->status == (uint32_t)NTSTATUS_TOO_MANY_ADDRESSES ||
	       (failure->by_transport && failure->ephemeral);
}

struct failure traced_failure_told(const struct traced_failure *failure, uint16_t local_port,
				   int64_t time_ms)
{
	static const struct process nobody = { .user = -1 };

	return (struct failure){
		.time_ms = time_ms,
		.call = failure->call,
		.protocol_known = failure->protocol_known,
		.protocol = failure->protocol,
		.error = failure->error,
		.ntstatus = failure->status,
		.other_reason = !traced_failure_wants_port(failure),
		.source = failure->local,
		.source_port = local_port,
		.destination = failure->remote,
		.port = failure->remote_port,
		.netns = failure->netns,
		.netns_name = failure->netns_name,
		.process = &nobody,
	};
}

bool traced_trace_is_windows(const struct traced_trace *trace)
{
	return !trace->recording || failure_source_is_windows(trace->recording->source);
}

bool traced_trace_shows_failures(const struct traced_trace *trace)
{
	return trace->recording || trace->afd_events || trace->tcpip_events;
}

int64_t evidence_newest_ms(const struct evidence_facts *facts)
{
	int64_t newest = 0;

	for (size_t i = 0; i < facts->event_count; i++)
		if (facts->events[i].last_ms > newest)
			newest = facts->events[i].last_ms;
	for (size_t i = 0; i < facts->log_count; i++)
		if (facts->logs[i].newest_ms > newest)
			newest = facts->logs[i].newest_ms;
	for (size_t i = 0; i < facts->failure_count; i++)
		if (facts->failures[i].last_ms > newest)
			newest = facts->failures[i].last_ms;
	for (size_t i = 0; i < facts->trace_count; i++)
		if (facts->traces[i].last_ms > newest)
			newest = facts->traces[i].last_ms;
	for (size_t i = 0; i < facts->point_count; i++)
		if (!facts->points[i].time_is_local && facts->points[i].time_ms > newest)
			newest = facts->points[i].time_ms;
	return newest;
}

void evidence_facts_free(struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->point_count; i++)
		for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
			for (int family = 0; family < 2; family++)
				port_set_free(&facts->points[i].ports[protocol][family]);
	free(facts->artefacts);
	free(facts->events);
	free(facts->logs);
	free(facts->failures);
	free(facts->traces);
	free(facts->counted);
	free(facts->points);
	*facts = (struct evidence_facts){ 0 };
}

size_t evidence_folder(const struct evidence_facts *facts)
{
	const char *first = facts->artefacts[0].file;
	size_t length = strlen(first);

	for (size_t i = 1; i < facts->artefact_count; i++) {
		const char *other = facts->artefacts[i].file;
		size_t alike = 0;

		while (alike < length && first[alike] == other[alike])
			alike++;
		length = alike;
	}
	while (length && first[length - 1] != '/' && first[length - 1] != '\\')
		length--;
	return length;
}
