#include "base/language.h"
#include "diagnosis/capacity_windows.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"

/* One port in so many with connections to several destinations: then they share ports, and it is no chance. */
enum { SHARED_ONE_IN = 20 };

static bool has_destination(const struct diagnosis *diagnosis, const struct pool *pool,
			    unsigned used)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		if (diagnosis->destinations[i].source.family == pool->source.family &&
		    2 * diagnosis->destinations[i].capacity.busy >= used)
			return true;
	return false;
}

/* A leak or one destination has most of it, and its finding says so. */
static bool is_explained(const struct diagnosis *diagnosis, const struct pool *pool,
			 enum severity severity)
{
	unsigned used = pool->capacity.eligible - pool->capacity.room_max;

	if (pool->kind != CAPACITY_BIND)
		return false;
	return (2 * pool->bind_made >= used &&
		rule_found(diagnosis, "windows_bound_leak", 0) >= severity) ||
	       (2 * windows_pool_count(pool, SOCKET_CLOSE_WAIT) >= used &&
		rule_found(diagnosis, "windows_close_wait_leak", 0) >= severity) ||
	       (has_destination(diagnosis, pool, used) &&
		rule_found(diagnosis, "windows_destination_full", 0) >= severity);
}

static bool shares_ports(const struct diagnosis *diagnosis, const struct pool *pool)
{
	const struct windows_use use =
		capacity_windows_use(diagnosis->namespaces[0].map, windows_pool_protocol(pool),
				     pool->source.family);

	return use.shared && use.shared * SHARED_ONE_IN >= use.used;
}

static const char *reason(const struct pool *pool, bool shares)
{
	if (pool->kind != CAPACITY_BIND)
		return _("a UDP socket needs a port that no other has, whatever its "
			 "destination");
	if (shares)
		return _(
			"bind() to port 0 needs a port that nobody has; connect() still finds "
			"one, for connections to different destinations share ports here "
			"(auto-reuse)");
	return _("bind() to port 0 needs a port that nobody has, in whatever state; connect() "
		 "may share one only with connections to other destinations (auto-reuse, "
		 "Windows 10 and Server 2016), and none does here");
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool, enum severity severity, bool shares)
{
	struct finding *finding = windows_pool_finding(diagnosis, rule, pool, severity);
	const struct capacity *capacity = &pool->capacity;
	const struct capacity_query query = windows_pool_query(pool);
	bool tcp = pool->kind == CAPACITY_BIND;
	unsigned resting = windows_pool_count(pool, SOCKET_TIME_WAIT);

	finding->title = arena_print(
		&diagnosis->arena, _("%s: %s. %s of %s used%s"), windows_pool_name(pool),
		words_room(diagnosis, capacity), words_used(diagnosis, capacity),
		words_ports(diagnosis, capacity->eligible),
		capacity->room_max ? "" : _("; calls fail with WSAENOBUFS (10055)"));
	finding->culprit = rule_culprit(pool->shares, pool->share_count, SOCKET_STATE_COUNT);
	finding->reason = reason(pool, shares);
	rule_add_evidence(finding, "time_wait", resting, "ports");
	if (2 * resting < capacity->eligible)
		remedy_windows_end(diagnosis, finding, &query, finding->culprit);
	if (tcp)
		remedy_windows_pooling(finding);
	else
		remedy_windows_close(finding);
	remedy_windows_range(diagnosis, finding, &query);
	if (resting)
		remedy_windows_wait(diagnosis, finding);
	remedy_windows_useless(finding, resting);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		enum severity severity = windows_pool_severity(diagnosis, pool);
		bool shares = shares_ports(diagnosis, pool);

		if (severity == SEVERITY_OK || is_explained(diagnosis, pool, severity) ||
		    capacity_windows_assumed_wrongly(diagnosis->snapshot,
						     windows_pool_protocol(pool),
						     pool->source.family))
			continue;
		report(rule, diagnosis, pool, shares ? SEVERITY_WARNING : severity, shares);
	}
}

const struct rule rule_windows_range_full = {
	.id = "windows_range_full",
	.title = N_("Windows: the dynamic port range is nearly used up"),
	.systems = RULE_WINDOWS,
	.check = check,
};
