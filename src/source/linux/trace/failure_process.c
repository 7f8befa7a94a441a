#include "source/linux/trace/failure_process.h"

#include "source/linux/process/descriptors.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void failure_processes_free(struct failure_processes *processes)
{
	snapshot_free(&processes->known);
	processes->known = (struct snapshot){ 0 };
	processes->reader = (struct process_reader){ .proc = processes->reader.proc };
	memset(processes->index, 0, sizeof processes->index);
}

static uint64_t ticks_of(const struct failure_processes *processes,
			 const struct seen_failure *seen)
{
	char path[32];
	uint64_t ticks = 0;
	int directory;

	if (seen->flags & SEEN_CALLER)
		return descriptors_ticks(seen->start_ns);
	snprintf(path, sizeof path, "%d", seen->pid);
	directory = openat(processes->reader.proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory >= 0) {
		ticks = descriptors_start_ticks(directory);
		close(directory);
	}
	return ticks;
}

/* Processes that this pid namespace does not show have all the number 0, so that time and name tell
 * them apart. By execve() a process becomes another program. */
static bool is_same(const struct process *process, int32_t pid, uint64_t ticks,
		    const char *name)
{
	return process->pid == pid && process->start_ticks == ticks &&
	       (!name || !process->name || !strcmp(process->name, name));
}

/* The place of that process, or the empty one where it belongs. */
static uint32_t *find(struct failure_processes *processes, int32_t pid, uint64_t ticks,
		      const char *name)
{
	enum { SIZE = sizeof processes->index / sizeof processes->index[0] };
	uint64_t hash = ((uint64_t)pid << 32 ^ ticks) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(hash >> 32) % SIZE;

	while (processes->index[at] &&
	       !is_same(&processes->known.processes[processes->index[at] - 1], pid, ticks,
			name))
		at = (at + 1) % SIZE;
	return &processes->index[at];
}

/* By what the kernel noted at the call; it may have another name by now. */
static uint32_t add_noted(struct failure_processes *processes, const struct seen_failure *seen,
			  const char *name)
{
	const struct noted_process noted = {
		.pid = seen->pid,
		.start_ns = seen->start_ns,
		.name = name,
		.user = seen->user,
		.cgroup = seen->cgroup,
	};
	uint32_t index = process_add_noted(&processes->known, &processes->reader, &noted);
	struct process *process = &processes->known.processes[index];

	if (name && process->name && strcmp(name, process->name))
		process->name = arena_copy(&processes->known.arena, name);
	return index;
}

/* By its number alone. */
static uint32_t add_found(struct failure_processes *processes, int32_t pid, uint64_t ticks)
{
	const struct walked_process found = { .pid = pid, .start_ticks = ticks };
	uint32_t index = process_read(&processes->known, &processes->reader, &found);
	struct process *process = &processes->known.processes[index];

	process->ended = !ticks && pid;
	process->descriptors = process->socket_descriptors = -1; /* nobody has counted */
	return index;
}

const struct process *failure_process(struct failure_processes *processes,
				      const struct seen_failure *seen)
{
	bool noted = seen->flags & SEEN_CALLER;
	uint64_t ticks = ticks_of(processes, seen);
	char name[sizeof seen->name + 1] = "";
	uint32_t *place;

	memcpy(name, seen->name, sizeof seen->name);
	if (processes->known.process_count == FAILURE_PROCESSES)
		failure_processes_free(processes);
	place = find(processes, seen->pid, ticks, *name ? name : NULL);
	if (!*place)
		*place = 1 + (noted ? add_noted(processes, seen, *name ? name : NULL) :
				      add_found(processes, seen->pid, ticks));
	return &processes->known.processes[*place - 1];
}
