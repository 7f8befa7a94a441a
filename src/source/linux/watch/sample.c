#include "source/linux/watch/sample.h"

#include "base/arena.h"
#include "source/linux/process/process.h"
#include "source/linux/reading.h"
#include "source/linux/watch/watch.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * The first look comes when the watch has begun: a connection is either seen open by it, or its connect()
 * is watched, or both.
 */

static uint32_t find_process(const struct snapshot *snapshot, const struct process *wanted)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == wanted->pid &&
		    snapshot->processes[i].start_ticks == wanted->start_ticks)
			return (uint32_t)i;
	return UINT32_MAX;
}

/* It holds nothing any more, but may have left something in TIME_WAIT. */
static uint32_t add_former(struct snapshot *snapshot, const struct process *former, int proc)
{
	struct arena *arena = &snapshot->arena;
	struct process process = *former;

	process.ended = !process_still_runs(proc, former->pid, former->start_ticks);
	process.name = arena_copy(arena, former->name);
	process.executable = arena_copy(arena, former->executable);
	process.command_line = arena_copy(arena, former->command_line);
	process.user_name = arena_copy(arena, former->user_name);
	process.unit = arena_copy(arena, former->unit);
	process.container = arena_copy(arena, former->container);
	process.pod = arena_copy(arena, former->pod);
	process.runtime = NULL;
	process.descriptors = process.socket_descriptors = -1;
	return snapshot_add_process(snapshot, &process);
}

static bool may_leave_rest(const struct holding *holding)
{
	return holding->key.owner_kind == OWNER_PROCESS &&
	       holding->key.protocol == PROTOCOL_TCP && holding->key.remote_port;
}

/* Which process of the first look is which of the second. */
static void match_processes(struct snapshot *snapshot, const struct snapshot *before)
{
	uint32_t *now = memory_zeroed(before->process_count, sizeof *now);
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < before->process_count; i++)
		now[i] = find_process(snapshot, &before->processes[i]);
	for (size_t i = 0; i < before->holding_count; i++) {
		uint32_t owner = before->holdings[i].key.owner;

		if (may_leave_rest(&before->holdings[i]) && now[owner] == UINT32_MAX)
			now[owner] = add_former(snapshot, &before->processes[owner], proc);
	}
	if (proc >= 0)
		close(proc);
	snapshot->sample.process_now = now;
}

int sample_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error)
{
	struct watch *watch = watch_begin(request), *nothing = watch_nothing();
	struct snapshot *before = memory_zeroed(1, sizeof *before);
	int result = reading_do(request, nothing, before, error);

	*snapshot = (struct snapshot){ 0 };
	if (!result) {
		watch_until(watch, request->sample_ms);
		result = reading_do(request, watch, snapshot, error);
	}
	snapshot->sample.before = before;
	if (!result)
		match_processes(snapshot, before);
	watch_end(nothing);
	watch_end(watch);
	return result;
}
