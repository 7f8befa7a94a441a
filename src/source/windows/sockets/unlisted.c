#include "source/windows/sockets/unlisted.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/afd.h"
#include "source/windows/process/nt.h"
#include "source/windows/rows.h"
#include "source/windows/sockets/open_ports.h"
#include "source/windows/sockets/places.h"
#include "source/windows/sockets/tables.h"

#include <stdlib.h>

/*
 * What a socket says of itself is no help. The library of sockets keeps its state with the driver (afd_endpoint.c) and puts
 * it right when the program calls: "connected" it stays when the peer has reset the connection, or both have ended it, until
 * the program closes it, which is the leak that is looked for; and by ConnectEx() it is connected without saying so until
 * the program asks for that (learn.microsoft.com, SO_UPDATE_CONNECT_CONTEXT). The tables have each connection and each listener, but
 * sockets come and go while one thing after the other is read. So:
 *
 *   tables, walk, tables once more, the sockets in question once more
 *
 * What was open before the second reading of the tables, is open behind it with the same port, and is not in it, had no
 * connection at that moment. What connected meanwhile is in it; what was closed meanwhile is not open any more. The first
 * reading only makes the question small: mostly nobody is left, and all ends with the walk.
 */

enum { NOBODY = 0 }; /* of rows: not even "not told" */

static struct places listed_in(const struct rows *rows)
{
	struct places listed = { .count = 0 };

	for (size_t i = 0; i < rows->count; i++) {
		const struct dossier_socket *row = &rows->items[i];

		if (row->state != SOCKET_CLOSE)
			places_add(&listed,
				   &(struct place){ .local = row->local,
						    .port = row->local_port,
						    .pid = row->pid,
						    .is_udp = row->protocol == PROTOCOL_UDP });
	}
	return listed;
}

/* UDP has ports of its own, but not every system tells what a socket is of. */
static bool is_of(const struct place *listed, const struct afd_endpoint *endpoint)
{
	return !listed->is_udp || !endpoint->is_known;
}

/*
 * A socket that is bound to all addresses has that of its connection in the tables. One of IPv6 may be of both families: what
 * it has over IPv4 is in the table of that (row.c). IPv4 may also be somebody else's, so the process decides, where it is told.
 */
static bool is_listed(const struct places *listed, const struct places *open,
		      const struct afd_socket *socket)
{
	const struct afd_endpoint *endpoint = &socket->endpoint;
	bool is_any = address_is_any(&endpoint->local), is_shared;

	places_each_at(place, listed, endpoint->local.family, endpoint->local_port) {
		if (is_of(place, endpoint) && (is_any || address_is_any(&place->local) ||
					       address_equal(&place->local, &endpoint->local)))
			return true;
	}
	if (!is_any || endpoint->local.family != FAMILY_IPV6)
		return false;
	is_shared = open_ports_owner(open, PROTOCOL_TCP, &endpoint->local,
				     endpoint->local_port) < 0;
	places_each_at(place, listed, FAMILY_IPV4, endpoint->local_port) {
		if (is_of(place, endpoint) && place->pid != NOBODY &&
		    (place->pid < 0 || place->pid == socket->pid || is_shared))
			return true;
	}
	return false;
}

static void keep(struct unlisted *unlisted, const struct afd_socket *socket)
{
	array_reserve(unlisted->sockets, unlisted->count, unlisted->capacity);
	unlisted->sockets[unlisted->count++] = *socket;
}

/* ---- the first reading ---- */

static bool may_be(const struct afd_endpoint *endpoint)
{
	return endpoint->local.family && endpoint->local_port &&
	       (!endpoint->is_known || endpoint->is_tcp);
}

static void list(struct unlisted *unlisted, const struct afd_walk *walk,
		 const struct rows *rows, const struct places *open)
{
	struct places listed = listed_in(rows);

	for (size_t i = 0; i < walk->count; i++)
		if (may_be(&walk->sockets[i].endpoint) &&
		    !is_listed(&listed, open, &walk->sockets[i]))
			keep(unlisted, &walk->sockets[i]);
	places_free(&listed);
}

/* ---- the second ---- */

static bool was_read(const struct tables_read *told, const struct afd_endpoint *endpoint)
{
	bool ipv6 = endpoint->local.family == FAMILY_IPV6;
	bool ipv4 = !ipv6 || address_is_any(&endpoint->local);

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
		if (protocol == PROTOCOL_UDP && endpoint->is_known)
			continue;
		if ((ipv4 && !told->entire[protocol][0]) ||
		    (ipv6 && !told->entire[protocol][1]))
			return false;
	}
	return true;
}

static void look_again(struct unlisted *unlisted, const struct tables_route *tables,
		       const struct places *open)
{
	struct snapshot nothing = { 0 }; /* what is said of the tables was said by the first */
	struct rows rows = { NULL };
	struct tables_read told = tables_read(tables, false, &rows, &nothing);
	struct places listed = listed_in(&rows);
	size_t count = unlisted->count;

	unlisted->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct afd_socket *socket = &unlisted->sockets[i];

		if (is_listed(&listed, open, socket))
			continue;
		if (was_read(&told, &socket->endpoint))
			keep(unlisted, socket);
		else
			unlisted->untold++;
	}
	places_free(&listed);
	rows_free(&rows);
	snapshot_free(&nothing);
}

/* ---- who is still there ---- */

static int ask_again(struct unlisted *unlisted, const struct nt_route *nt, struct error *error)
{
	struct places before = { .count = 0 };
	struct afd_walk again;

	if (afd_walk_again(&again, nt, unlisted->sockets, unlisted->count, &afd_limits_usual,
			   error))
		return -1;
	for (size_t i = 0; i < unlisted->count; i++)
		places_add(
			&before,
			&(struct place){ .local = unlisted->sockets[i].endpoint.local,
					 .port = unlisted->sockets[i].endpoint.local_port });
	unlisted->count = 0;
	for (size_t i = 0; i < again.count; i++)
		if (places_have(&before, &again.sockets[i].endpoint.local,
				again.sockets[i].endpoint.local_port))
			keep(unlisted, &again.sockets[i]);
	unlisted->stuck = again.stuck;
	unlisted->is_cut = again.is_cut;
	places_free(&before);
	afd_walk_free(&again);
	return 0;
}

/* ---- whose network it is ---- */

/*
 * A container has a network of its own, and tables of its own with it; its processes are seen from outside all the same, in a
 * session of its own (learn.microsoft.com, Windows containers, "Isolation Modes": column SI). Who listens is in a table: a
 * session that has listeners, and no process in any of our tables, has them in others. That the ports are in ours proves
 * nothing, since a container listens on the same ones as its host (135, 445). What such a session has is not known here.
 */
struct sessions {
	const struct nt_route *nt;
	const struct afd_walk *walk;
	const struct rows *rows;
	struct session {
		DWORD number;
		bool is_foreign;
	} * items;
	size_t count, capacity;
	DWORD own;
};

/* 0 is that of services, and none of a container. */
static DWORD session_of(const struct nt_route *nt, int32_t pid)
{
	DWORD session;

	return nt->session_of((DWORD)pid, &session) ? session : 0;
}

static bool listens(const struct sessions *sessions, DWORD session)
{
	for (size_t i = 0; i < sessions->walk->count; i++) {
		const struct afd_socket *socket = &sessions->walk->sockets[i];

		if (socket->endpoint.is_listening &&
		    session_of(sessions->nt, socket->pid) == session)
			return true;
	}
	return false;
}

static bool is_in_tables(const struct sessions *sessions, DWORD session)
{
	int32_t last = -1; /* many rows of a process follow each other */

	for (size_t i = 0; i < sessions->rows->count; i++) {
		int32_t pid = sessions->rows->items[i].pid;

		if (pid <= 0 || pid == last)
			continue;
		if (session_of(sessions->nt, pid) == session)
			return true;
		last = pid;
	}
	return false;
}

static bool is_foreign(struct sessions *sessions, int32_t pid)
{
	DWORD session = session_of(sessions->nt, pid);
	struct session *told;

	if (!session || session == sessions->own)
		return false;
	for (size_t i = 0; i < sessions->count; i++)
		if (sessions->items[i].number == session)
			return sessions->items[i].is_foreign;
	array_reserve(sessions->items, sessions->count, sessions->capacity);
	told = &sessions->items[sessions->count++];
	*told = (struct session){
		.number = session,
		.is_foreign = listens(sessions, session) && !is_in_tables(sessions, session),
	};
	return told->is_foreign;
}

static void leave_foreign(struct unlisted *unlisted, const struct afd_walk *walk,
			  const struct rows *rows, const struct nt_route *nt)
{
	struct sessions sessions = {
		.nt = nt,
		.walk = walk,
		.rows = rows,
		.own = session_of(nt, (int32_t)GetCurrentProcessId()),
	};
	size_t count = unlisted->count;

	unlisted->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct afd_socket *socket = &unlisted->sockets[i];

		if (is_foreign(&sessions, socket->pid))
			unlisted->foreign++;
		else if (!socket->endpoint.is_listening)
			keep(unlisted, socket);
	}
	free(sessions.items);
}

/* ---- all of it ---- */

int unlisted_find(struct unlisted *unlisted, const struct afd_walk *walk,
		  const struct places *open, const struct rows *rows,
		  const struct nt_route *nt, const struct tables_route *tables,
		  struct error *error)
{
	int result = 0;

	*unlisted = (struct unlisted){ NULL };
	list(unlisted, walk, rows, open);
	if (unlisted->count)
		look_again(unlisted, tables, open);
	if (unlisted->count)
		result = ask_again(unlisted, nt, error);
	if (result)
		unlisted_free(unlisted);
	else
		leave_foreign(unlisted, walk, rows, nt);
	return result;
}

void unlisted_free(struct unlisted *unlisted)
{
	free(unlisted->sockets);
	*unlisted = (struct unlisted){ NULL };
}
