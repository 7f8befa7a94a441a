#include "snapshot/snapshot.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * What files told of a machine joins a snapshot of it: logs, events and traces, with the files that they are of. Both name
 * artefacts and processes by index, so that what is taken over is renumbered.
 */
struct joining {
	struct snapshot *snapshot;
	const struct snapshot *told;
	uint32_t *processes;	/* by index of `told`, what it is in the snapshot */
	uint32_t artefacts_off; /* its artefacts come behind */
};

/* ---- processes ---- */

static_assert(offsetof(struct process, pid) == 0, "a process is found by its pid");

/* A number may have been another process's when the trace was taken: names tell. */
static bool is_same(const struct process *here, const struct process *told)
{
	return !here->name || !told->name || !strcmp(here->name, told->name);
}

static void join_processes(struct joining *joining)
{
	struct snapshot *snapshot = joining->snapshot;
	const struct snapshot *told = joining->told;
	const size_t here = snapshot->process_count;
	struct index by_pid = { 0 };
	struct indexed keys = { snapshot->processes, 0, sizeof *snapshot->processes,
				sizeof(int32_t) };

	for (keys.count = 0; keys.count < here; keys.count++)
		index_find_or_add(&by_pid, &keys, &snapshot->processes[keys.count].pid);
	for (size_t i = 0; i < told->process_count; i++) {
		const struct process *process = &told->processes[i];
		size_t at;

		keys.items = snapshot->processes;
		at = index_find(&by_pid, &keys, &process->pid);
		joining->processes[i] =
			process->pid && at < here &&
					is_same(&snapshot->processes[at], process) ?
				(uint32_t)at :
				snapshot_add_process(snapshot, process);
	}
	index_free(&by_pid);
}

static int64_t process_here(const struct joining *joining, int64_t index)
{
	return index < 0 ? index : (int64_t)joining->processes[index];
}

/* ---- facts ---- */

#define APPEND(facts, items, count, capacity, item)                                           \
	do {                                                                                  \
		array_reserve((facts)->items, (facts)->count, (facts)->capacity);             \
		(facts)->items[(facts)->count++] = (item);                                    \
	} while (0)

static void join_logs(const struct joining *joining)
{
	struct evidence_facts *facts = &joining->snapshot->evidence;
	const struct evidence_facts *told = &joining->told->evidence;

	for (size_t i = 0; i < told->log_count; i++) {
		struct logged_log log = told->logs[i];

		log.artefact += joining->artefacts_off;
		APPEND(facts, logs, log_count, log_capacity, log);
	}
	for (size_t i = 0; i < told->event_count; i++) {
		struct logged_event event = told->events[i];

		event.artefact += joining->artefacts_off;
		APPEND(facts, events, event_count, event_capacity, event);
	}
}

static void join_traces(const struct joining *joining)
{
	struct evidence_facts *facts = &joining->snapshot->evidence;
	const struct evidence_facts *told = &joining->told->evidence;

	for (size_t i = 0; i < told->trace_count; i++) {
		struct traced_trace trace = told->traces[i];

		trace.artefact += joining->artefacts_off;
		for (size_t j = 0; j < trace.process_count; j++)
			trace.processes[j].process =
				joining->processes[trace.processes[j].process];
		APPEND(facts, traces, trace_count, trace_capacity, trace);
	}
	for (size_t i = 0; i < told->failure_count; i++) {
		struct traced_failure failure = told->failures[i];

		failure.artefact += joining->artefacts_off;
		failure.process = process_here(joining, failure.process);
		APPEND(facts, failures, failure_count, failure_capacity, failure);
	}
}

void snapshot_join_evidence(struct snapshot *snapshot, struct snapshot *told)
{
	struct evidence_facts *facts = &snapshot->evidence;
	struct joining joining = {
		.snapshot = snapshot,
		.told = told,
		.processes = memory_zeroed(told->process_count + 1, sizeof(uint32_t)),
		.artefacts_off = (uint32_t)facts->artefact_count,
	};

	join_processes(&joining);
	for (size_t i = 0; i < told->evidence.artefact_count; i++)
		APPEND(facts, artefacts, artefact_count, artefact_capacity,
		       told->evidence.artefacts[i]);
	join_logs(&joining);
	join_traces(&joining);
	facts->own = false;
	free(joining.processes);
	arena_join(&snapshot->arena, &told->arena);
	snapshot_free(told);
}
