#include "source/artefact/series.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

/*
 * A point is counted from the rows of its listing in two passes, with memory that is used again for the next. A process is
 * one entry for all listings, with counts that begin anew when a listing meets it first; which of its ports were
 * seen already is told by one table of (process, protocol, port), whose entries carry the number of the listing.
 */
enum {
	MOST_POINTS = 2048,
	SHARES_KEPT = 32,
	TOTALS_KEPT = 32,
	MOST_PIDS = 1 << 16,
	MOST_KINDS = 16,
	WORDS = PORT_SET_WORDS,
};

struct series_pid {
	int32_t pid;
	uint32_t listing; /* whose counts `share` has */
	struct series_share share;
	const char *name;
	uint64_t rows; /* of all listings */
};

struct series {
	uint64_t listened[PROTOCOL_COUNT][WORDS], used[PROTOCOL_COUNT][2][WORDS];
	uint32_t listing;

	struct index index;
	struct series_pid *pids;
	size_t pid_count, pid_capacity;
	uint32_t *met; /* those of this listing */
	size_t met_count, met_capacity;

	uint64_t *seen; /* open addressing */
	size_t seen_size;

	/* Every so manieth listing of a kind is kept. */
	uint32_t step;
	struct {
		const char *what;
		uint32_t listings;
	} kinds[MOST_KINDS];
	size_t kind_count;

	/* The latest, where it is not kept: the last of all is what the snapshot tells. */
	struct series_point pending;
	struct series_share pending_shares[SHARES_KEPT];
	bool is_pending;
};

static struct series *series_of(struct dossier *dossier)
{
	if (!dossier->series) {
		dossier->series = memory_zeroed(1, sizeof *dossier->series);
		dossier->series->step = 1;
	}
	return dossier->series;
}

static void free_ports(struct series_point *point)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int family = 0; family < 2; family++)
			port_set_free(&point->ports[protocol][family]);
}

void series_free(struct series *series)
{
	if (!series)
		return;
	if (series->is_pending)
		free_ports(&series->pending);
	index_free(&series->index);
	free(series->pids);
	free(series->met);
	free(series->seen);
	free(series);
}

/* ---- counting one listing ---- */

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
static struct series_pid *find_pid(struct series *series, int32_t pid)
{
	const struct indexed pids = { series->pids, series->pid_count, sizeof *series->pids,
				      sizeof(int32_t) };
	struct series_pid *item;
	size_t at;

	if (series->pid_count == MOST_PIDS) {
		at = index_find(&series->index, &pids, &pid);
		return at < series->pid_count ? &series->pids[at] : NULL;
	}
	at = index_find_or_add(&series->index, &pids, &pid);
	if (at == series->pid_count) {
		array_reserve(series->pids, series->pid_count, series->pid_capacity);
		series->pids[series->pid_count++] = (struct series_pid){ .pid = pid };
	}
	item = &series->pids[at];
	if (item->listing != series->listing) {
		item->listing = series->listing;
		item->share = (struct series_share){ .pid = pid };
		array_reserve(series->met, series->met_count, series->met_capacity);
		series->met[series->met_count++] = (uint32_t)at;
	}
	return item;
}

/* Twice as many slots as rows; old entries are of other listings. */
static void reserve_seen(struct series *series, size_t rows)
{
	size_t size = series->seen_size ? series->seen_size : 1024;

	while (size < 2 * rows)
		size *= 2;
	if (size == series->seen_size)
		return;
	free(series->seen);
	series->seen = memory_zeroed(size, sizeof *series->seen);
	series->seen_size = size;
}

/* Whether the listing has not had this port of that process before. */
static bool is_new(struct series *series, size_t pid, unsigned protocol, uint16_t port)
{
	uint64_t key = (uint64_t)pid << 17 | protocol << 16 | port;
	uint64_t entry = (uint64_t)series->listing << 33 | key;
	size_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (series->seen_size - 1);

	while (series->seen[at] >> 33 == series->listing) {
		if (series->seen[at] == entry)
			return false;
		at = (at + 1) & (series->seen_size - 1);
	}
	series->seen[at] = entry;
	return true;
}

static void count_owned(struct series *series, const struct dossier_socket *socket,
			struct series_pid **latest)
{
	struct series_pid *item = *latest;

	if (!item || item->pid != socket->pid)
		item = find_pid(series, socket->pid);
	if (!item)
		return;
	*latest = item;
	item->rows++;
	if (socket->name)
		item->name = socket->name;
	if (socket->state == SOCKET_LISTEN ||
	    has_bit(series->listened[socket->protocol], socket->local_port))
		return;
	item->share.ports += is_new(series, (size_t)(item - series->pids), socket->protocol,
				    socket->local_port);
	item->share.bound += socket->state == SOCKET_BOUND;
	item->share.close_wait += socket->state == SOCKET_CLOSE_WAIT;
	item->share.established += socket->state == SOCKET_ESTABLISHED;
}

static void count_row(struct series *series, struct series_point *point,
		      const struct dossier_socket *socket, struct series_pid **latest)
{
	if (socket->pid > 0)
		count_owned(series, socket, latest);
	point->time_wait += socket->state == SOCKET_TIME_WAIT;
	point->close_wait += socket->state == SOCKET_CLOSE_WAIT;
	point->bound += socket->state == SOCKET_BOUND;
	point->established +=
		socket->protocol == PROTOCOL_TCP && socket->state == SOCKET_ESTABLISHED;
	/* What serves clients takes no ephemeral port. */
	if (socket->state != SOCKET_LISTEN &&
	    !has_bit(series->listened[socket->protocol], socket->local_port))
		add_bit(series->used[socket->protocol][socket->local.family == FAMILY_IPV6],
			socket->local_port);
}

static void begin_listing(struct series *series, size_t rows)
{
	enum { MOST_LISTINGS = INT32_MAX };

	memset(series->listened, 0, sizeof series->listened);
	memset(series->used, 0, sizeof series->used);
	series->met_count = 0;
	if (series->listing == MOST_LISTINGS) {
		free(series->seen);
		series->seen = NULL;
		series->seen_size = 0;
		series->listing = 0;
	}
	series->listing++;
	reserve_seen(series, rows);
}

static void count_rows(struct series *series, struct series_point *point,
		       const struct dossier_table *table)
{
	struct series_pid *latest = NULL;

	begin_listing(series, table->count);
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].state == SOCKET_LISTEN)
			add_bit(series->listened[table->sockets[i].protocol],
				table->sockets[i].local_port);
	for (size_t i = 0; i < table->count; i++)
		count_row(series, point, &table->sockets[i], &latest);
}

/* ---- one point ---- */

static int by_ports(const void *a, const void *b)
{
	const struct series_share *left = a, *right = b;

	if (left->ports != right->ports)
		return left->ports < right->ports ? 1 : -1;
	return left->pid < right->pid ? -1 : 1;
}

/* Most ports first; of those that have none nothing is to be told. */
static void keep_shares(struct series *series, struct series_point *point)
{
	struct series_share *shares =
		memory_resize(NULL, series->met_count + 1, sizeof *shares);
	size_t count = 0;

	for (size_t i = 0; i < series->met_count; i++) {
		const struct series_pid *item = &series->pids[series->met[i]];

		if (!item->share.ports)
			continue;
		shares[count] = item->share;
		shares[count++].name = item->name;
	}
	if (count)
		qsort(shares, count, sizeof *shares, by_ports);
	point->share_count = count < SHARES_KEPT ? count : SHARES_KEPT;
	if (point->share_count)
		memcpy(series->pending_shares, shares, point->share_count * sizeof *shares);
	point->shares = series->pending_shares;
	free(shares);
}

static void keep_ports(const struct series *series, struct series_point *point)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int family = 0; family < 2; family++)
			for (unsigned word = 0; word < WORDS; word++)
				port_set_add_word(&point->ports[protocol][family], word,
						  series->used[protocol][family][word]);
}

/* ---- which are kept ---- */

static bool is_its_turn(struct series *series, const char *what)
{
	size_t kind = 0;

	while (kind < series->kind_count && strcmp(series->kinds[kind].what, what) != 0)
		kind++;
	if (kind == MOST_KINDS)
		kind--;
	if (kind == series->kind_count)
		series->kinds[series->kind_count++].what = what;
	return series->kinds[kind].listings++ % series->step == 0;
}

/* Every second of a kind goes. */
static void thin(struct series *series, struct evidence_facts *facts)
{
	bool is_odd[MOST_KINDS] = { false };
	size_t kept = 0;

	for (size_t i = 0; i < facts->point_count; i++) {
		size_t kind = 0;

		while (kind + 1 < series->kind_count &&
		       strcmp(series->kinds[kind].what, facts->points[i].what) != 0)
			kind++;
		if (is_odd[kind])
			free_ports(&facts->points[i]);
		else
			facts->points[kept++] = facts->points[i];
		is_odd[kind] = !is_odd[kind];
	}
	facts->point_count = kept;
	series->step *= 2;
}

static void keep(struct dossier *dossier, struct series *series)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct series_point *point;

	array_reserve(facts->points, facts->point_count, facts->point_capacity);
	point = &facts->points[facts->point_count++];
	*point = series->pending;
	point->shares = arena_alloc(&dossier->snapshot->arena,
				    (point->share_count + 1) * sizeof *point->shares);
	if (point->share_count)
		memcpy(point->shares, series->pending_shares,
		       point->share_count * sizeof *point->shares);
	series->is_pending = false;
}

void series_add(struct dossier *dossier, const struct dossier_table *table)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct series *series = series_of(dossier);
	struct series_point point = {
		.artefact = table->artefact,
		.what = table->what,
		.stamp = table->stamp,
		.time_ms = table->time_ms,
		.time_is_local = table->time_is_local,
		.since_ms = -1,
		.rows = (uint32_t)table->count,
	};

	if (table->only_ipv4 || table->only_ipv6 || table->only_bound)
		return; /* a part of a listing is no point */
	facts->listing_count++;
	if (series->is_pending)
		free_ports(&series->pending);
	count_rows(series, &point, table);
	keep_shares(series, &point);
	keep_ports(series, &point);
	series->pending = point;
	series->is_pending = true;
	if (!is_its_turn(series, point.what))
		return;
	if (facts->point_count == MOST_POINTS)
		thin(series, facts);
	keep(dossier, series);
}

/* ---- how they are called ---- */

size_t series_point_count(const struct dossier *dossier)
{
	return dossier->snapshot->evidence.point_count +
	       (dossier->series && dossier->series->is_pending);
}

struct series_point *series_point_at(struct dossier *dossier, size_t at)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;

	return at < facts->point_count ? &facts->points[at] : &dossier->series->pending;
}

bool series_has(struct dossier *dossier, const char *what)
{
	size_t count = series_point_count(dossier);
	const struct series_point *last;

	if (!count)
		return false;
	last = series_point_at(dossier, count - 1);
	return last->artefact == dossier_part(dossier) && !strcmp(last->what, what);
}

void series_rename(struct dossier *dossier, const char *from, const char *to)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	const uint32_t part = dossier_part(dossier);

	if (!series_has(dossier, from))
		return;
	for (size_t i = facts->point_count; i-- && facts->points[i].artefact == part;)
		if (!strcmp(facts->points[i].what, from))
			facts->points[i].what = to;
	if (dossier->series->is_pending && !strcmp(dossier->series->pending.what, from))
		dossier->series->pending.what = to;
	for (size_t i = 0; i < dossier->series->kind_count; i++)
		if (!strcmp(dossier->series->kinds[i].what, from))
			dossier->series->kinds[i].what = to;
}

/* ---- all points ---- */

static const char *most_frequent(const struct evidence_facts *facts)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < facts->point_count; i++) {
		size_t count = 0;

		if (i && !strcmp(facts->points[i - 1].what, facts->points[i].what))
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

static int by_rows(const void *a, const void *b)
{
	const struct series_pid *left = a, *right = b;

	if (left->rows != right->rows)
		return left->rows < right->rows ? 1 : -1;
	return left->pid < right->pid ? -1 : 1;
}

/* Who has most rows in all listings, as sort | uniq -c finds. */
static void keep_totals(struct dossier *dossier, struct series *series)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	size_t count = series->pid_count < TOTALS_KEPT ? series->pid_count : TOTALS_KEPT;

	if (!count)
		return;
	qsort(series->pids, series->pid_count, sizeof *series->pids, by_rows);
	facts->totals = arena_alloc(&dossier->snapshot->arena, count * sizeof *facts->totals);
	for (size_t i = 0; i < count; i++)
		facts->totals[facts->total_count++] = (struct series_total){
			.pid = series->pids[i].pid,
			.name = series->pids[i].name,
			.rows = series->pids[i].rows,
		};
}

void series_finish(struct dossier *dossier)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct series *series = dossier->series;
	const char *what;
	size_t kept = 0;

	if (!series)
		return;
	if (series->is_pending)
		keep(dossier, series);
	what = most_frequent(facts);
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
		return;
	}
	if (all_have_times(facts))
		sort_by_time(facts);
	facts->point_step = series->step;
	keep_totals(dossier, series);
}
