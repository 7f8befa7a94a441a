#include "base/language.h"
#include "diagnosis/rule.h"
#include "diagnosis/strength.h"
#include "diagnosis/trend.h"

#include <stdlib.h>

/*
 * Several listings show what a single one cannot: that ports were gone at some time, though there are some now, or that they
 * will be. Who grows so slowly that it takes months has not been seen to long enough.
 */
enum { SOON_S = 30 * 24 * 3600 };

static const char *pool_name(struct diagnosis *diagnosis, const struct trend_pool *pool)
{
	return arena_print(&diagnosis->arena, "%s %s", protocol_name(pool->protocol),
			   pool->family == FAMILY_IPV6 ? "IPv6" : "IPv4");
}

/* As the file has it, else when it was, else which of them. */
static const char *when(struct diagnosis *diagnosis, size_t at)
{
	const struct series_point *point = &diagnosis->snapshot->evidence.points[at];

	if (point->stamp)
		return point->stamp;
	if (point->time_ms)
		return words_time(diagnosis, point->time_ms);
	return arena_print(&diagnosis->arena, _("listing %zu of %llu"),
			   at * diagnosis->trend->point_step + 1,
			   (unsigned long long)diagnosis->trend->listings);
}

static const char *grower_name(struct diagnosis *diagnosis,
			       const struct trend_process *process)
{
	return arena_print(&diagnosis->arena, _("%s, pid %lld"),
			   process->name ? process->name : _("(name not told)"),
			   (long long)process->pid);
}

/* -1: it is not in the listing that the snapshot is of. */
static int64_t find_process(const struct snapshot *snapshot, int64_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == pid)
			return (int64_t)i;
	return -1;
}

/* Who grew, else who has most of all. */
static const struct trend_process *suspect(const struct trend *trend)
{
	if (trend->grower)
		return trend->grower;
	return trend->process_count ? &trend->processes[0] : NULL;
}

static const char *title(struct diagnosis *diagnosis, const struct trend_pool *pool)
{
	const char *name = pool_name(diagnosis, pool);

	if (!pool->ran_out_count)
		return arena_print(
			&diagnosis->arena,
			_("%s: %s of %s used, and all in %s if it goes on like that"), name,
			words_count(diagnosis, pool->last), words_ports(diagnosis, pool->size),
			words_duration(diagnosis, (uint64_t)pool->full_in_s));
	if (pool->is_out)
		return arena_print(&diagnosis->arena,
				   _("%s: the range has run out (since %s)"), name,
				   when(diagnosis, pool->ran_out[pool->ran_out_count - 1]));
	if (pool->ran_out_count == 1)
		return arena_print(&diagnosis->arena,
				   _("%s: the range ran out (%s); there are ports again"),
				   name, when(diagnosis, pool->ran_out[0]));
	return arena_print(&diagnosis->arena,
			   _("%s: the range ran out %s times, last %s; there are ports again"),
			   name, words_count(diagnosis, pool->ran_out_count),
			   when(diagnosis, pool->ran_out[pool->ran_out_count - 1]));
}

static const char *reason(struct diagnosis *diagnosis, const struct trend_pool *pool)
{
	const struct trend *trend = diagnosis->trend;
	const struct trend_process *process = suspect(trend);
	const char *text = arena_print(
		&diagnosis->arena,
		_("over %s listings the ports in use went from %s to %s, at most %s of %s"),
		words_count(diagnosis, trend->listings), words_count(diagnosis, pool->first),
		words_count(diagnosis, pool->last), words_count(diagnosis, pool->most),
		words_count(diagnosis, pool->size));

	if (process)
		text = arena_print(&diagnosis->arena,
				   _("%s; %s went from %s to %s, at most %s"), text,
				   grower_name(diagnosis, process),
				   words_count(diagnosis, process->first),
				   words_count(diagnosis, process->last),
				   words_count(diagnosis, process->most));
	if (trend->returns)
		text = arena_print(
			&diagnosis->arena,
			_("%s; %zu times the range ran out about %s after a start of the one that has most"),
			text, trend->returns,
			words_duration(diagnosis, (uint64_t)(trend->returns_after_ms / 1000)));
	if (trend->clock == TREND_ASSUMED)
		text = arena_print(
			&diagnosis->arena,
			_("%s; the listings have no times, a minute between them is assumed"),
			text);
	return text;
}

static void add_evidence(struct finding *finding, const struct trend *trend,
			 const struct trend_pool *pool)
{
	rule_add_evidence(finding, "listings", (int64_t)trend->listings, "listings");
	rule_add_evidence(finding, "eligible", pool->size, "ports");
	rule_add_evidence(finding, "used_first", pool->first, "ports");
	rule_add_evidence(finding, "used_last", pool->last, "ports");
	rule_add_evidence(finding, "used_most", pool->most, "ports");
	rule_add_evidence(finding, "ran_out", (int64_t)pool->ran_out_count, "times");
	if (pool->full_in_s >= 0)
		rule_add_evidence(finding, "full_in", pool->full_in_s, "s");
	if (trend->returns)
		rule_add_evidence(finding, "returns_after", trend->returns_after_ms / 1000,
				  "s");
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct trend_pool *pool, const struct trend_process *process)
{
	const char *command = NULL;

	if (process && diagnosis->snapshot->windows)
		command = arena_print(
			&diagnosis->arena,
			"powershell -Command \"Get-NetTCPConnection -OwningProcess %lld | "
			"Group-Object State, RemoteAddress, RemotePort\"",
			(long long)process->pid);
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = _(
				"see what it holds: one peer says which connections are not given back"),
			.command = command,
			.room_before = -1,
			.room_after_min = -1,
			.room_after_max = -1,
			.lasts_s = -1,
		});
	rule_add_remedy(
		finding,
		(struct remedy){
			.text = pool->full_in_s < 0 ?
					_("restart it, again and again until it is mended: the ports come back with its end") :
					_("restart it before that moment until it is mended: the ports come back with its end"),
			.room_before = -1,
			.room_after_min = -1,
			.room_after_max = -1,
			.lasts = _("until it has grown as much again"),
			.lasts_s = -1,
		});
	rule_add_useless(
		finding,
		_("a wider range: who never gives back uses that up as well, only later"));
}

static const char *forecast(struct diagnosis *diagnosis, const struct trend_pool *pool)
{
	const struct trend *trend = diagnosis->trend;

	if (!pool->grows || trend->clock == TREND_ORDER)
		return NULL;
	if (pool->full_in_s < 0 || !trend->grower)
		return arena_print(&diagnosis->arena, _("%s ports more an hour"),
				   words_count(diagnosis, (uint64_t)(pool->per_hour + 0.5)));
	return arena_print(&diagnosis->arena,
			   _("%s ports more an hour, of which %s has %s; full in %s"),
			   words_count(diagnosis, (uint64_t)(pool->per_hour + 0.5)),
			   grower_name(diagnosis, trend->grower),
			   words_count(diagnosis, (uint64_t)(trend->grower->per_hour + 0.5)),
			   words_duration(diagnosis, (uint64_t)pool->full_in_s));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct trend_pool *pool)
{
	const struct trend *trend = diagnosis->trend;
	const struct trend_process *process = suspect(trend);
	struct finding *finding = rule_add_finding(
		diagnosis, rule, 0, pool->is_out ? SEVERITY_CRITICAL : SEVERITY_WARNING);

	finding->subject = pool_name(diagnosis, pool);
	finding->title = title(diagnosis, pool);
	finding->reason = reason(diagnosis, pool);
	finding->forecast = forecast(diagnosis, pool);
	finding->culprit = process ? find_process(diagnosis->snapshot, process->pid) : -1;
	if (pool->ran_out_count)
		finding->strength = STRENGTH_STRONG;
	strength_add_listing(diagnosis, finding, pool->protocol);
	add_evidence(finding, trend, pool);
	add_remedies(diagnosis, finding, pool, process);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct trend *trend = diagnosis->trend;

	for (size_t i = 0; trend && i < sizeof trend->pools / sizeof trend->pools[0]; i++) {
		const struct trend_pool *pool = &trend->pools[i];

		if (pool->ran_out_count || (pool->full_in_s >= 0 && pool->full_in_s <= SOON_S))
			report(rule, diagnosis, pool);
	}
}

const struct rule rule_filling_in_series = {
	.id = "filling_in_series",
	.title = N_("several listings show ports run out, or a process that will use them up"),
	.systems = RULE_LINUX | RULE_WINDOWS,
	.check = check,
};
