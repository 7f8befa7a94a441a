#include "view/trend.h"

#include "base/json.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/trend.h"
#include "view/view.h"

#include <string.h>

enum { MOST_POINTS = 500 };

/* Of an unknown zone: without the Z that says UTC. */
static void write_time(struct json *json, const char *key, const struct series_point *point)
{
	char time[32];

	if (!point->time_ms) {
		json_text(json, key, NULL);
		return;
	}
	view_time(time, point->time_ms);
	if (point->time_is_local)
		time[strcspn(time, "Z")] = '\0';
	json_text(json, key, time);
}

static void write_seconds(struct json *json, const char *key, const struct trend *trend,
			  size_t point)
{
	json_known(json, key, trend->clock == TREND_ORDER ? -1 : trend->at_ms[point] / 1000);
}

static const char *clock_name(enum trend_clock clock)
{
	static const char *const names[] = {
		[TREND_TIMES] = "times",
		[TREND_DISTANCES] = "distances",
		[TREND_ASSUMED] = "assumed",
		[TREND_ORDER] = "order",
	};

	return names[clock];
}

static void write_moment(struct json *json, const char *key, const struct trend *trend,
			 const struct snapshot *snapshot, size_t at)
{
	const struct series_point *point = &snapshot->evidence.points[at];

	json_row(json, key);
	json_number(json, "listing", (int64_t)(at * trend->point_step) + 1);
	write_time(json, "time", point);
	json_text(json, "stamp", point->stamp);
	write_seconds(json, "seconds", trend, at);
	json_end_object(json);
}

/* Where only the order of the looks is known there is no such thing. */
static void write_per_hour(struct json *json, const struct trend *trend, double per_hour)
{
	if (trend->clock == TREND_ORDER)
		json_null(json, "per_hour");
	else
		json_ratio(json, "per_hour", per_hour);
}

static void write_pools(struct json *json, const struct trend *trend,
			const struct snapshot *snapshot)
{
	json_array(json, "pools");
	for (size_t i = 0; i < sizeof trend->pools / sizeof trend->pools[0]; i++) {
		const struct trend_pool *pool = &trend->pools[i];

		if (!pool->size)
			continue;
		json_object(json, NULL);
		json_text(json, "protocol", protocol_name(pool->protocol));
		json_text(json, "family", pool->family == FAMILY_IPV6 ? "ipv6" : "ipv4");
		json_number(json, "capacity", pool->size);
		json_bool(json, "assumed", pool->assumed);
		json_number(json, "first", pool->first);
		json_number(json, "last", pool->last);
		json_number(json, "most", pool->most);
		json_bool(json, "grows", pool->grows);
		write_per_hour(json, trend, pool->per_hour);
		json_known(json, "full_in_s", pool->full_in_s);
		json_array(json, "ran_out");
		for (size_t j = 0; j < pool->ran_out_count; j++)
			write_moment(json, NULL, trend, snapshot, pool->ran_out[j]);
		json_end_array(json);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_processes(struct json *json, const struct trend *trend,
			    const struct snapshot *snapshot)
{
	json_array(json, "processes");
	for (size_t i = 0; i < trend->process_count; i++) {
		const struct trend_process *process = &trend->processes[i];

		json_object(json, NULL);
		json_number(json, "pid", process->pid);
		json_text(json, "name", process->name);
		json_number(json, "first", process->first);
		json_number(json, "last", process->last);
		json_number(json, "most", process->most);
		json_bool(json, "grows", process->grows);
		write_per_hour(json, trend, process->per_hour);
		json_array(json, "restarts");
		for (size_t j = 0; j < process->restart_count; j++)
			write_moment(json, NULL, trend, snapshot, process->restarts[j]);
		json_end_array(json);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_point(struct json *json, const struct trend *trend,
			const struct snapshot *snapshot, size_t at)
{
	const struct series_point *point = &snapshot->evidence.points[at];

	json_row(json, NULL);
	json_number(json, "listing", (int64_t)(at * trend->point_step) + 1);
	write_time(json, "time", point);
	json_text(json, "stamp", point->stamp);
	write_seconds(json, "seconds", trend, at);
	json_number(json, "used",
		    trend->fullest ? trend_used(snapshot, trend->fullest, at) : 0);
	json_number(json, "rows", point->rows);
	json_number(json, "established", point->established);
	json_number(json, "close_wait", point->close_wait);
	json_number(json, "time_wait", point->time_wait);
	json_number(json, "bound", point->bound);
	json_end_object(json);
}

/* At most so many, equally far apart, the first and the last among them. */
static void write_points(struct json *json, const struct trend *trend,
			 const struct snapshot *snapshot)
{
	const size_t count = trend->point_count;
	const size_t shown = count < MOST_POINTS ? count : MOST_POINTS;

	json_bool(json, "points_thinned", shown < trend->listings);
	json_array(json, "points");
	for (size_t i = 0; i < shown; i++)
		write_point(json, trend, snapshot, i * (count - 1) / (shown - 1));
	json_end_array(json);
}

static void write_leader(struct json *json, const struct series_total *leader)
{
	if (!leader) {
		json_null(json, "leader");
		return;
	}
	json_row(json, "leader");
	json_number(json, "pid", leader->pid);
	json_text(json, "name", leader->name);
	json_number(json, "rows", (int64_t)leader->rows);
	json_end_object(json);
}

static void write_fullest(struct json *json, const struct trend *trend,
			  const struct snapshot *snapshot)
{
	const struct trend_pool *pool = trend->fullest;

	if (pool && pool->ran_out_count)
		write_moment(json, "ran_out_at", trend, snapshot, pool->ran_out[0]);
	else
		json_null(json, "ran_out_at");
	json_known(json, "full_in_s", pool ? pool->full_in_s : -1);
	json_known(json, "returns_after_s",
		   trend->returns ? trend->returns_after_ms / 1000 : -1);
}

void trend_json(struct json *json, const struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct trend *trend = diagnosis->trend;

	if (!trend || !trend->point_count) {
		json_null(json, "series");
		return;
	}
	json_object(json, "series");
	json_text(json, "what", snapshot->evidence.points[0].what);
	json_number(json, "listings", (int64_t)trend->listings);
	json_text(json, "clock", clock_name(trend->clock));
	write_seconds(json, "seconds", trend, trend->point_count - 1);
	write_fullest(json, trend, snapshot);
	write_leader(json, trend->leader);
	write_pools(json, trend, snapshot);
	write_processes(json, trend, snapshot);
	write_points(json, trend, snapshot);
	json_end_object(json);
}
