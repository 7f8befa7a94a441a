#include "diagnosis/trend_process.h"

#include "diagnosis/trend.h"
#include "diagnosis/trend_growth.h"

#include <stdlib.h>
#include <string.h>

/*
 * Points have the processes with most ports. Those that ever had many are followed: by pid, and, where names are told, on
 * under the pid of the next of that name, if it came when the other had gone.
 */
enum { MOST_PIDS = 4096, GONE_POINTS = 2, LEAST_PORTS = 16 };

struct followed {
	int64_t pid;
	const char *name;
	uint32_t most;
	uint32_t *ports;   /* at each point */
	size_t begin, end; /* points where it has some: [begin, end) */
	bool is_continued;
};

struct following {
	struct trend *trend;
	const struct snapshot *snapshot;
	struct followed *items;
	size_t count, capacity;
	struct index index;
};

static const char *name_of(const struct snapshot *snapshot, const struct series_share *share)
{
	for (size_t i = 0; !share->name && i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == share->pid)
			return snapshot->processes[i].name;
	return share->name;
}

static struct followed *find(struct following *following, int64_t pid, bool add)
{
	const struct indexed items = { following->items, following->count,
				       sizeof *following->items, sizeof pid };
	size_t at;

	if (!add || following->count == MOST_PIDS) {
		at = index_find(&following->index, &items, &pid);
		return at < following->count ? &following->items[at] : NULL;
	}
	at = index_find_or_add(&following->index, &items, &pid);
	if (at == following->count) {
		array_reserve(following->items, following->count, following->capacity);
		following->items[following->count++] = (struct followed){ .pid = pid };
	}
	return &following->items[at];
}

static int by_most(const void *a, const void *b)
{
	const struct followed *left = a, *right = b;

	if (left->most != right->most)
		return left->most < right->most ? 1 : -1;
	return left->pid < right->pid ? -1 : 1;
}

static void find_largest(struct following *following)
{
	const struct evidence_facts *facts = &following->snapshot->evidence;

	for (size_t i = 0; i < facts->point_count; i++)
		for (size_t j = 0; j < facts->points[i].share_count; j++) {
			const struct series_share *share = &facts->points[i].shares[j];
			struct followed *item = find(following, share->pid, true);

			if (item && share->ports > item->most)
				item->most = share->ports;
		}
	if (following->count)
		qsort(following->items, following->count, sizeof *following->items, by_most);
	if (following->count > TREND_PROCESSES)
		following->count = TREND_PROCESSES;
	index_free(&following->index);
}

static void read_ports(struct following *following)
{
	const struct evidence_facts *facts = &following->snapshot->evidence;
	struct arena *arena = &following->trend->arena;

	for (size_t i = 0; i < following->count; i++)
		following->items[i].ports = arena_alloc(
			arena, facts->point_count * sizeof *following->items[i].ports);
	for (size_t i = 0; i < facts->point_count; i++)
		for (size_t j = 0; j < facts->points[i].share_count; j++) {
			const struct series_share *share = &facts->points[i].shares[j];
			struct followed *item = NULL;

			for (size_t k = 0; k < following->count && !item; k++)
				if (following->items[k].pid == share->pid)
					item = &following->items[k];
			if (!item || !share->ports)
				continue;
			item->ports[i] = share->ports;
			if (!item->end)
				item->begin = i;
			item->end = i + 1;
			if (!item->name)
				item->name = name_of(following->snapshot, share);
		}
}

/* ---- through restarts ---- */

static void add_restart(struct trend_process *process, size_t point)
{
	if (process->restart_count == TREND_RESTARTS) {
		memmove(process->restarts, process->restarts + 1,
			(TREND_RESTARTS - 1) * sizeof *process->restarts);
		process->restart_count--;
	}
	process->restarts[process->restart_count++] = point;
}

/* The next that has its name and came when it had gone; NULL. */
static struct followed *find_next(struct following *following, const struct followed *item)
{
	struct followed *next = NULL;

	for (size_t i = 0; item->name && i < following->count; i++) {
		struct followed *other = &following->items[i];

		if (other == item || other->is_continued || !other->name ||
		    strcmp(other->name, item->name) != 0 || other->begin < item->end ||
		    other->begin > item->end + GONE_POINTS)
			continue;
		if (!next || other->begin < next->begin)
			next = other;
	}
	return next;
}

/* By one that follows an earlier one the earlier one's line begins. */
static void mark_continued(struct following *following)
{
	for (size_t i = 0; i < following->count; i++) {
		struct followed *next = find_next(following, &following->items[i]);

		if (next)
			next->is_continued = true;
	}
}

static void mark_restarts(struct trend_process *process, const uint32_t *ports, size_t from,
			  size_t end)
{
	for (size_t i = from + 1; i < end; i++)
		if (ports[i - 1] >= LEAST_PORTS && 10 * ports[i] <= ports[i - 1])
			add_restart(process, i);
}

static void follow(struct following *following, struct followed *item, double *slopes)
{
	struct trend *trend = following->trend;
	struct trend_process *process = &trend->processes[trend->process_count++];
	const struct followed *latest = item, *next = item;
	struct growth growth = { .at_ms = trend->at_ms };
	size_t begin;

	*process = (struct trend_process){ .first = item->ports[item->begin] };
	while (next) {
		latest = next;
		if (latest != item)
			add_restart(process, latest->begin);
		mark_restarts(process, latest->ports, latest->begin, latest->end);
		if (latest->most > process->most)
			process->most = latest->most;
		next = NULL;
		for (size_t i = 0; latest->name && i < following->count && !next; i++) {
			const struct followed *other = &following->items[i];

			if (other != latest && other->is_continued && other->name &&
			    !strcmp(other->name, latest->name) &&
			    other->begin >= latest->end &&
			    other->begin <= latest->end + GONE_POINTS)
				next = other;
		}
	}
	process->pid = latest->pid;
	process->name = latest->name;
	process->last = latest->ports[trend->point_count - 1];
	growth.values = latest->ports;
	growth.count = trend->point_count;
	begin = growth_run(&growth);
	if (begin < latest->begin)
		begin = latest->begin;
	process->grows = growth_slope(&growth, begin, slopes, &process->per_hour) &&
			 latest->end == trend->point_count;
	process->per_hour *= 3600e3;
}

void trend_follow_processes(struct trend *trend, const struct snapshot *snapshot)
{
	struct following following = { .trend = trend, .snapshot = snapshot };
	double *slopes = memory_resize(NULL, trend->point_count, sizeof *slopes);

	find_largest(&following);
	read_ports(&following);
	mark_continued(&following);
	trend->processes =
		arena_alloc(&trend->arena, (following.count + 1) * sizeof *trend->processes);
	for (size_t i = 0; i < following.count; i++)
		if (!following.items[i].is_continued)
			follow(&following, &following.items[i], slopes);
	for (size_t i = 0; i < trend->process_count; i++)
		if (trend->processes[i].grows &&
		    (!trend->grower || trend->processes[i].per_hour > trend->grower->per_hour))
			trend->grower = &trend->processes[i];
	free(following.items);
	free(slopes);
}
