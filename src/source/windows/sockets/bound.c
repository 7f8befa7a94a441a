#include "source/windows/sockets/tables_route.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/nt.h"
#include "source/windows/sockets/bound.h"
#include "source/windows/sockets/bound_handles.h"
#include "source/windows/sockets/bound_internal.h"
#include "source/windows/sockets/bound_wmi.h"
#include "source/windows/wmi.h"
#include "system/clock.h"

static int by_internal_table(struct rows *rows, struct snapshot *snapshot, struct error *error)
{
	struct bound_internal_route route;

	bound_internal_find(&route, snapshot->windows->build);
	return bound_internal_read(&route, rows, error);
}

static int by_handles(struct rows *rows, struct snapshot *snapshot, struct error *error)
{
	struct tables_route tables;
	struct nt_route nt;

	nt_find(&nt);
	tables_find(&tables);
	return bound_handles_read(&nt, &tables, rows, snapshot, error);
}

static int by_wmi(struct rows *rows, struct snapshot *snapshot, struct error *error)
{
	struct wmi_route route;

	(void)snapshot;
	return bound_wmi_read(wmi_route_find(&route) ? &route : NULL, rows, error);
}

/* The first costs least and sees all; WMI is slow where there are many. */
static const struct way {
	const char *name;
	int (*read)(struct rows *rows, struct snapshot *snapshot, struct error *error);
} ways[] = {
	{ "iphlpapi_bound", by_internal_table },
	{ "afd_handles", by_handles },
	{ "wmi_bound", by_wmi },
};

bool bound_read(struct rows *rows, struct snapshot *snapshot)
{
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		size_t before = rows->count;
		double began = clock_monotonic_s();
		struct error error;
		int failed = ways[i].read(rows, snapshot, &error);

		snapshot_add_source(
			snapshot,
			&(struct source_report){
				.name = ways[i].name,
				.used = !failed,
				.sockets = failed ? -1 : (int64_t)(rows->count - before),
				.milliseconds = (clock_monotonic_s() - began) * 1000,
				.why_not = failed ? arena_copy(&snapshot->arena, error.text) :
						    NULL,
			});
		if (!failed)
			return true;
	}
	snapshot_add_gap(snapshot, GAP_ROOM, -1,
			 _("ports that are bound and have no connection"),
			 _("no way to see them is open on this Windows"),
			 _("run as administrator, or use netstat -anoq"));
	return false;
}
