#include "source/windows/trace/failure_process.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "source/windows/process/account.h"
#include "source/windows/process/details.h"
#include "source/windows/process/nt.h"
#include "source/windows/process/service_names.h"
#include "system/clock.h"

#include <stdlib.h>
#include <string.h>

/* The kernel's own process, which has no program (learn.microsoft.com, GetProcessImageFileName: "System"). */
enum { SYSTEM_PID = 4 };
enum { MOST = 4096, PLACES = 2 * MOST, SERVICES_FRESH_MS = 10000 };

struct failure_processes {
	struct snapshot known;	/* its processes */
	uint32_t index[PLACES]; /* hash table: place in known.processes + 1 */
	struct nt_route nt;
	struct account_route account;
	struct service_names services;
	int64_t services_ms; /* 0: never asked */
};

struct failure_processes *failure_processes_new(void)
{
	struct failure_processes *processes = memory_zeroed(1, sizeof *processes);

	nt_find(&processes->nt);
	account_find(&processes->account);
	return processes;
}

static void forget(struct failure_processes *processes)
{
	snapshot_free(&processes->known);
	processes->known = (struct snapshot){ 0 };
	memset(processes->index, 0, sizeof processes->index);
}

void failure_processes_free(struct failure_processes *processes)
{
	if (!processes)
		return;
	forget(processes);
	service_names_free(&processes->services);
	free(processes);
}

/* ---- a process of the moment ---- */

/* When that process began, if it is the one that failed; 0: it has ended, or may not be looked at. */
static uint64_t began(const struct failure_processes *processes, uint32_t pid, int64_t time_ms)
{
	HANDLE process = processes->nt.open_process(PROCESS_QUERY_LIMITED_INFORMATION, FALSE,
						    (DWORD)pid);
	uint64_t created;

	if (!process)
		return 0;
	created = details_created(process);
	processes->nt.close(process);
	return filetime_to_unix_ms(created) <= time_ms ? created : 0;
}

/* Services come and go: they are asked for again when another process is met. */
static const char *services_of(struct failure_processes *processes, int32_t pid)
{
	int64_t now = clock_monotonic_ms();
	struct service_route route;
	struct error error;

	if (!processes->services_ms || now - processes->services_ms >= SERVICES_FRESH_MS) {
		service_names_free(&processes->services);
		service_find(&route);
		(void)service_names_read(&processes->services, &route, &error);
		processes->services_ms = clock_monotonic_ms();
	}
	return service_names_of(&processes->services, pid, &processes->known.arena);
}

/* ---- those that are known ---- */

static bool is_same(const struct process *process, uint32_t pid, uint64_t created,
		    const char *name)
{
	return (uint32_t)process->pid == pid && process->start_ticks == created &&
	       (created || !*name || (process->name && !strcmp(process->name, name)));
}

/* The place of that process, or the empty one where it belongs. */
static uint32_t *find(struct failure_processes *processes, uint32_t pid, uint64_t created,
		      const char *name)
{
	uint64_t hash = ((uint64_t)pid << 32 ^ created) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) % PLACES;

	while (processes->index[at] &&
	       !is_same(&processes->known.processes[processes->index[at] - 1], pid, created,
			name))
		at = (at + 1) % PLACES;
	return &processes->index[at];
}

static uint32_t add(struct failure_processes *processes, uint32_t pid, uint64_t created,
		    const char *name)
{
	struct arena *arena = &processes->known.arena;
	struct process process = process_unread((int32_t)pid);

	process.start_ticks = created;
	if (created)
		details_read(&processes->nt, &processes->account, arena, &process);
	else
		process.ended = pid != 0;
	if (created && !process.ended)
		process.unit = services_of(processes, process.pid);
	if (!process.name && pid == SYSTEM_PID)
		process.name = "System";
	else if (!process.name && *name)
		process.name = arena_copy(arena, name);
	return snapshot_add_process(&processes->known, &process);
}

const struct process *failure_process(struct failure_processes *processes, uint32_t pid,
				      const char *name, int64_t time_ms)
{
	uint64_t created = pid ? began(processes, pid, time_ms) : 0;
	uint32_t *place;

	if (processes->known.process_count == MOST)
		forget(processes);
	place = find(processes, pid, created, name);
	if (!*place)
		*place = 1 + add(processes, pid, created, name);
	return &processes->known.processes[*place - 1];
}
