#include "source/artefact/row.h"

#include "base/arena.h"
#include "base/index.h"

#include <stdlib.h>

/*
 * Windows lists a connection twice where bound ports are listed: the port that is bound, and the connection that has it.
 * Such a port is held once.
 *
 * A socket of IPv6 may be of both families: then Windows opens an endpoint of either (blogs.msdn.microsoft.com/wndp,
 * "Dual Stack Sockets on Windows Vista"), bound to [::], and its connection over IPv4 is in the table of IPv4, from
 * an address of IPv4. So a port that is bound to [::] is had by such a connection, too, of the same process. Listeners of
 * both families are in both tables of netstat. If bound ports are as well, 0.0.0.0 beside [::], of the same process, is one
 * socket, which a connection over IPv6 has. 0.0.0.0 alone is nobody's but IPv4's.
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

static void held_free(struct held *held)
{
	index_free(&held->index);
	free(held->keys);
}

static bool is_of(const struct dossier_socket *row, enum protocol protocol)
{
	return row->protocol == protocol && row->local.family;
}

static bool is_bound_to_all(const struct dossier_socket *row, enum family family)
{
	return row->state == SOCKET_BOUND && row->local.family == family &&
	       address_is_any(&row->local);
}

/* What has a port with more than bind(), and what is bound to all addresses of IPv6. */
struct holders {
	struct held connected, bound_to_all6;
};

static void note_holder(struct holders *holders, const struct dossier_socket *row)
{
	const struct held_key key = held_key_of(row);

	if (row->state != SOCKET_BOUND)
		held_add(&holders->connected, &key);
	else if (is_bound_to_all(row, FAMILY_IPV6))
		held_add(&holders->bound_to_all6, &key);
}

static bool is_bound_only(const struct holders *holders, const struct dossier_socket *row)
{
	struct held_key key = held_key_of(row);

	if (held_has(&holders->connected, &key))
		return false;
	if (is_bound_to_all(row, FAMILY_IPV6)) {
		key.family = FAMILY_IPV4;
		return !held_has(&holders->connected, &key);
	}
	if (is_bound_to_all(row, FAMILY_IPV4) && row->pid > 0) {
		key.family = FAMILY_IPV6;
		return !held_has(&holders->bound_to_all6, &key) ||
		       !held_has(&holders->connected, &key);
	}
	return true;
}

void row_each(const struct row_listing *listing, enum protocol protocol,
	      void (*take)(void *context, const struct dossier_socket *row), void *context)
{
	struct holders holders = { { .count = 0 } };

	for (size_t i = 0; i < listing->count; i++) {
		const struct dossier_socket *row = &listing->rows[i];

		if (!is_of(row, protocol))
			continue;
		if (row->state == SOCKET_LISTEN)
			take(context, row);
		if (listing->bound_listed)
			note_holder(&holders, row);
	}
	for (size_t i = 0; i < listing->count; i++) {
		const struct dossier_socket *row = &listing->rows[i];

		if (!is_of(row, protocol) || row->state == SOCKET_LISTEN)
			continue;
		if (row->state == SOCKET_BOUND && !is_bound_only(&holders, row))
			continue;
		take(context, row);
	}
	held_free(&holders.connected);
	held_free(&holders.bound_to_all6);
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
