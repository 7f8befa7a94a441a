#include "source/artefact/linux/lsof_socket.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/listing_time.h"

#include <stdlib.h>
#include <string.h>

void lsof_finish(struct dossier *dossier, struct dossier_table *table, void *memory)
{
	const struct lsof_seen *seen = memory;

	for (size_t i = 0; i < table->count; i++) {
		table->shows_tcp |= table->sockets[i].protocol == PROTOCOL_TCP;
		table->shows_udp |= table->sockets[i].protocol == PROTOCOL_UDP;
		table->shows_listeners |= table->sockets[i].state == SOCKET_LISTEN;
	}
	table->shows_owners = true;
	table->is_excerpt = true;
	table->lacks = N_("lsof lists what processes have open, so no TIME_WAIT; ss -tanp "
			  "shows all");
	if (seen->nameless)
		snapshot_add_gap(
			dossier->snapshot, GAP_ROOM, -1,
			arena_print(&dossier->snapshot->arena,
				    P_("%llu socket of no known protocol or address",
				       "%llu sockets of no known protocol or address",
				       seen->nameless),
				    (unsigned long long)seen->nameless),
			_("lsof cannot identify them: they are closed, or bound and not "
			  "connected and hold a port"),
			_("ss -tanp of iproute2 6.8 shows those that hold one"));
	if (table->unread_rows)
		dossier_note(dossier,
			     P_("%llu row has names for numbers; lsof -nP has numbers",
				"%llu rows have names for numbers; lsof -nP has numbers",
				table->unread_rows),
			     (unsigned long long)table->unread_rows);
}

struct dossier_table *lsof_begin(struct dossier *dossier, const struct text_context *context,
				 const struct line *line, struct lsof_seen *seen)
{
	struct dossier_table *table = dossier_begin_table(dossier, "lsof", FROM_LINUX);

	listing_time(dossier, table, context, line);
	table->finish = lsof_finish;
	table->state = seen;
	return table;
}

/* "*:8080" is the wildcard of the row's type. */
static bool read_endpoint(struct span text, bool six, struct address *address, uint16_t *port)
{
	if (!listing_endpoint(text, address, port))
		return false;
	if (!address->family)
		address->family = six ? FAMILY_IPV6 : FAMILY_IPV4;
	return true;
}

bool lsof_endpoints(struct span name, bool six, struct dossier_socket *socket)
{
	const size_t arrow = listing_find(name, "->");
	struct span local = { name.text, arrow };

	socket->ipv6_only = six ? IPV6_ONLY_UNKNOWN : IPV6_ONLY_NO;
	if (!read_endpoint(local, six, &socket->local, &socket->local_port))
		return false;
	if (arrow == name.length)
		return true;
	return read_endpoint(listing_behind(name, arrow + 2), six, &socket->remote,
			     &socket->remote_port);
}

static bool is_new(struct lsof_seen *seen, uint32_t inode)
{
	const struct indexed inodes = { seen->inodes, seen->count, sizeof inode,
					sizeof inode };

	if (!inode)
		return true;
	if (index_find_or_add(&seen->index, &inodes, &inode) < seen->count)
		return false;
	array_reserve(seen->inodes, seen->count, seen->capacity);
	seen->inodes[seen->count++] = inode;
	return true;
}

void lsof_add(struct dossier *dossier, struct lsof_seen *seen, struct dossier_socket *socket,
	      struct span state)
{
	const enum socket_state told = listing_state(state);
	const bool connected = socket->remote_port != 0;

	if (!socket->local_port)
		return; /* it has none yet */
	if (socket->protocol == PROTOCOL_UDP)
		socket->state = connected ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
	else if (told == SOCKET_STATE_COUNT)
		socket->state = connected ? SOCKET_ESTABLISHED : SOCKET_LISTEN;
	else
		socket->state = (uint8_t)(told == SOCKET_CLOSE ? SOCKET_BOUND : told);
	listing_complete(socket);
	if (is_new(seen, socket->inode))
		dossier_add_socket(dossier, socket);
}

void lsof_free(struct lsof_seen *seen)
{
	index_free(&seen->index);
	free(seen->inodes);
}
