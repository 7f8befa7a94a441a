#include "source/windows/sockets/bound_handles.h"

#include "base/arena.h"
#include "base/index.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/windows/process/afd.h"
#include "source/windows/process/handle_look.h"
#include "source/windows/process/nt.h"
#include "source/windows/process/privilege.h"

#include <stdlib.h>

/* A local port with all addresses that it was listed with. */
struct place {
	struct place_key {
		uint16_t port;
		uint8_t family, padding;
	} key;
	uint32_t first; /* of the list, plus one; 0: it is empty */
};

struct entry {
	struct address local;
	uint16_t port;
	uint32_t next; /* as `first` */
	int32_t pid;   /* -1: several */
	bool is_udp, is_protocol_known;
};

struct places {
	struct index index;
	struct place *items;
	size_t count, capacity;
	struct entry *entries;
	size_t entry_count, entry_capacity;
};

static struct place_key key_of(const struct address *local, uint16_t port)
{
	return (struct place_key){ port, local->family, 0 };
}

static struct place *find(const struct places *places, const struct address *local,
			  uint16_t port)
{
	const struct place_key key = key_of(local, port);
	const struct indexed items = { places->items, places->count, sizeof *places->items,
				       sizeof key };
	size_t found = places->count ? index_find(&places->index, &items, &key) : 0;

	return found < places->count ? &places->items[found] : NULL;
}

static void add(struct places *places, const struct entry *entry)
{
	const struct place_key key = key_of(&entry->local, entry->port);
	const struct indexed items = { places->items, places->count, sizeof *places->items,
				       sizeof key };
	size_t found = index_find_or_add(&places->index, &items, &key);

	if (found == places->count) {
		array_reserve(places->items, places->count, places->capacity);
		places->items[places->count++] = (struct place){ key, 0 };
	}
	array_reserve(places->entries, places->entry_count, places->entry_capacity);
	places->entries[places->entry_count] = *entry;
	places->entries[places->entry_count].next = places->items[found].first;
	places->items[found].first = (uint32_t)++places->entry_count;
}

static struct entry *next(const struct places *places, uint32_t at)
{
	return at ? &places->entries[at - 1] : NULL;
}

#define each_at(entry, places, local, port)                                                   \
	for (struct place *place = find((places), (local), (port)); place; place = NULL)      \
		for (struct entry *entry = next((places), place->first); entry;               \
		     entry = next((places), entry->next))

static void places_free(struct places *places)
{
	index_free(&places->index);
	free(places->items);
	free(places->entries);
}

/* ---- which are bound only ---- */

/* A socket that is bound to all addresses has that of its connection in the tables. */
static bool is_listed(const struct places *listed, const struct afd_endpoint *endpoint)
{
	each_at(entry, listed, &endpoint->local,
		endpoint->local_port) if (address_is_any(&entry->local) ||
					  address_is_any(&endpoint->local) ||
					  address_equal(&entry->local,
							&endpoint->local)) return true;
	return false;
}

static bool is_there(const struct places *places, const struct afd_endpoint *endpoint)
{
	each_at(entry, places, &endpoint->local,
		endpoint->local_port) if (address_equal(&entry->local,
							&endpoint->local)) return true;
	return false;
}

/* One that is connected is listed, and if it is not it was connected after the tables were read. */
static bool may_be_bound_only(const struct afd_endpoint *endpoint)
{
	return endpoint->local.family && endpoint->local_port &&
	       (!endpoint->is_known ||
		(endpoint->is_tcp && !endpoint->is_connected && !endpoint->is_listening));
}

static void add_bound(const struct afd_walk *walk, struct rows *rows,
		      const struct places *listed)
{
	struct places bound = { .count = 0 };

	for (size_t i = 0; i < walk->count; i++) {
		const struct afd_endpoint *endpoint = &walk->sockets[i].endpoint;

		/* Several processes may have the same socket: the port is held once. */
		if (!may_be_bound_only(endpoint) || is_listed(listed, endpoint) ||
		    is_there(&bound, endpoint))
			continue;
		add(&bound,
		    &(struct entry){ .local = endpoint->local, .port = endpoint->local_port });
		rows_add(rows, &(struct dossier_socket){
				       .protocol = PROTOCOL_TCP,
				       .state = SOCKET_BOUND,
				       .local = endpoint->local,
				       .local_port = endpoint->local_port,
				       .pid = walk->sockets[i].pid,
			       });
	}
	places_free(&bound);
}

/* ---- whose a row is ---- */

static void note_owner(struct places *open, const struct afd_socket *socket)
{
	const struct afd_endpoint *endpoint = &socket->endpoint;

	if (!endpoint->local.family || !endpoint->local_port)
		return;
	each_at(entry, open, &endpoint->local,
		endpoint->local_port) if (address_equal(&entry->local, &endpoint->local) &&
					  (!entry->is_protocol_known || !endpoint->is_known ||
					   entry->is_udp == endpoint->is_udp))
	{
		entry->pid = entry->pid == socket->pid ? entry->pid : -1;
		return;
	}
	add(open, &(struct entry){
			  .local = endpoint->local,
			  .port = endpoint->local_port,
			  .pid = socket->pid,
			  .is_protocol_known = endpoint->is_known,
			  .is_udp = endpoint->is_udp,
		  });
}

static int32_t owner_of(const struct places *open, const struct dossier_socket *row)
{
	int32_t pid = -1;

	each_at(entry, open, &row->local, row->local_port)
	{
		if (!address_equal(&entry->local, &row->local) ||
		    (entry->is_protocol_known &&
		     entry->is_udp != (row->protocol == PROTOCOL_UDP)))
			continue;
		if (entry->pid < 0 || (pid > 0 && pid != entry->pid))
			return -1;
		pid = entry->pid;
	}
	return pid;
}

static void give_owners(const struct afd_walk *walk, struct rows *rows)
{
	struct places open = { .count = 0 };

	for (size_t i = 0; i < walk->count; i++)
		note_owner(&open, &walk->sockets[i]);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].pid < 0)
			rows->items[i].pid = owner_of(&open, &rows->items[i]);
	places_free(&open);
}

void bound_handles_rows(const struct afd_walk *walk, struct rows *rows)
{
	struct places listed = { .count = 0 };

	for (size_t i = 0; i < rows->count; i++)
		add(&listed, &(struct entry){ .local = rows->items[i].local,
					      .port = rows->items[i].local_port });
	give_owners(walk, rows);
	add_bound(walk, rows, &listed);
	places_free(&listed);
}

/* ---- the walk ---- */

static void tell_gaps(const struct afd_walk *walk, struct snapshot *snapshot)
{
	struct arena *arena = &snapshot->arena;

	if (walk->refused)
		snapshot_add_gap(snapshot, GAP_ROOM, -1,
				 arena_print(arena,
					     P_("bound ports of %u process",
						"bound ports of %u processes", walk->refused),
					     walk->refused),
				 _("it takes a privilege to look into them"),
				 _("run as administrator"));
	if (walk->stuck)
		snapshot_add_gap(snapshot, GAP_ROOM, -1,
				 arena_print(arena, P_("%u handle", "%u handles", walk->stuck),
					     walk->stuck),
				 _("whether they are sockets, and of what ports, was not answered in time"), NULL);
	if (walk->is_cut)
		snapshot_add_gap(snapshot, GAP_ROOM, -1, _("bound ports of some processes"),
				 _("looking at all handles took too long"), NULL);
}

int bound_handles_read(const struct nt_route *route, struct rows *rows,
		       struct snapshot *snapshot, struct error *error)
{
	struct handle_look look;
	struct afd_walk walk;
	int result;

	privilege_debug(); /* whether it was granted shows by who cannot be looked into */
	if (handle_look_open(route, &look, error))
		return -1;
	result = afd_walk(&walk, route, &look, 0, &afd_limits_usual, error);
	if (!result && walk.refused && walk.refused == walk.processes)
		result = error_set(error, "%s", _("no process may be looked into"));
	if (!result) {
		bound_handles_rows(&walk, rows);
		tell_gaps(&walk, snapshot);
		afd_walk_free(&walk);
	}
	handle_look_close(&look);
	return result;
}
