#include "source/windows/process/process.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>

struct processes {
	struct snapshot *snapshot;
};

struct processes *processes_open(struct snapshot *snapshot)
{
	struct processes *processes = memory_zeroed(1, sizeof *processes);

	processes->snapshot = snapshot;
	return processes;
}

void processes_close(struct processes *processes)
{
	free(processes);
}

uint32_t processes_index(struct processes *processes, int32_t pid)
{
	struct snapshot *snapshot = processes->snapshot;

	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == pid)
			return (uint32_t)i;
	return snapshot_add_process(snapshot, &(struct process){
						      .pid = pid,
						      .start_time = -1,
						      .user = -1,
						      .descriptors = -1,
						      .descriptor_limit = -1,
						      .descriptor_hard_limit = -1,
						      .socket_descriptors = -1,
					      });
}
