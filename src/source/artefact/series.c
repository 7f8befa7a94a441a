#include "source/artefact/series.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 20000, SHARES_KEPT = 32 };

/* ---- one point ---- */

struct counted_pid {
	int32_t pid;
	struct series_share share;
	struct port_set ports[PROTOCOL_COUNT];
};

struct counting {
	struct index index;
	struct counted_pid *items;
	size_t count, capacity;
};

static struct counted_pid *item_of(struct counting *counting,
				   const struct dossier_socket *socket)
{
	const struct indexed items = { counting->items, counting->count,
				       sizeof *counting->items, sizeof(int32_t) };
	size_t at = index_find_or_add(&counting->index, &items, &socket->pid);

	if (at == counting->count) {
		array_reserve(counting->items, counting->count, counting->capacity);
		counting->items[counting->count++] = (struct counted_pid){
			.pid = socket->pid,
			.share = { .pid = socket->pid },
		};
	}
	if (socket->name)
		counting->items[at].share.name = socket->name;
	return &counting->items[at];
}

static int by_ports(const void *a, const void *b)
{
	const struct counted_pid *left = a, *right = b;

	if (left->share.ports != right->share.ports)
		return left->share.ports < right->share.ports ? 1 : -1;
	return left->pid < right->pid ? -1 : 1;
}

static void count_row(struct series_point *point, struct counting *counting,
		      const struct dossier_socket *socket)
{
	bool is_ipv6 = socket->local.family == FAMILY_IPV6;

	point->time_wait += socket->state == SOCKET_TIME_WAIT;
	point->close_wait += socket->state == SOCKET_CLOSE_WAIT;
	point->bound += socket->state == SOCKET_BOUND;
	point->established +=
		socket->protocol == PROTOCOL_TCP && socket->state == SOCKET_ESTABLISHED;
	if (socket->state == SOCKET_LISTEN)
		return;
	port_set_add(&point->ports[socket->protocol][is_ipv6], socket->local_port);
	if (socket->pid > 0) {
		struct counted_pid *item = item_of(counting, socket);

		port_set_add(&item->ports[socket->protocol], socket->local_port);
		item->share.bound += socket->state == SOCKET_BOUND;
		item->share.close_wait += socket->state == SOCKET_CLOSE_WAIT;
		item->share.established += socket->state == SOCKET_ESTABLISHED;
	}
}

static void keep_shares(struct series_point *point, struct counting *counting,
			struct arena *arena)
{
	for (size_t i = 0; i < counting->count; i++) {
		struct counted_pid *item = &counting->items[i];

		item->share.ports =
			item->ports[PROTOCOL_TCP].count + item->ports[PROTOCOL_UDP].count;
		port_set_free(&item->ports[PROTOCOL_TCP]);
		port_set_free(&item->ports[PROTOCOL_UDP]);
	}
	if (counting->count)
		qsort(counting->items, counting->count, sizeof *counting->items, by_ports);
	point->share_count = counting->count < SHARES_KEPT ? counting->count : SHARES_KEPT;
	point->shares = arena_alloc(arena, point->share_count * sizeof *point->shares);
	for (size_t i = 0; i < point->share_count; i++)
		point->shares[i] = counting->items[i].share;
	index_free(&counting->index);
	free(counting->items);
}

void series_add(struct dossier *dossier, const struct dossier_table *table)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct counting counting = { 0 };
	struct series_point point = {
		.artefact = table->artefact,
		.what = table->what,
		.stamp = table->stamp,
		.time_ms = table->time_ms,
		.time_is_local = table->time_is_local,
		.rows = (uint32_t)table->count,
	};
	bool *listened;

	if (table->only_ipv4 || table->only_ipv6 || table->only_bound)
		return; /* a part of a listing is no point */
	if (facts->point_count == MOST_POINTS) {
		dossier_note(dossier,
			     "more than %d listings: the later ones are not in the trend",
			     MOST_POINTS);
		return;
	}
	/* What serves clients takes no ephemeral port. */
	listened = memory_zeroed((size_t)PROTOCOL_COUNT * 65536, sizeof *listened);
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].state == SOCKET_LISTEN)
			listened[table->sockets[i].protocol * 65536 +
				 table->sockets[i].local_port] = true;
	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];

		if (!listened[socket->protocol * 65536 + socket->local_port])
			count_row(&point, &counting, socket);
	}
	free(listened);
	keep_shares(&point, &counting, &dossier->snapshot->arena);
	array_reserve(facts->points, facts->point_count, facts->point_capacity);
	facts->points[facts->point_count++] = point;
}

/* ---- all points ---- */

static void free_ports(struct series_point *point)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int family = 0; family < 2; family++)
			port_set_free(&point->ports[protocol][family]);
}

static const char *most_frequent(const struct evidence_facts *facts)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < facts->point_count; i++) {
		size_t count = 0;

		if (best && !strcmp(best, facts->points[i].what))
			continue;
		for (size_t j = i; j < facts->point_count; j++)
			count += !strcmp(facts->points[i].what, facts->points[j].what);
		if (count > most) {
			most = count;
			best = facts->points[i].what;
		}
	}
	return best;
}

static bool all_have_times(const struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->point_count; i++)
		if (!facts->points[i].time_ms)
			return false;
	return true;
}

/* Points that are of the same time stay as they are: qsort() would not promise it. */
static void sort_by_time(struct evidence_facts *facts)
{
	for (size_t i = 1; i < facts->point_count; i++) {
		struct series_point moved = facts->points[i];
		size_t at = i;

		for (; at && facts->points[at - 1].time_ms > moved.time_ms; at--)
			facts->points[at] = facts->points[at - 1];
		facts->points[at] = moved;
	}
}

void series_finish(struct dossier *dossier)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	const char *what = most_frequent(facts);
	size_t kept = 0;

	for (size_t i = 0; i < facts->point_count; i++)
		if (!strcmp(facts->points[i].what, what))
			facts->points[kept++] = facts->points[i];
		else
			free_ports(&facts->points[i]);
	facts->point_count = kept;
	if (kept < 2) {
		for (size_t i = 0; i < kept; i++)
			free_ports(&facts->points[i]);
		facts->point_count = 0;
	} else if (all_have_times(facts)) {
		sort_by_time(facts);
	}
}
