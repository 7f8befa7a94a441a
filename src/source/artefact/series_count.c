#include "source/artefact/series_count.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

/*
 * The rows of a listing are gone through twice: for the ports that are listened on, and for all others. A process is one entry
 * for all listings, with counts that begin anew when a listing meets it first; which of its ports were seen
 * already is told by one table of (process, protocol, port), whose entries carry the number of the listing.
 */
enum { MOST_PIDS = 1 << 16 };

void series_count_free(struct series_count *count)
{
	index_free(&count->index);
	free(count->pids);
	free(count->met);
	free(count->seen);
}

static bool add_bit(uint64_t *words, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << port % 64, had = words[port / 64] & bit;

	words[port / 64] |= bit;
	return !had;
}

static bool has_bit(const uint64_t *words, uint16_t port)
{
	return words[port / 64] >> port % 64 & 1;
}

/* NULL: there are too many. */
static struct series_pid *find_pid(struct series_count *count, int32_t pid)
{
	const struct indexed pids = { count->pids, count->pid_count, sizeof *count->pids,
				      sizeof(int32_t) };
	struct series_pid *item;
	size_t at;

	if (count->pid_count == MOST_PIDS) {
		at = index_find(&count->index, &pids, &pid);
		return at < count->pid_count ? &count->pids[at] : NULL;
	}
	at = index_find_or_add(&count->index, &pids, &pid);
	if (at == count->pid_count) {
		array_reserve(count->pids, count->pid_count, count->pid_capacity);
		count->pids[count->pid_count++] = (struct series_pid){ .pid = pid };
	}
	item = &count->pids[at];
	if (item->listing != count->listing) {
		item->listing = count->listing;
		item->share = (struct series_share){ .pid = pid };
		array_reserve(count->met, count->met_count, count->met_capacity);
		count->met[count->met_count++] = (uint32_t)at;
	}
	return item;
}

/* Twice as many slots as rows; old entries are of other listings. */
static void reserve_seen(struct series_count *count, size_t rows)
{
	size_t size = count->seen_size ? count->seen_size : 1024;

	while (size < 2 * rows)
		size *= 2;
	if (size == count->seen_size)
		return;
	free(count->seen);
	count->seen = memory_zeroed(size, sizeof *count->seen);
	count->seen_size = size;
}

/* Whether the listing has not had this port of that process before. */
static bool is_new(struct series_count *count, size_t pid, unsigned protocol, uint16_t port)
{
	uint64_t key = (uint64_t)pid << 17 | protocol << 16 | port;
	uint64_t entry = (uint64_t)count->listing << 33 | key;
	size_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (count->seen_size - 1);

	while (count->seen[at] >> 33 == count->listing) {
		if (count->seen[at] == entry)
			return false;
		at = (at + 1) & (count->seen_size - 1);
	}
	count->seen[at] = entry;
	return true;
}

static void count_owned(struct series_count *count, const struct dossier_socket *socket,
			struct series_pid **latest)
{
	struct series_pid *item = *latest;

	if (!item || item->pid != socket->pid)
		item = find_pid(count, socket->pid);
	if (!item)
		return;
	*latest = item;
	item->rows++;
	if (socket->name)
		item->name = socket->name;
	if (socket->state == SOCKET_LISTEN ||
	    has_bit(count->listened[socket->protocol], socket->local_port))
		return;
	item->share.ports += is_new(count, (size_t)(item - count->pids), socket->protocol,
				    socket->local_port);
	item->share.bound += socket->state == SOCKET_BOUND;
	item->share.close_wait += socket->state == SOCKET_CLOSE_WAIT;
	item->share.established += socket->state == SOCKET_ESTABLISHED;
}

static void count_row(struct series_count *count, struct series_point *point,
		      const struct dossier_socket *socket, struct series_pid **latest)
{
	if (socket->pid > 0)
		count_owned(count, socket, latest);
	point->time_wait += socket->state == SOCKET_TIME_WAIT;
	point->close_wait += socket->state == SOCKET_CLOSE_WAIT;
	point->bound += socket->state == SOCKET_BOUND;
	point->established +=
		socket->protocol == PROTOCOL_TCP && socket->state == SOCKET_ESTABLISHED;
	/* What serves clients takes no ephemeral port. */
	if (socket->state != SOCKET_LISTEN &&
	    !has_bit(count->listened[socket->protocol], socket->local_port))
		add_bit(count->used[socket->protocol][socket->local.family == FAMILY_IPV6],
			socket->local_port);
}

static void begin_listing(struct series_count *count, size_t rows)
{
	enum { MOST_LISTINGS = INT32_MAX };

	memset(count->listened, 0, sizeof count->listened);
	memset(count->used, 0, sizeof count->used);
	count->met_count = 0;
	if (count->listing == MOST_LISTINGS) {
		free(count->seen);
		count->seen = NULL;
		count->seen_size = 0;
		count->listing = 0;
	}
	count->listing++;
	reserve_seen(count, rows);
}

static void count_rows(struct series_count *count, struct series_point *point,
		       const struct dossier_table *table)
{
	struct series_pid *latest = NULL;

	begin_listing(count, table->count);
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].state == SOCKET_LISTEN)
			add_bit(count->listened[table->sockets[i].protocol],
				table->sockets[i].local_port);
	for (size_t i = 0; i < table->count; i++)
		count_row(count, point, &table->sockets[i], &latest);
}

/* ---- the point ---- */

static int by_ports(const void *a, const void *b)
{
	const struct series_share *left = a, *right = b;

	if (left->ports != right->ports)
		return left->ports < right->ports ? 1 : -1;
	return left->pid < right->pid ? -1 : 1;
}

/* Most ports first; of those that have none nothing is to be told. */
static void keep_shares(struct series_count *count, struct series_point *point)
{
	struct series_share *shares =
		memory_resize(NULL, count->met_count + 1, sizeof *shares);
	size_t kept = 0;

	for (size_t i = 0; i < count->met_count; i++) {
		const struct series_pid *item = &count->pids[count->met[i]];

		if (!item->share.ports)
			continue;
		shares[kept] = item->share;
		shares[kept++].name = item->name;
	}
	if (kept)
		qsort(shares, kept, sizeof *shares, by_ports);
	point->share_count = kept < SERIES_SHARES ? kept : SERIES_SHARES;
	if (point->share_count)
		memcpy(count->shares, shares, point->share_count * sizeof *shares);
	point->shares = count->shares;
	free(shares);
}

static void keep_ports(const struct series_count *count, struct series_point *point)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int family = 0; family < 2; family++)
			for (unsigned word = 0; word < SERIES_WORDS; word++)
				port_set_add_word(&point->ports[protocol][family], word,
						  count->used[protocol][family][word]);
}

void series_count(struct series_count *count, const struct dossier_table *table,
		  struct series_point *point)
{
	count_rows(count, point, table);
	keep_shares(count, point);
	keep_ports(count, point);
}
