#include "source/windows/sockets/tables_route.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/artefact/windows/mib_table.h"
#include "source/windows/sockets/tables.h"
#include "system/clock.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"

#include <stdlib.h>

/*
 * A table may grow between the call that says how large it is and the one that fetches it: it is asked for with room to
 * spare, and again, but not for ever. Wine says that it has no memory where a table has grown at each of its own attempts
 * (Wine 8.0, dlls/nsi/nsi.c, NsiAllocateAndGetTable()): that is tried again, too. Fetching and converting are separate: mib_table.c knows the rows.
 */
enum { FIRST_SIZE = 64 << 10, LARGEST = 512 << 20, MOST_CALLS = 8 };

void tables_find(struct tables_route *route)
{
	*route = (struct tables_route){ 0 };
	(void)library_find(route->tcp, "iphlpapi.dll", "GetExtendedTcpTable");
	(void)library_find(route->udp, "iphlpapi.dll", "GetExtendedUdpTable");
}

static const struct wanted {
	const char *source, *what;
	enum protocol protocol;
	ULONG family;
	enum mib_table_kind plain, timed;
} all_wanted[] = {
	{ "iphlpapi_tcp4", N_("TCP sockets over IPv4"), PROTOCOL_TCP, AF_INET,
	  MIB_TABLE_TCP4_PID, MIB_TABLE_TCP4_MODULE },
	{ "iphlpapi_tcp6", N_("TCP sockets over IPv6"), PROTOCOL_TCP, AF_INET6,
	  MIB_TABLE_TCP6_PID, MIB_TABLE_TCP6_MODULE },
	{ "iphlpapi_udp4", N_("UDP sockets over IPv4"), PROTOCOL_UDP, AF_INET,
	  MIB_TABLE_UDP4_PID, MIB_TABLE_UDP4_MODULE },
	{ "iphlpapi_udp6", N_("UDP sockets over IPv6"), PROTOCOL_UDP, AF_INET6,
	  MIB_TABLE_UDP6_PID, MIB_TABLE_UDP6_MODULE },
};

struct reading {
	const struct tables_route *route;
	const struct wanted *wanted;
	struct rows *rows;
	struct snapshot *snapshot;
	struct tables_read told;
	uint64_t odd_rows; /* in a state that nothing is known of */
	uint32_t odd_state;
};

/* ---- fetching ---- */

static DWORD call(const struct reading *reading, bool timed, void *table, DWORD *size)
{
	const struct wanted *wanted = reading->wanted;

	if (wanted->protocol == PROTOCOL_TCP)
		return reading->route->tcp(
			table, size, FALSE, wanted->family,
			timed ? TCP_TABLE_OWNER_MODULE_ALL : TCP_TABLE_OWNER_PID_ALL, 0);
	return reading->route->udp(table, size, FALSE, wanted->family,
				   timed ? UDP_TABLE_OWNER_MODULE : UDP_TABLE_OWNER_PID, 0);
}

static DWORD fetch(const struct reading *reading, bool timed, void **table, size_t *size)
{
	DWORD room = FIRST_SIZE;

	for (int calls = 0; calls < MOST_CALLS; calls++) {
		DWORD needed = room, result;

		*table = memory_zeroed(1, room);
		*size = room;
		result = call(reading, timed, *table, &needed);
		if (result == NO_ERROR)
			return NO_ERROR;
		free(*table);
		*table = NULL;
		if (result == ERROR_OUTOFMEMORY && calls + 1 < MOST_CALLS)
			continue;
		if (result != ERROR_INSUFFICIENT_BUFFER)
			return result;
		needed = needed > room ? needed : room;
		if (needed > LARGEST)
			return ERROR_NOT_ENOUGH_MEMORY;
		room = needed + needed / 4 + 4096;
	}
	return ERROR_INSUFFICIENT_BUFFER;
}

/* ---- converting ---- */

static void take_rows(struct reading *reading, const struct mib_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct dossier_socket row;
		uint32_t state = mib_table_row(table, i, &row);

		if (state && !mib_table_state_is_known(state)) {
			reading->odd_rows++;
			reading->odd_state = state;
		}
		reading->told.ownerless += row.pid < 0;
		rows_add(reading->rows, &row);
	}
}

static void miss(struct reading *reading, const char *what, const char *why,
		 const char *remedy)
{
	reading->told.whole = false;
	snapshot_add_gap(reading->snapshot, GAP_ROOM, -1, what, why, remedy);
}

static void take_table(struct reading *reading, const struct mib_table *table,
		       struct source_report *report)
{
	bool *read = reading->wanted->protocol == PROTOCOL_TCP ? &reading->told.tcp :
								 &reading->told.udp;

	take_rows(reading, table);
	*read = true;
	report->used = true;
	report->sockets = (int64_t)table->count;
	reading->told.entire[reading->wanted->protocol][reading->wanted->family == AF_INET6] =
		!table->missing;
	if (table->missing)
		miss(reading,
		     arena_print(&reading->snapshot->arena,
				 P_("%zu row of the table of %s",
				    "%zu rows of the table of %s", table->missing),
				 table->missing, _(reading->wanted->what)),
		     _("Windows counts them and does not hand them over"), NULL);
}

/* ---- a table ---- */

/* Rows with a time are larger, and a Windows without them has the others. */
static const char *read_kind(struct reading *reading, bool timed, struct source_report *report)
{
	const struct wanted *wanted = reading->wanted;
	struct mib_table table;
	const char *why = NULL;
	void *bytes = NULL;
	size_t size = 0;
	DWORD result = fetch(reading, timed, &bytes, &size);

	if (result == ERROR_NO_DATA)
		table = (struct mib_table){ .kind = wanted->plain };
	else if (result != NO_ERROR)
		why = arena_copy(&reading->snapshot->arena, error_text(result));
	else if (!mib_table_open(&table, timed ? wanted->timed : wanted->plain, bytes, size))
		why = _("Windows handed over no table");
	if (!why)
		take_table(reading, &table, report);
	free(bytes);
	return why;
}

static void read_one(struct reading *reading, bool timed)
{
	const struct wanted *wanted = reading->wanted;
	struct source_report report = { .name = wanted->source };
	double start = clock_monotonic_s();
	bool there = wanted->protocol == PROTOCOL_TCP ? reading->route->tcp != NULL :
							reading->route->udp != NULL;

	if (!there)
		report.why_not = _("this Windows does not have it");
	else if (!timed || (report.why_not = read_kind(reading, true, &report)))
		report.why_not = read_kind(reading, false, &report);
	report.milliseconds = (clock_monotonic_s() - start) * 1e3;
	if (report.why_not)
		miss(reading, _(wanted->what), report.why_not, NULL);
	snapshot_add_source(reading->snapshot, &report);
}

static void tell_odd(struct reading *reading)
{
	if (!reading->odd_rows)
		return;
	miss(reading,
	     arena_print(&reading->snapshot->arena,
			 P_("the state of %llu socket", "the state of %llu sockets",
			    reading->odd_rows),
			 (unsigned long long)reading->odd_rows),
	     arena_print(&reading->snapshot->arena,
			 _("Windows calls it %lu, which is none of the twelve that are "
			   "documented; the port is counted as bound"),
			 (unsigned long)reading->odd_state),
	     NULL);
}

struct tables_read tables_read(const struct tables_route *route, bool with_times,
			       struct rows *rows, struct snapshot *snapshot)
{
	struct reading reading = {
		.route = route,
		.rows = rows,
		.snapshot = snapshot,
		.told = { .whole = true },
	};

	for (size_t i = 0; i < sizeof all_wanted / sizeof all_wanted[0]; i++) {
		reading.wanted = &all_wanted[i];
		read_one(&reading, with_times);
	}
	tell_odd(&reading);
	return reading.told;
}
