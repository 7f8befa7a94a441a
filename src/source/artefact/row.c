#include "source/artefact/row.h"

#include "base/arena.h"
#include "base/index.h"

#include <stdlib.h>

/*
 * Windows lists a connection twice where bound ports are listed: the port that is bound, and the connection that has it.
 * Such a port is held once.
 */
struct held_key {
	int32_t pid;
	uint16_t port;
	uint8_t protocol, family;
};

struct held {
	struct index index;
	struct held_key *keys;
	size_t count, capacity;
};

static struct held_key held_key_of(const struct dossier_socket *row)
{
	return (struct held_key){ row->pid, row->local_port, row->protocol,
				  row->local.family };
}

static bool held_has(const struct held *held, const struct held_key *key)
{
	const struct indexed keys = { held->keys, held->count, sizeof *key, sizeof *key };

	return held->count && index_find(&held->index, &keys, key) < held->count;
}

static void held_add(struct held *held, const struct held_key *key)
{
	const struct indexed keys = { held->keys, held->count, sizeof *key, sizeof *key };

	if (index_find_or_add(&held->index, &keys, key) < held->count)
		return;
	array_reserve(held->keys, held->count, held->capacity);
	held->keys[held->count++] = *key;
}

static bool is_of(const struct dossier_socket *row, enum protocol protocol)
{
	return row->protocol == protocol && row->local.family;
}

void row_each(const struct row_listing *listing, enum protocol protocol,
	      void (*take)(void *context, const struct dossier_socket *row), void *context)
{
	struct held held = { 0 };

	for (size_t i = 0; i < listing->count; i++) {
		const struct dossier_socket *row = &listing->rows[i];
		const struct held_key key = held_key_of(row);

		if (!is_of(row, protocol))
			continue;
		if (row->state == SOCKET_LISTEN)
			take(context, row);
		if (row->state != SOCKET_BOUND && listing->bound_listed)
			held_add(&held, &key);
	}
	for (size_t i = 0; i < listing->count; i++) {
		const struct dossier_socket *row = &listing->rows[i];
		const struct held_key key = held_key_of(row);

		if (!is_of(row, protocol) || row->state == SOCKET_LISTEN)
			continue;
		if (row->state == SOCKET_BOUND && held_has(&held, &key))
			continue;
		take(context, row);
	}
	index_free(&held.index);
	free(held.keys);
}

enum owner_kind row_owner_kind(const struct dossier_socket *row)
{
	if (row->pid > 0)
		return OWNER_PROCESS;
	return !row->pid || row->state == SOCKET_TIME_WAIT ? OWNER_NOBODY : OWNER_HIDDEN;
}

struct socket_record row_record(const struct dossier_socket *row, bool is_windows)
{
	return (struct socket_record){
		.protocol = row->protocol,
		.state = row->state,
		.age = row->age,
		.timestamps = row->timestamps,
		.ipv6_only = is_windows && row->local.family == FAMILY_IPV6 ? IPV6_ONLY_YES :
									      row->ipv6_only,
		.local = row->local,
		.remote = row->remote,
		.local_port = row->local_port,
		.remote_port = row->remote_port,
		.inode = row->inode,
		.user = row->user,
		.expires_ms = row->expires_ms,
		.cookie = row->created_ms > 0 ? (uint64_t)row->created_ms : 0,
	};
}
