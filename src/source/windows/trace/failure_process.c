#include "source/windows/trace/failure_process.h"

#include "base/arena.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* FILETIME counts 100 ns since 1601 UTC (learn.microsoft.com, "FILETIME structure"). */
#define TICKS_PER_MS 10000
#define MS_FROM_1601_TO_1970 INT64_C(11644473600000)

/* The kernel's own process, which has no image (learn.microsoft.com, "System process"). */
enum { SYSTEM_PID = 4 };

void failure_processes_free(struct failure_processes *processes)
{
	snapshot_free(&processes->known);
	*processes = (struct failure_processes){ 0 };
}

/* ---- a process of the moment ---- */

static int64_t ms_of(uint64_t created)
{
	return (int64_t)(created / TICKS_PER_MS) - MS_FROM_1601_TO_1970;
}

/* NULL: it has ended, or began after that moment, or may not be looked at. */
static HANDLE open_process(uint32_t pid, int64_t time_ms, uint64_t *created)
{
	HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
	FILETIME began, ended, kernel, user;

	*created = 0;
	if (!process)
		return NULL;
	if (GetProcessTimes(process, &began, &ended, &kernel, &user))
		*created = (uint64_t)began.dwHighDateTime << 32 | began.dwLowDateTime;
	if (*created && ms_of(*created) <= time_ms)
		return process;
	*created = 0;
	CloseHandle(process);
	return NULL;
}

/* Win32's path of its program; NULL: it cannot be had. */
static char *image_of(HANDLE process)
{
	enum { LONGEST = 32768 };
	wchar_t *path = memory_zeroed(LONGEST, sizeof *path);
	DWORD length = LONGEST;
	char *text = NULL;

	if (QueryFullProcessImageNameW(process, 0, path, &length))
		text = wide_to_text(path);
	free(path);
	return text;
}

static const char *base_of(const char *path)
{
	const char *behind = strrchr(path, '\\');

	return behind ? behind + 1 : path;
}

/* ---- those that are known ---- */

static bool is_same(const struct process *process, uint32_t pid, uint64_t created,
		    const char *name)
{
	return (uint32_t)process->pid == pid && process->start_ticks == created &&
	       (!*name || !process->name || !strcmp(process->name, name));
}

/* The place of that process, or the empty one where it belongs. */
static uint32_t *find(struct failure_processes *processes, uint32_t pid, uint64_t created,
		      const char *name)
{
	enum { SIZE = sizeof processes->index / sizeof processes->index[0] };
	uint64_t hash = ((uint64_t)pid << 32 ^ created) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) % SIZE;

	while (processes->index[at] &&
	       !is_same(&processes->known.processes[processes->index[at] - 1], pid, created,
			name))
		at = (at + 1) % SIZE;
	return &processes->index[at];
}

static uint32_t add(struct failure_processes *processes, uint32_t pid, uint64_t created,
		    const char *name, HANDLE handle)
{
	struct snapshot *known = &processes->known;
	char *image = handle ? image_of(handle) : NULL;
	struct process process = {
		.pid = (int32_t)pid,
		.ended = pid && !handle,
		.start_ticks = created,
		.start_time = created ? ms_of(created) / 1000 : -1,
		.user = -1,
		.descriptors = -1,
		.descriptor_limit = -1,
		.descriptor_hard_limit = -1,
		.socket_descriptors = -1,
	};

	if (*name)
		process.name = arena_copy(&known->arena, name);
	if (pid == SYSTEM_PID)
		process.name = "System";
	if (image) {
		process.executable = arena_copy(&known->arena, image);
		process.name = base_of(process.executable);
	}
	free(image);
	return snapshot_add_process(known, &process);
}

const struct process *failure_process(struct failure_processes *processes, uint32_t pid,
				      const char *name, int64_t time_ms)
{
	uint64_t created = 0;
	HANDLE handle = pid ? open_process(pid, time_ms, &created) : NULL;
	uint32_t *place;

	if (processes->known.process_count == FAILURE_PROCESSES)
		failure_processes_free(processes);
	place = find(processes, pid, created, name);
	if (!*place)
		*place = 1 + add(processes, pid, created, name, handle);
	if (handle)
		CloseHandle(handle);
	return &processes->known.processes[*place - 1];
}
