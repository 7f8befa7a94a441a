#include "view/trend.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/trend.h"
#include "view/layout.h"
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

/* Who never had a port in so many of the range has no part in it. */
enum { PROCESSES_SHOWN = 5, PART_ONE_IN = 100 };

struct page {
	struct arena arena;
	const struct diagnosis *diagnosis;
	const struct trend *trend;
	const struct view_style *style;
	unsigned indent;
	const char *label; /* of the first line */
};

static void write_line(struct page *page, const char *text)
{
	layout_item(page->style, page->label, page->indent, text, NULL);
	page->label = "";
}

static const char *count_text(struct page *page, uint64_t count)
{
	char buffer[32];

	return arena_copy(&page->arena, text_grouped(buffer, count));
}

static const char *stamp_text(struct page *page, size_t at)
{
	const struct series_point *point = &page->diagnosis->snapshot->evidence.points[at];
	char time[32];

	if (point->stamp)
		return point->stamp;
	if (point->time_ms) {
		view_time(time, point->time_ms);
		if (point->time_is_local) /* the Z says UTC */
			time[strcspn(time, "Z")] = '\0';
		return arena_copy(&page->arena, time);
	}
	return arena_print(&page->arena, _("listing %zu"), at * page->trend->point_step + 1);
}

/* "3 h 20 min" */
static const char *duration_text(struct page *page, int64_t seconds)
{
	unsigned long long minutes = (unsigned long long)seconds / 60;

	if (minutes < 60)
		return arena_print(&page->arena, _("%llu min"), minutes);
	if (minutes < 48 * 60)
		return arena_print(&page->arena, _("%llu h %llu min"), minutes / 60,
				   minutes % 60);
	return arena_print(&page->arena, _("%llu days"), minutes / 60 / 24);
}

static void write_span(struct page *page)
{
	const struct trend *trend = page->trend;
	const size_t last = trend->point_count - 1;
	const char *text = arena_print(&page->arena, _("%s listings, %s to %s"),
				       count_text(page, trend->listings), stamp_text(page, 0),
				       stamp_text(page, last));

	if (trend->clock != TREND_ORDER)
		text = arena_print(&page->arena, _("%s (%s)"), text,
				   duration_text(page, trend->at_ms[last] / 1000));
	if (trend->clock != TREND_ORDER &&
	    page->diagnosis->snapshot->evidence.points[last].time_is_files)
		text = arena_print(
			&page->arena,
			_("%s; when the files were written, which copies need not keep"),
			text);
	if (trend->clock == TREND_ASSUMED)
		text = arena_print(
			&page->arena,
			_("%s; they have no times, a minute between them is assumed"), text);
	if (trend->clock == TREND_ORDER)
		text = arena_print(&page->arena,
				   _("%s; they have no times, only their order is known"),
				   text);
	write_line(page, text);
}

static const char *rate_text(struct page *page, double per_hour)
{
	const char *count =
		count_text(page, (uint64_t)((per_hour < 0 ? -per_hour : per_hour) + 0.5));

	return arena_print(&page->arena, _("%s an hour"),
			   arena_print(&page->arena, per_hour < 0 ? "-%s" : "+%s", count));
}

static void write_pool(struct page *page, const struct trend_pool *pool)
{
	const char *text = arena_print(
		&page->arena, _("%s %s: %s -> %s of %s ports, at most %s"),
		protocol_name(pool->protocol), pool->family == FAMILY_IPV6 ? "IPv6" : "IPv4",
		count_text(page, pool->first), count_text(page, pool->last),
		count_text(page, pool->size), count_text(page, pool->most));

	if (pool->ran_out_count)
		text = arena_print(&page->arena, _("%s; ran out %s"), text,
				   stamp_text(page, pool->ran_out[0]));
	if (pool->ran_out_count > 1)
		text = arena_print(&page->arena, _("%s and %zu times more"), text,
				   pool->ran_out_count - 1);
	if (pool->full_in_s >= 0)
		text = arena_print(&page->arena, _("%s; %s, full in %s"), text,
				   rate_text(page, pool->per_hour),
				   duration_text(page, pool->full_in_s));
	write_line(page, text);
}

static void write_process(struct page *page, const struct trend_process *process)
{
	const char *text =
		arena_print(&page->arena, _("%s, pid %lld: %s -> %s ports, at most %s"),
			    process->name ? process->name : _("(name not told)"),
			    (long long)process->pid, count_text(page, process->first),
			    count_text(page, process->last), count_text(page, process->most));

	if (process->grows && page->trend->clock != TREND_ORDER)
		text = arena_print(&page->arena, _("%s; %s"), text,
				   rate_text(page, process->per_hour));
	for (size_t i = 0; i < process->restart_count && i < 3; i++)
		text = arena_print(&page->arena, i ? _("%s, %s") : _("%s; started again %s"),
				   text, stamp_text(page, process->restarts[i]));
	write_line(page, text);
}

static bool has_part(const struct trend *trend, const struct trend_process *process)
{
	return !trend->fullest || process->grows || process->restart_count ||
	       process->most >= trend->fullest->size / PART_ONE_IN;
}

/* Where the listings have none, another file may. */
static const char *name_of(const struct page *page, const struct series_total *leader)
{
	const struct snapshot *snapshot = page->diagnosis->snapshot;

	if (leader->name)
		return leader->name;
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == leader->pid && snapshot->processes[i].name)
			return snapshot->processes[i].name;
	return _("(name not told)");
}

static void write_leader(struct page *page)
{
	const struct series_total *leader = page->trend->leader;

	if (leader)
		write_line(page,
			   arena_print(&page->arena,
				       _("most rows in all listings: %s, pid %lld (%s rows)"),
				       name_of(page, leader), (long long)leader->pid,
				       count_text(page, leader->rows)));
}

void trend_text(const struct diagnosis *diagnosis, const struct view_style *style,
		unsigned indent)
{
	struct page page = {
		.diagnosis = diagnosis,
		.trend = diagnosis->trend,
		.style = style,
		.indent = indent,
		.label = _("trend"),
	};

	if (!page.trend || !page.trend->point_count)
		return;
	write_span(&page);
	if (page.trend->fullest)
		write_pool(&page, page.trend->fullest);
	for (size_t i = 0; i < page.trend->process_count && i < PROCESSES_SHOWN; i++)
		if (has_part(page.trend, &page.trend->processes[i]))
			write_process(&page, &page.trend->processes[i]);
	write_leader(&page);
	if (page.trend->returns)
		write_line(&page,
			   arena_print(
				   &page.arena, _("it comes back about %s after each start"),
				   duration_text(&page, page.trend->returns_after_ms / 1000)));
	arena_free(&page.arena);
}
