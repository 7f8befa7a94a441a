#include "diagnosis/trend.h"

#include "diagnosis/trend_growth.h"
#include "diagnosis/trend_process.h"
#include "snapshot/dynamic_ports.h"

#include <stdlib.h>

/* ---- when ---- */

static bool all_have_times(const struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->point_count; i++)
		if (!facts->points[i].time_ms)
			return false;
	return true;
}

static bool all_of_one_file(const struct evidence_facts *facts)
{
	for (size_t i = 1; i < facts->point_count; i++)
		if (facts->points[i].artefact != facts->points[0].artefact)
			return false;
	return true;
}

static bool all_have_distances(const struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->point_count; i++)
		if (facts->points[i].since_ms < 0)
			return false;
	return true;
}

static enum trend_clock clock_of(const struct evidence_facts *facts)
{
	if (all_have_times(facts))
		return TREND_TIMES;
	if (!all_of_one_file(facts))
		return TREND_ORDER;
	return all_have_distances(facts) ? TREND_DISTANCES : TREND_ASSUMED;
}

static void tell_times(struct trend *trend, const struct evidence_facts *facts)
{
	trend->clock = clock_of(facts);
	trend->at_ms = arena_alloc(&trend->arena, trend->point_count * sizeof *trend->at_ms);
	for (size_t i = 0; i < trend->point_count; i++) {
		const struct series_point *point = &facts->points[i];

		if (trend->clock == TREND_TIMES)
			trend->at_ms[i] = point->time_ms - facts->points[0].time_ms;
		else if (trend->clock == TREND_DISTANCES)
			trend->at_ms[i] = point->since_ms - facts->points[0].since_ms;
		else
			trend->at_ms[i] = (int64_t)i * trend->point_step * TREND_ASSUMED_MS;
	}
}

/* ---- ranges ---- */

uint32_t trend_used(const struct snapshot *snapshot, const struct trend_pool *pool,
		    size_t point)
{
	const struct series_point *at = &snapshot->evidence.points[point];
	const int six = pool->family == FAMILY_IPV6;
	const struct port_set *ports = &at->ports[pool->protocol][six];
	const struct dynamic_ports dynamic =
		dynamic_ports_of(snapshot, 0, pool->protocol, pool->family);
	uint32_t used = port_set_count_between(ports, dynamic.range.first, dynamic.range.last);

	if (at->is_counted)
		return at->counted[pool->protocol][six].used;
	port_set_each(port, dynamic.reserved) {
		used -= port_range_contains(dynamic.range, (uint16_t)port) &&
			port_set_has(ports, (uint16_t)port);
	}
	return used;
}

static bool is_out(const struct trend_pool *pool, uint32_t used)
{
	enum { OUT_PERCENT = 99 };

	return (uint64_t)used * 100 >= (uint64_t)pool->size * OUT_PERCENT;
}

/* Nothing more comes where there is nothing more: a level near the end of the range that is kept, after growth. */
static bool is_level(const struct trend_pool *pool, const uint32_t *used, size_t at,
		     size_t count)
{
	enum { NEAR_PERCENT = 95, LONG = 5 };
	const uint32_t slack = pool->size / 200 + 1;

	if ((uint64_t)used[at] * 100 < (uint64_t)pool->size * NEAR_PERCENT || !at ||
	    at + LONG > count || used[at] <= used[at - 1] + slack)
		return false;
	for (size_t i = at; i < at + LONG; i++)
		if (used[i] + slack < used[at] || used[i] > used[at] + slack)
			return false;
	return true;
}

static void find_ends(struct trend_pool *pool, const uint32_t *used, size_t count)
{
	enum { BACK_PERCENT = 90 };
	bool out = false;

	for (size_t i = 0; i < count; i++) {
		if (out && (uint64_t)used[i] * 100 < (uint64_t)pool->size * BACK_PERCENT)
			out = false;
		if (out || !(is_out(pool, used[i]) || is_level(pool, used, i, count)))
			continue;
		out = true;
		if (pool->ran_out_count < TREND_RESTARTS)
			pool->ran_out[pool->ran_out_count++] = i;
	}
	pool->is_out = out;
}

static void look_at_pool(struct trend *trend, const struct snapshot *snapshot,
			 struct trend_pool *pool)
{
	const size_t count = trend->point_count;
	uint32_t *used = memory_resize(NULL, count, sizeof *used);
	double *slopes = memory_resize(NULL, count, sizeof *slopes);
	const struct growth growth = { used, trend->at_ms, count };
	double per_ms;

	for (size_t i = 0; i < count; i++) {
		used[i] = trend_used(snapshot, pool, i);
		if (used[i] > pool->most)
			pool->most = used[i];
	}
	pool->first = used[0];
	pool->last = used[count - 1];
	find_ends(pool, used, count);
	pool->grows = growth_slope(&growth, growth_run(&growth), slopes, &per_ms);
	pool->per_hour = per_ms * 3600e3;
	if (pool->grows && !pool->is_out && trend->clock != TREND_ORDER &&
	    pool->last < pool->size)
		pool->full_in_s = (int64_t)((pool->size - pool->last) / per_ms / 1000 + 0.5);
	free(slopes);
	free(used);
}

/* Without what is excluded; 0: the range is not known. A look has counted by the range of its own time. */
static uint32_t size_of(const struct snapshot *snapshot, const struct trend_pool *pool,
			const struct dynamic_ports *dynamic)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	const struct series_point *last = &facts->points[facts->point_count - 1];

	if (last->is_counted)
		return last->counted[pool->protocol][pool->family == FAMILY_IPV6].size;
	if (!port_range_known(dynamic->range))
		return 0;
	return port_range_size(dynamic->range) - port_set_count_between(dynamic->reserved,
									dynamic->range.first,
									dynamic->range.last);
}

static void look_at_pools(struct trend *trend, const struct snapshot *snapshot)
{
	for (int i = 0; i < PROTOCOL_COUNT * 2; i++) {
		struct trend_pool *pool = &trend->pools[i];
		struct dynamic_ports dynamic;

		*pool = (struct trend_pool){ .protocol = i / 2,
					     .family = i % 2 ? FAMILY_IPV6 : FAMILY_IPV4,
					     .full_in_s = -1 };
		dynamic = dynamic_ports_of(snapshot, 0, pool->protocol, pool->family);
		pool->assumed = dynamic.assumed;
		pool->size = size_of(snapshot, pool, &dynamic);
		if (pool->size)
			look_at_pool(trend, snapshot, pool);
	}
}

/* What ran out is worse than what will, that worse than what is merely fuller. */
static bool is_fuller(const struct trend_pool *pool, const struct trend_pool *than)
{
	if (!pool->ran_out_count != !than->ran_out_count)
		return pool->ran_out_count > 0;
	if ((pool->full_in_s >= 0) != (than->full_in_s >= 0))
		return pool->full_in_s >= 0;
	if (pool->full_in_s >= 0 && pool->full_in_s != than->full_in_s)
		return pool->full_in_s < than->full_in_s;
	return (uint64_t)pool->most * than->size > (uint64_t)than->most * pool->size;
}

static void find_fullest(struct trend *trend)
{
	for (int i = 0; i < PROTOCOL_COUNT * 2; i++)
		if (trend->pools[i].size &&
		    (!trend->fullest || is_fuller(&trend->pools[i], trend->fullest)))
			trend->fullest = &trend->pools[i];
}

/* ---- whether it comes back ---- */

/* Ran out so long after the latest start of that process; -1: it was there from the first. */
static int64_t after_start(const struct trend *trend, const struct trend_process *process,
			   size_t point)
{
	for (size_t i = process->restart_count; i--;)
		if (process->restarts[i] <= point)
			return trend->at_ms[point] - trend->at_ms[process->restarts[i]];
	return -1;
}

static int by_time(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* By the process that has most ports at all; of a start that was before the first listing nothing is known. */
static void find_returns(struct trend *trend)
{
	enum { LIKE_PERCENT = 25 };
	const struct trend_pool *pool = trend->fullest;
	int64_t after_ms[TREND_RESTARTS];
	size_t count = 0;

	if (!pool || !trend->process_count || trend->clock == TREND_ORDER)
		return;
	for (size_t i = 0; i < pool->ran_out_count; i++) {
		int64_t ms = after_start(trend, &trend->processes[0], pool->ran_out[i]);

		if (ms > 0)
			after_ms[count++] = ms;
	}
	if (count < 2)
		return;
	qsort(after_ms, count, sizeof *after_ms, by_time);
	if (100 * (after_ms[count - 1] - after_ms[0]) > LIKE_PERCENT * after_ms[count - 1])
		return;
	trend->returns_after_ms = after_ms[count / 2];
	trend->returns = count;
}

void trend_make(struct trend *trend, const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	*trend = (struct trend){ 0 };
	if (facts->point_count < 2 || !snapshot->namespace_count)
		return;
	trend->point_count = facts->point_count;
	trend->listings = facts->listing_count > facts->point_count ? facts->listing_count :
								      facts->point_count;
	trend->point_step = facts->point_step ? facts->point_step : 1;
	tell_times(trend, facts);
	look_at_pools(trend, snapshot);
	find_fullest(trend);
	trend_follow_processes(trend, snapshot);
	find_returns(trend);
	trend->leader = facts->total_count ? &facts->totals[0] : NULL;
}

void trend_free(struct trend *trend)
{
	arena_free(&trend->arena);
}
