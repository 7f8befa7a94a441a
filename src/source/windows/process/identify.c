#include "snapshot/snapshot.h"
#include "source/source.h"
#include "source/windows/process/file_version.h"
#include "system/clock.h"

enum { LONGEST_MS = 2000 };

/* Windows has no packages that executables belong to: the product is what people know it by. */
void source_identify(const struct source_request *request, struct snapshot *snapshot,
		     const uint32_t *processes, size_t count)
{
	int64_t began = clock_monotonic_ms();
	struct file_version_route route;

	if (!source_is_live(request))
		return;
	file_version_find(&route);
	for (size_t i = 0; i < count && clock_monotonic_ms() - began < LONGEST_MS; i++) {
		struct process *process = &snapshot->processes[processes[i]];
		struct file_version version;

		if (!process->executable || process->version)
			continue;
		version = file_version_read(&route, process->executable, &snapshot->arena);
		process->version = version.version;
		process->package = version.product;
		process->vendor = version.company;
	}
}
