#include "source/artefact/dossier.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/host_name.h"
#include "source/artefact/linux/linux_join.h"
#include "source/artefact/row.h"
#include "source/artefact/series.h"
#include "source/artefact/windows/ranges.h"

#include <stdlib.h>
#include <string.h>

/*
 * Of the listings the latest counts, and of those that were made together the one that tells most: for TCP and for UDP,
 * which often are in different files. Adding listings up would count every socket as often as it was listed.
 */

/* ---- while files are read ---- */

static bool is_alike(const struct dossier_table *a, const struct dossier_table *b)
{
	return a->artefact == b->artefact && a->only_ipv4 == b->only_ipv4 &&
	       a->only_ipv6 == b->only_ipv6 && a->only_bound == b->only_bound;
}

/* One that was cut by the end of the file is not better than the whole one before it. */
static bool shows_no_more(const struct dossier_table *table, const struct dossier_table *than)
{
	return table->is_excerpt && !than->is_excerpt && table->shows_tcp <= than->shows_tcp &&
	       table->shows_udp <= than->shows_udp;
}

static struct dossier_table *find_earlier(struct dossier *dossier,
					  const struct dossier_table *table)
{
	for (size_t i = dossier->table_count; i--;) {
		struct dossier_table *earlier = &dossier->tables[i];

		if (!is_alike(table, earlier))
			continue;
		if ((earlier->shows_tcp == table->shows_tcp &&
		     earlier->shows_udp == table->shows_udp) ||
		    shows_no_more(table, earlier))
			return earlier;
	}
	return NULL;
}

/* Of one part of a file the last listing is kept; the earlier ones live on as points of the series. */
void dossier_take_table(struct dossier *dossier, struct dossier_table *table)
{
	struct dossier_table *earlier = find_earlier(dossier, table);

	if (earlier && shows_no_more(table, earlier)) {
		free(table->sockets);
		return;
	}
	series_add(dossier, table);
	if (!earlier) {
		array_reserve(dossier->tables, dossier->table_count, dossier->table_capacity);
		earlier = &dossier->tables[dossier->table_count++];
		*earlier = (struct dossier_table){ 0 };
	}
	free(earlier->sockets);
	*earlier = *table;
}

void dossier_name_processes(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->table_count; i++)
		for (size_t j = 0; j < dossier->tables[i].count; j++) {
			const struct dossier_socket *socket = &dossier->tables[i].sockets[j];
			struct process *process;

			if (!socket->name || socket->pid <= 0)
				continue;
			process = dossier_process(dossier, socket->pid);
			process->name = process->name ? process->name : socket->name;
		}
}

/* ---- which listing counts ---- */

/* Files that were made one behind the other are of one moment. */
enum { TOGETHER_MS = 10 * 60 * 1000 };

static int points_of(const struct dossier_table *table)
{
	return 32 * !table->only_bound + 16 * !(table->only_ipv4 || table->only_ipv6) +
	       8 * table->shows_bound + 4 * !table->is_excerpt + 2 * table->shows_owners +
	       table->shows_listeners;
}

static bool is_better(const struct dossier_table *table, const struct dossier_table *than)
{
	int64_t later = table->time_ms && than->time_ms ? table->time_ms - than->time_ms : 0;

	if (later > TOGETHER_MS || later < -TOGETHER_MS)
		return later > 0;
	if (points_of(table) != points_of(than))
		return points_of(table) > points_of(than);
	if (later)
		return later > 0;
	return table->count > than->count;
}

static struct dossier_table *choose(const struct dossier *dossier, enum dossier_system system,
				    enum protocol protocol)
{
	struct dossier_table *best = NULL;

	for (size_t i = 0; i < dossier->table_count; i++) {
		struct dossier_table *table = &dossier->tables[i];

		if (table->system != system ||
		    !(protocol == PROTOCOL_TCP ? table->shows_tcp : table->shows_udp))
			continue;
		if (!best || is_better(table, best))
			best = table;
	}
	return best;
}

/* ---- from rows to holdings ---- */

static void add_row(void *context, const struct dossier_socket *socket)
{
	struct dossier *dossier = context;
	struct snapshot *snapshot = dossier->snapshot;
	const struct socket_record record = row_record(socket, snapshot->windows != NULL);
	enum owner_kind kind = row_owner_kind(socket);
	uint32_t owner = 0;

	if (kind == OWNER_PROCESS) {
		owner = dossier_process_index(dossier, socket->pid);
		if (socket->name && !snapshot->processes[owner].name)
			snapshot->processes[owner].name = socket->name;
	}
	snapshot_add_socket(snapshot, 0, kind, owner, &record);
}

static void add_table(struct dossier *dossier, const struct dossier_table *table,
		      enum protocol protocol)
{
	const struct row_listing listing = {
		.rows = table->sockets,
		.count = table->count,
		.bound_listed = table->shows_bound,
	};

	row_each(&listing, protocol, add_row, dossier);
}

/* ---- the machine ---- */

static enum dossier_system system_of(const struct dossier *dossier)
{
	size_t rows[FROM_SYSTEMS] = { 0 };

	for (size_t i = 0; i < dossier->table_count; i++)
		rows[dossier->tables[i].system] += dossier->tables[i].count + 1;
	if (rows[FROM_WINDOWS] != rows[FROM_LINUX])
		return rows[FROM_WINDOWS] > rows[FROM_LINUX] ? FROM_WINDOWS : FROM_LINUX;
	return dossier->systems[FROM_LINUX] > dossier->systems[FROM_WINDOWS] ? FROM_LINUX :
									       FROM_WINDOWS;
}

void dossier_tell_others(const struct dossier *dossier, struct snapshot *snapshot,
			 enum dossier_system system)
{
	if (!dossier->systems[system == FROM_WINDOWS ? FROM_LINUX : FROM_WINDOWS])
		return;
	snapshot_add_gap(
		snapshot, GAP_SCOPE, -1,
		system == FROM_WINDOWS ? _("a Linux machine") : _("a Windows machine"),
		_("the files are of two systems, and only one can be judged at a time"),
		_("give the files of one machine"));
}

void dossier_tell_hosts(const struct dossier *dossier, struct snapshot *snapshot,
			const struct dossier_host *known)
{
	for (size_t i = 0; i < 2; i++) {
		const struct dossier_host *host = &dossier->hosts[i];

		if (host_name_may_be(known->name, host->name))
			continue;
		snapshot_add_gap(
			snapshot, GAP_SCOPE, -1, _("whether the files are of one machine"),
			arena_print(&snapshot->arena, _("%s is of host %s, and %s of host %s"),
				    known->file, known->name, host->file, host->name),
			_("give the files of one machine"));
		return;
	}
}

static void tell_listing(struct dossier *dossier, const struct dossier_table *tcp)
{
	struct snapshot *snapshot = dossier->snapshot;

	if (snapshot->windows)
		ranges_tell(snapshot);

	if (!tcp) {
		snapshot_add_gap(
			snapshot, GAP_ROOM, -1, _("TCP sockets"),
			snapshot->evidence.look.time_ms ?
				_("the lines of portroom watch have their numbers alone") :
				_("none of the files lists them"),
			snapshot->windows ? _("netstat -anoq lists them on Windows") :
					    _("ss -tanp lists them"));
		return;
	}
	if (!tcp->shows_owners)
		snapshot_add_gap(snapshot, GAP_OWNERS, -1, _("who holds the ports"),
				 _("the listing has no pids"),
				 snapshot->windows ? _("netstat -anoq has them") :
						     _("ss -tanp, run as root, has them"));
	if (!tcp->shows_bound && snapshot->windows)
		snapshot_add_gap(
			snapshot, GAP_ROOM, -1,
			_("ports that are bound and have no connection"),
			_("the listing does not show them"),
			_("netstat -anoq does, on Windows 10, Server 2016 and later"));
	if (tcp->is_excerpt || tcp->unread_rows)
		snapshot_add_gap(snapshot, GAP_ROOM, -1, _("some rows of the listing"),
				 tcp->lacks	 ? _(tcp->lacks) :
				 tcp->is_excerpt ? _("it is an excerpt") :
						   _("they were not understood"),
				 NULL);
}

/* Where nothing else tells the addresses of the machine, its sockets do; enough to tell whether there is one that goes
 * anywhere. */
static void find_addresses(struct dossier *dossier, const struct dossier_table *tcp,
			   struct netns *netns)
{
	enum { MOST = 16 };

	if (netns->local_address_count || !tcp)
		return;
	netns->local_addresses =
		arena_alloc(&dossier->snapshot->arena, MOST * sizeof *netns->local_addresses);
	for (size_t i = 0; i < tcp->count && netns->local_address_count < MOST; i++) {
		const struct address *local = &tcp->sockets[i].local;

		if (local->family && !address_is_any(local) &&
		    !netns_has_address(netns, local))
			netns->local_addresses[netns->local_address_count++] = *local;
	}
}

static void make_netns(struct dossier *dossier, enum dossier_system system,
		       struct dossier_table *tcp, struct dossier_table *udp)
{
	struct netns netns = dossier->netns;

	netns.kind = NETNS_HOST;
	netns.tcp_read = tcp != NULL;
	netns.udp_read = udp != NULL;
	netns.bound_seen = tcp && tcp->shows_bound;
	if (system == FROM_LINUX)
		linux_join_rows(dossier, tcp, udp, &netns);
	find_addresses(dossier, tcp, &netns);
	snapshot_add_netns(dossier->snapshot, &netns);
	dossier->netns = (struct netns){ 0 };
}

void dossier_join(struct dossier *dossier)
{
	struct snapshot *snapshot = dossier->snapshot;
	enum dossier_system system = system_of(dossier);
	const struct dossier_table *listing;
	struct dossier_table *tcp, *udp;

	linux_join_halves(dossier);
	tcp = choose(dossier, system, PROTOCOL_TCP);
	udp = choose(dossier, system, PROTOCOL_UDP);
	listing = tcp ? tcp : udp;

	dossier_tell_others(dossier, snapshot, system);
	dossier_tell_hosts(dossier, snapshot, &dossier->hosts[0]);
	if (system == FROM_WINDOWS) {
		struct windows *windows = dossier_windows(dossier);

		ranges_assume(windows);
		windows->listing = tcp ? tcp->what : NULL;
		windows->bound_listed = tcp && tcp->shows_bound;
		windows->owners_listed = tcp && tcp->shows_owners;
		windows->listing_cut = tcp && (tcp->is_excerpt || tcp->unread_rows);
		snapshot->system = snapshot->system ? snapshot->system : "windows";
	} else {
		windows_free(snapshot->windows);
		snapshot->windows = NULL;
		snapshot->system = snapshot->system ? snapshot->system : "Linux";
	}
	snapshot->evidence.listing[PROTOCOL_TCP] = tcp ? tcp->artefact + 1 : 0;
	snapshot->evidence.listing[PROTOCOL_UDP] = udp ? udp->artefact + 1 : 0;
	snapshot->evidence.listing_stamp = listing ? listing->stamp : NULL;
	if (listing && !listing->time_is_local && !listing->time_is_files)
		snapshot->time_ms = listing->time_ms;
	make_netns(dossier, system, tcp, udp);
	if (tcp)
		add_table(dossier, tcp, PROTOCOL_TCP);
	if (udp)
		add_table(dossier, udp, PROTOCOL_UDP);
	tell_listing(dossier, tcp);
	if (system == FROM_LINUX)
		linux_join_gaps(dossier, tcp, udp);
	series_finish(dossier);
}
