#include "source/windows/process/process.h"

#include "base/arena.h"
#include "base/index.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/artefact/windows/handle_table.h"
#include "source/artefact/windows/process_table.h"
#include "source/windows/process/account.h"
#include "source/windows/process/details.h"
#include "source/windows/process/nt.h"
#include "source/windows/process/service_names.h"
#include "system/clock.h"

#include <stdlib.h>

/*
 * NtQuerySystemInformation() tells of all processes what needs no right on them: name, beginning, how many handles. The rest is
 * asked of those that are asked for, and of the service manager when the first is.
 */
struct seen_process {
	int32_t pid; /* the key of `index` */
	uint32_t handles;
	uint64_t created;
	const char *name; /* in the snapshot's arena; NULL: it has none */
};

struct asked_process {
	int32_t pid; /* the key of `asked_index` */
	uint32_t index;
};

struct processes {
	struct snapshot *snapshot;
	struct nt_route nt;
	struct account_route account;
	struct seen_process *seen;
	size_t seen_count, seen_capacity;
	struct index seen_index;
	struct asked_process *asked;
	size_t asked_count, asked_capacity;
	struct index asked_index;
	bool is_looked; /* at processes */
	bool services_asked;
	struct service_names services;
};

/* ---- the look at all ---- */

static struct indexed seen_of(const struct processes *processes)
{
	return (struct indexed){ processes->seen, processes->seen_count,
				 sizeof *processes->seen, sizeof processes->seen->pid };
}

static struct seen_process *find_seen(const struct processes *processes, int32_t pid)
{
	const struct indexed seen = seen_of(processes);
	size_t found = seen.count ? index_find(&processes->seen_index, &seen, &pid) : 0;

	return found < seen.count ? &processes->seen[found] : NULL;
}

static void add_seen(struct processes *processes, const struct process_entry *entry)
{
	const struct indexed seen = seen_of(processes);

	if (index_find_or_add(&processes->seen_index, &seen, &entry->pid) < seen.count)
		return;
	array_reserve(processes->seen, processes->seen_count, processes->seen_capacity);
	processes->seen[processes->seen_count++] = (struct seen_process){
		.pid = entry->pid,
		.handles = entry->handles,
		.created = entry->created,
		.name = *entry->name ? arena_copy(&processes->snapshot->arena, entry->name) :
				       NULL,
	};
}

static int look(struct processes *processes, struct error *error)
{
	struct process_entry entry;
	struct process_table table;
	struct nt_table bytes;

	if (nt_table_read(&processes->nt, NT_PROCESSES, &bytes, error))
		return -1;
	process_table_open(&table, bytes.bytes, bytes.size, (uintptr_t)bytes.bytes);
	while (process_table_next(&table, &entry))
		add_seen(processes, &entry);
	nt_table_free(&bytes);
	return 0;
}

/* Wine tells how much room its table of handles has, and GetProcessHandleCount() nothing: where the two do not agree on
 * ourselves, handles are counted one by one. */
static bool counts_are_exact(const struct processes *processes)
{
	const struct seen_process *own = find_seen(processes, (int32_t)GetCurrentProcessId());
	DWORD count = 0;

	return own && GetProcessHandleCount(GetCurrentProcess(), &count) &&
	       count == own->handles;
}

static void count_handles(struct processes *processes)
{
	struct handle_table table;
	struct nt_table bytes;
	struct error error;

	if (nt_table_read(&processes->nt, NT_HANDLES, &bytes, &error))
		return;
	if (handle_table_open(&table, bytes.bytes, bytes.size)) {
		for (size_t i = 0; i < processes->seen_count; i++)
			processes->seen[i].handles = 0;
		for (size_t i = 0; i < table.count; i++) {
			struct seen_process *seen =
				find_seen(processes, handle_table_at(&table, i).pid);

			if (seen)
				seen->handles++;
		}
	}
	nt_table_free(&bytes);
}

struct processes *processes_open(struct snapshot *snapshot)
{
	struct processes *processes = memory_zeroed(1, sizeof *processes);
	double began = clock_monotonic_s();
	struct error error;
	int failed;

	processes->snapshot = snapshot;
	nt_find(&processes->nt);
	account_find(&processes->account);
	failed = look(processes, &error);
	processes->is_looked = !failed;
	if (!failed && !counts_are_exact(processes))
		count_handles(processes);
	snapshot_add_source(
		snapshot,
		&(struct source_report){
			.name = "processes",
			.used = !failed,
			.sockets = -1,
			.milliseconds = (clock_monotonic_s() - began) * 1000,
			.why_not = failed ? arena_copy(&snapshot->arena, error.text) : NULL,
		});
	if (failed)
		snapshot_add_gap(snapshot, GAP_OWNERS, -1, _("names of processes"), error.text,
				 NULL);
	return processes;
}

void processes_close(struct processes *processes)
{
	service_names_free(&processes->services);
	index_free(&processes->seen_index);
	index_free(&processes->asked_index);
	free(processes->seen);
	free(processes->asked);
	free(processes);
}

/* ---- one that is asked for ---- */

static void ask_services(struct processes *processes)
{
	double began = clock_monotonic_s();
	struct service_route route;
	struct error error;
	int failed;

	if (processes->services_asked)
		return;
	processes->services_asked = true;
	service_find(&route);
	failed = service_names_read(&processes->services, &route, &error);
	snapshot_add_source(processes->snapshot,
			    &(struct source_report){
				    .name = "services",
				    .used = !failed,
				    .sockets = -1,
				    .milliseconds = (clock_monotonic_s() - began) * 1000,
				    .why_not = failed ? arena_copy(&processes->snapshot->arena,
								   error.text) :
							NULL,
			    });
}

static uint32_t describe(struct processes *processes, int32_t pid)
{
	struct arena *arena = &processes->snapshot->arena;
	const struct seen_process *seen = find_seen(processes, pid);
	struct process process = process_unread(pid);

	process.is_told_by_pid = !processes->is_looked;
	if (seen) {
		process.start_ticks = seen->created;
		process.start_time = process_time_s(seen->created);
		process.name = seen->name;
		process.descriptors = (int64_t)seen->handles;
	}
	ask_services(processes);
	details_read(&processes->nt, &processes->account, arena, &process);
	process.unit = service_names_of(&processes->services, pid, arena);
	return snapshot_add_process(processes->snapshot, &process);
}

uint32_t processes_index(struct processes *processes, int32_t pid)
{
	const struct indexed asked = {
		processes->asked,
		processes->asked_count,
		sizeof *processes->asked,
		sizeof processes->asked->pid,
	};
	size_t found = index_find_or_add(&processes->asked_index, &asked, &pid);

	if (found < asked.count)
		return processes->asked[found].index;
	array_reserve(processes->asked, processes->asked_count, processes->asked_capacity);
	processes->asked[processes->asked_count++] =
		(struct asked_process){ pid, describe(processes, pid) };
	return processes->asked[processes->asked_count - 1].index;
}

size_t processes_seen(const struct processes *processes)
{
	return processes->seen_count;
}

int32_t processes_seen_pid(const struct processes *processes, size_t index)
{
	return processes->seen[index].pid;
}
