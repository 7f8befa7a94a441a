#include "source/windows/sockets/tables_route.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/row.h"
#include "source/artefact/windows/ranges.h"
#include "source/windows/host.h"
#include "source/windows/log/logged.h"
#include "source/windows/netns/facts.h"
#include "source/windows/process/process.h"
#include "source/windows/range/ranges.h"
#include "source/windows/reading.h"
#include "source/windows/rows.h"
#include "source/windows/sockets/bound.h"
#include "source/windows/sockets/tables.h"
#include "source/windows/watch/ledger.h"
#include "system/clock.h"

/*
 * All tables first: which ports are bound only shows beside the others, and a listener must be known before what it
 * serves. Then the rows become what the snapshot has, or go to whoever wants each.
 */

/* How far back the logs bear on what is the case now. */
#define LOGGED_MS (INT64_C(24) * 3600 * 1000)

struct reading {
	const struct source_request *request;
	struct snapshot *snapshot;
	struct processes *processes;
	struct ledger *ledger;
	struct rows rows;
};

/* ---- rows ---- */

static enum owner_kind find_owner(struct reading *reading, const struct dossier_socket *row,
				  uint32_t *owner)
{
	enum owner_kind kind = row_owner_kind(row);
	int32_t pid = row->pid;

	*owner = 0;
	if (reading->request->no_owners)
		return OWNER_HIDDEN;
	if (kind == OWNER_PROCESS)
		*owner = processes_index(reading->processes, pid);
	if (kind != OWNER_NOBODY || !reading->ledger || !ledger_is_ending(reading->ledger))
		return kind;
	pid = ledger_maker(reading->ledger, row);
	if (pid <= 0)
		return kind;
	*owner = formers_index(&reading->ledger->formers, reading->snapshot,
			       reading->processes, pid);
	return OWNER_RECORDED;
}

static void take_row(void *context, const struct dossier_socket *row)
{
	struct reading *reading = context;
	const struct source_request *request = reading->request;
	struct socket_record record = row_record(row, true);
	uint32_t owner;
	enum owner_kind kind;

	/* Nothing has its port any more. */
	if (row->state == SOCKET_CLOSE || !row->local_port)
		return;
	kind = find_owner(reading, row, &owner);
	record.fresh = reading->ledger && ledger_is_fresh(reading->ledger, row);
	if (request->on_socket)
		request->on_socket(request->context, reading->snapshot, 0, kind, owner,
				   &record);
	else
		snapshot_add_socket(reading->snapshot, 0, kind, owner, &record);
}

static void take_rows(struct reading *reading)
{
	const struct row_listing listing = {
		.rows = reading->rows.items,
		.count = reading->rows.count,
		.bound_listed = reading->snapshot->windows->bound_listed,
	};

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		row_each(&listing, protocol, take_row, reading);
}

static void tell_ownerless(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	uint64_t sockets = 0;

	for (size_t i = 0; i < reading->rows.count; i++)
		sockets += reading->rows.items[i].pid < 0;
	if (!sockets || reading->request->no_owners)
		return;
	snapshot_add_gap(
		snapshot, GAP_OWNERS, -1,
		arena_print(&snapshot->arena,
			    P_("who has %llu socket", "who has %llu sockets", sockets),
			    (unsigned long long)sockets),
		_("Windows lists them without a process"), NULL);
}

/* ---- the machine ---- */

static void read_sockets(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct windows *windows = snapshot->windows;
	struct tables_route route;
	struct tables_read told;

	double began = clock_monotonic_s();

	tables_find(&route);
	told = tables_read(&route, reading->ledger || reading->request->cookies,
			   &reading->rows, snapshot);
	if (reading->ledger)
		ledger_note(reading->ledger, &reading->rows,
			    (began + clock_monotonic_s()) / 2);
	windows->listing = told.tcp ? "GetExtendedTcpTable" : NULL;
	windows->owners_listed = told.tcp;
	windows->listing_cut = !told.whole;
	windows->bound_listed = bound_read(&reading->rows, snapshot);
	snapshot->namespaces[0].tcp_read = told.tcp;
	snapshot->namespaces[0].udp_read = told.udp;
	snapshot->namespaces[0].bound_seen = windows->bound_listed;
	tell_ownerless(reading);
	reading->processes = processes_open(snapshot);
	take_rows(reading);
	if (reading->ledger && ledger_is_ending(reading->ledger))
		ledger_tell(reading->ledger, reading->processes, snapshot);
	processes_close(reading->processes);
}

static void read_settings(const struct source_request *request, struct snapshot *snapshot)
{
	if (!request->known) {
		windows_ranges_read(snapshot);
		return;
	}
	windows_copy_settings(snapshot->windows, request->known);
	snapshot_add_source(snapshot, &(struct source_report){
					      .name = "settings_of_earlier_look",
					      .used = true,
					      .sockets = -1,
				      });
}

int reading_do(const struct source_request *request, struct ledger *ledger,
	       struct snapshot *snapshot, struct error *error)
{
	struct reading reading = {
		.request = request,
		.snapshot = snapshot,
		.ledger = ledger,
	};

	(void)error;
	*snapshot = (struct snapshot){ 0 };
	snapshot->windows = arena_alloc(&snapshot->arena, sizeof *snapshot->windows);
	*snapshot->windows = windows_unread();
	host_describe(snapshot);
	facts_read(snapshot, request->route);
	read_settings(request, snapshot);
	read_sockets(&reading);
	rows_free(&reading.rows);
	ranges_tell(snapshot);
	if (request->logs)
		logged_read(snapshot, snapshot->time_ms - LOGGED_MS);
	return 0;
}
