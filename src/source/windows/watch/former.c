#include "source/windows/watch/former.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/process.h"

#include <windows.h>

void formers_begin(struct formers *formers, const struct snapshot *before)
{
	formers->before = before;
	formers->now = memory_zeroed(before->process_count + 1, sizeof *formers->now);
	for (size_t i = 0; i < before->process_count; i++)
		formers->now[i] = UINT32_MAX;
}

/* ---- who is gone ---- */

static int64_t seconds_of(const FILETIME *time)
{
	return filetime_to_unix_s(filetime_join(time->dwHighDateTime, time->dwLowDateTime));
}

/* One that may not be asked runs: for a number that nobody has the error is another. */
static bool still_runs(const struct process *process)
{
	HANDLE handle =
		OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)process->pid);
	FILETIME created, exited, kernel, user;
	DWORD status = 0;
	bool runs;

	if (!handle)
		return GetLastError() != ERROR_INVALID_PARAMETER;
	runs = GetExitCodeProcess(handle, &status) && status == STILL_ACTIVE;
	if (runs && process->start_time > 0 &&
	    GetProcessTimes(handle, &created, &exited, &kernel, &user))
		runs = seconds_of(&created) == process->start_time;
	CloseHandle(handle);
	return runs;
}

static uint32_t add_former(struct snapshot *snapshot, const struct process *former)
{
	struct arena *arena = &snapshot->arena;
	struct process process = *former;

	process.ended = true;
	process.name = arena_copy(arena, former->name);
	process.executable = arena_copy(arena, former->executable);
	process.command_line = arena_copy(arena, former->command_line);
	process.user_name = arena_copy(arena, former->user_name);
	process.unit = arena_copy(arena, former->unit);
	process.container = process.pod = process.runtime = NULL;
	process.package = process.version = process.vendor = NULL;
	process.kinds = NULL;
	process.kind_count = 0;
	process.descriptors = process.socket_descriptors = -1;
	return snapshot_add_process(snapshot, &process);
}

/* ---- who is who ---- */

static uint32_t find_now(const struct snapshot *snapshot, const struct process *wanted)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == wanted->pid &&
		    snapshot->processes[i].start_ticks == wanted->start_ticks &&
		    snapshot->processes[i].start_time == wanted->start_time)
			return (uint32_t)i;
	return UINT32_MAX;
}

static bool may_leave_rest(const struct holding *holding)
{
	return holding->key.owner_kind == OWNER_PROCESS &&
	       holding->key.protocol == PROTOCOL_TCP && holding->key.remote_port;
}

static void settle(struct formers *formers, struct snapshot *snapshot, uint32_t before)
{
	const struct process *process = &formers->before->processes[before];
	uint32_t *now = &formers->now[before];

	if (*now == UINT32_MAX)
		*now = find_now(snapshot, process);
	if (*now == UINT32_MAX && !still_runs(process))
		*now = add_former(snapshot, process);
}

void formers_match(struct formers *formers, struct snapshot *snapshot)
{
	const struct snapshot *before = formers->before;

	for (size_t i = 0; i < before->process_count; i++)
		if (formers->now[i] == UINT32_MAX)
			formers->now[i] = find_now(snapshot, &before->processes[i]);
	for (size_t i = 0; i < before->holding_count; i++)
		if (may_leave_rest(&before->holdings[i]))
			settle(formers, snapshot, before->holdings[i].key.owner);
}

uint32_t formers_index(struct formers *formers, struct snapshot *snapshot,
		       struct processes *processes, int32_t pid)
{
	const struct snapshot *before = formers->before;

	for (uint32_t i = 0; i < before->process_count; i++) {
		if (before->processes[i].pid != pid)
			continue;
		settle(formers, snapshot, i);
		if (formers->now[i] != UINT32_MAX)
			return formers->now[i];
	}
	return processes_index(processes, pid);
}
