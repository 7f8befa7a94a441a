#include "source/artefact/series.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"
#include "source/artefact/series_count.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 2048, TOTALS_KEPT = 32, MOST_KINDS = 16 };

struct series {
	struct series_count count;

	/* Every so manieth listing of a kind is kept. */
	uint32_t step;
	struct {
		const char *what;
		uint32_t listings;
	} kinds[MOST_KINDS];
	size_t kind_count;

	/* The latest, where it is not kept: the last of all is what the snapshot tells. */
	struct series_point pending; /* its shares are the count's */
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
	series_count_free(&series->count);
	free(series);
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
		memcpy(point->shares, series->pending.shares,
		       point->share_count * sizeof *point->shares);
	series->is_pending = false;
}

static void add_point(struct dossier *dossier, struct series *series,
		      const struct series_point *point)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;

	facts->listing_count++;
	if (series->is_pending)
		free_ports(&series->pending);
	series->pending = *point;
	series->is_pending = true;
	if (!is_its_turn(series, point->what))
		return;
	if (facts->point_count == MOST_POINTS)
		thin(series, facts);
	keep(dossier, series);
}

void series_add(struct dossier *dossier, const struct dossier_table *table)
{
	struct series *series = series_of(dossier);
	struct series_point point = {
		.artefact = table->artefact,
		.what = table->what,
		.stamp = table->stamp,
		.time_ms = table->time_ms,
		.time_is_local = table->time_is_local,
		.time_is_files = table->time_is_files,
		.since_ms = -1,
		.rows = (uint32_t)table->count,
	};

	if (table->only_ipv4 || table->only_ipv6 || table->only_bound || table->is_cut)
		return; /* a part of a listing is no point */
	series_count(&series->count, table, &point);
	add_point(dossier, series, &point);
}

void series_add_look(struct dossier *dossier, const struct series_point *point)
{
	struct series *series = series_of(dossier);
	struct series_point look = *point;

	/* Those of the latest are kept by nobody else until it is known whether it is a point. */
	look.share_count = look.share_count < SERIES_SHARES ? look.share_count : SERIES_SHARES;
	for (size_t i = 0; i < look.share_count; i++)
		series->count.shares[i] = point->shares[i];
	look.shares = series->count.shares;
	add_point(dossier, series, &look);
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
static void keep_totals(struct dossier *dossier, struct series_count *count)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	size_t kept = count->pid_count < TOTALS_KEPT ? count->pid_count : TOTALS_KEPT;

	if (!kept)
		return;
	qsort(count->pids, count->pid_count, sizeof *count->pids, by_rows);
	facts->totals = arena_alloc(&dossier->snapshot->arena, kept * sizeof *facts->totals);
	for (size_t i = 0; i < kept; i++)
		facts->totals[facts->total_count++] = (struct series_total){
			.pid = count->pids[i].pid,
			.name = count->pids[i].name ?
					count->pids[i].name :
					dossier_name_of(dossier, count->pids[i].pid),
			.rows = count->pids[i].rows,
		};
}

/* The same listing in two files, as beside the archive that it came in, is one. */
static size_t join_copies(struct evidence_facts *facts)
{
	size_t kept = 0;

	for (size_t i = 0; i < facts->point_count; i++) {
		struct series_point *last = kept ? &facts->points[kept - 1] : NULL;
		const struct series_point *point = &facts->points[i];

		if (last && last->artefact != point->artefact &&
		    last->time_ms == point->time_ms && last->rows == point->rows)
			free_ports(&facts->points[i]);
		else
			facts->points[kept++] = *point;
	}
	return kept;
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
	if (all_have_times(facts)) {
		sort_by_time(facts);
		facts->point_count = kept = join_copies(facts);
	}
	if (kept < 2) {
		for (size_t i = 0; i < kept; i++)
			free_ports(&facts->points[i]);
		facts->point_count = 0;
		return;
	}
	facts->point_step = series->step;
	keep_totals(dossier, &series->count);
}
