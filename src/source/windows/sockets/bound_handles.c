#include "source/windows/sockets/bound_handles.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/afd.h"
#include "source/windows/process/handle_look.h"
#include "source/windows/process/nt.h"
#include "source/windows/process/privilege.h"
#include "source/windows/sockets/open_ports.h"
#include "source/windows/sockets/unlisted.h"

/* ---- rows ---- */

static void add_bound(const struct unlisted *unlisted, struct rows *rows)
{
	struct places bound = { .count = 0 };

	for (size_t i = 0; i < unlisted->count; i++) {
		const struct afd_socket *socket = &unlisted->sockets[i];
		const struct afd_endpoint *endpoint = &socket->endpoint;

		/* Several processes may have the same socket: the port is held once. */
		if (places_have(&bound, &endpoint->local, endpoint->local_port))
			continue;
		places_add(&bound, &(struct place){ .local = endpoint->local,
						    .port = endpoint->local_port });
		rows_add(rows, &(struct dossier_socket){
				       .protocol = PROTOCOL_TCP,
				       .state = SOCKET_BOUND,
				       .local = endpoint->local,
				       .local_port = endpoint->local_port,
				       .pid = socket->pid,
			       });
	}
	places_free(&bound);
}

/* ---- whose a row is ---- */

static void give_owners(const struct places *open, struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct dossier_socket *row = &rows->items[i];

		if (row->pid < 0)
			row->pid = open_ports_owner(open, row->protocol, &row->local,
						    row->local_port);
	}
}

/* ---- the walk ---- */

static void tell_unlisted(const struct unlisted *unlisted, struct snapshot *snapshot)
{
	struct arena *arena = &snapshot->arena;

	if (unlisted->untold)
		snapshot_add_gap(snapshot, GAP_ROOM, -1,
				 arena_print(arena,
					     P_("whether %u socket has a connection",
						"whether %u sockets have a connection",
						unlisted->untold),
					     unlisted->untold),
				 _("the tables of sockets could not be read a second time"),
				 NULL);
	if (unlisted->foreign)
		snapshot_add_gap(
			snapshot, GAP_SCOPE, -1,
			arena_print(arena,
				    P_("%u socket of another network",
				       "%u sockets of other networks", unlisted->foreign),
				    unlisted->foreign),
			_("they are in none of the tables here, nor are the listeners beside "
			  "them, as those of a container"),
			_("run portroom within"));
}

static void tell_gaps(const struct afd_walk *walk, const struct unlisted *unlisted,
		      struct snapshot *snapshot)
{
	struct arena *arena = &snapshot->arena;
	unsigned stuck = walk->stuck + unlisted->stuck;

	if (walk->refused)
		snapshot_add_gap(snapshot, GAP_ROOM, -1,
				 arena_print(arena,
					     P_("bound ports of %u process",
						"bound ports of %u processes", walk->refused),
					     walk->refused),
				 _("it takes a privilege to look into them"),
				 _("run as administrator"));
	if (stuck)
		snapshot_add_gap(
			snapshot, GAP_ROOM, -1,
			arena_print(arena, P_("%u handle", "%u handles", stuck), stuck),
			_("whether they are sockets, and of what ports, was not answered in time"),
			NULL);
	if (walk->is_cut || unlisted->is_cut)
		snapshot_add_gap(snapshot, GAP_ROOM, -1, _("bound ports of some processes"),
				 _("looking at all handles took too long"), NULL);
	tell_unlisted(unlisted, snapshot);
}

static int take_walk(const struct afd_walk *walk, const struct nt_route *nt,
		     const struct tables_route *tables, struct rows *rows,
		     struct snapshot *snapshot, struct error *error)
{
	struct places open = open_ports(walk);
	struct unlisted unlisted;
	int result;

	give_owners(&open, rows);
	result = unlisted_find(&unlisted, walk, &open, rows, nt, tables, error);
	if (!result) {
		add_bound(&unlisted, rows);
		tell_gaps(walk, &unlisted, snapshot);
		unlisted_free(&unlisted);
	}
	places_free(&open);
	return result;
}

int bound_handles_read(const struct nt_route *nt, const struct tables_route *tables,
		       struct rows *rows, struct snapshot *snapshot, struct error *error)
{
	struct handle_look look;
	struct afd_walk walk;
	int result;

	privilege_debug(); /* whether it was granted shows by who cannot be looked into */
	if (handle_look_open(nt, &look, error))
		return -1;
	result = afd_walk(&walk, nt, &look, 0, &afd_limits_usual, error);
	handle_look_close(&look);
	if (result)
		return -1;
	if (walk.refused && walk.refused == walk.processes)
		result = error_set(error, "%s", _("no process may be looked into"));
	else
		result = take_walk(&walk, nt, tables, rows, snapshot, error);
	afd_walk_free(&walk);
	return result;
}
