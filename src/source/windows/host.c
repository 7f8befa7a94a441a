#include "source/windows/host.h"

#include "snapshot/snapshot.h"
#include "system/clock.h"

void host_describe(struct snapshot *snapshot)
{
	snapshot->system = "Windows";
	snapshot->time_ms = clock_now_ms();
	snapshot->files_open = -1;
	snapshot->descriptor_ceiling = -1;
	snapshot_add_netns(snapshot, &(struct netns){ .kind = NETNS_HOST });
}
