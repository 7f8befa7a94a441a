#include "source/machine.h"

#include "base/arena.h"
#include "source/windows/host.h"
#include "source/windows/log/logged.h"
#include "source/windows/process/process.h"
#include "source/windows/range/ranges.h"
#include "source/windows/rows.h"
#include "source/windows/sockets/bound.h"

const char *const source_names[] = { "iphlpapi", NULL };

/* How far back the logs bear on what is the case now. */
#define LOGGED_MS (INT64_C(24) * 3600 * 1000)

int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error)
{
	struct rows rows = { NULL };
	struct processes *processes;

	(void)request;
	(void)error;
	*snapshot = (struct snapshot){ 0 };
	host_describe(snapshot);
	snapshot->windows = arena_alloc(&snapshot->arena, sizeof *snapshot->windows);
	windows_ranges_read(snapshot);
	processes = processes_open(snapshot);
	snapshot->windows->bound_listed = bound_read(&rows, snapshot);
	processes_close(processes);
	rows_free(&rows);
	logged_read(snapshot, snapshot->time_ms - LOGGED_MS);
	return 0;
}
