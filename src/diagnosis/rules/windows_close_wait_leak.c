#include "base/language.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"

/* This share of the range in CLOSE_WAIT is a leak, however much is left. */
enum { LEAK_PERCENT = 20, LEAK_LEAST = 10 };

static enum severity severity_of(const struct diagnosis *diagnosis, const struct pool *pool,
				 unsigned waiting)
{
	const struct capacity *capacity = &pool->capacity;
	enum severity severity = windows_pool_severity(diagnosis, pool);
	bool leak =
		waiting >= LEAK_LEAST && waiting * 100 >= LEAK_PERCENT * capacity->eligible;

	if (severity != SEVERITY_OK && 2 * waiting >= capacity->eligible - capacity->room_max)
		return severity;
	return leak ? SEVERITY_WARNING : SEVERITY_OK;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool, enum severity severity, unsigned waiting)
{
	struct finding *finding = windows_pool_finding(diagnosis, rule, pool, severity);
	const struct capacity_query query = windows_pool_query(pool);

	finding->title = arena_print(&diagnosis->arena, _("%s: %s in CLOSE_WAIT; %s"),
				     windows_pool_name(pool), words_ports(diagnosis, waiting),
				     words_room(diagnosis, &pool->capacity));
	finding->culprit = rule_culprit(pool->shares, pool->share_count, SOCKET_CLOSE_WAIT);
	finding->reason = arena_print(
		&diagnosis->arena,
		_("the peer has closed these connections, but %s has not: each keeps its port "
		  "until the program closes it, without a time limit"),
		finding->culprit >= 0 ? words_process(diagnosis, finding->culprit) :
					_("the program"));
	rule_add_evidence(finding, "close_wait", waiting, "ports");
	remedy_windows_end(diagnosis, finding, &query, finding->culprit);
	remedy_windows_close(finding);
	remedy_windows_range(diagnosis, finding, &query);
	remedy_windows_useless(finding, false);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		unsigned waiting = windows_pool_count(pool, SOCKET_CLOSE_WAIT);
		enum severity severity;

		if (!waiting)
			continue;
		severity = severity_of(diagnosis, pool, waiting);
		if (severity != SEVERITY_OK)
			report(rule, diagnosis, pool, severity, waiting);
	}
}

const struct rule rule_windows_close_wait_leak = {
	.id = "windows_close_wait_leak",
	.title = N_("Windows: a program does not close connections that the peer has closed"),
	.systems = RULE_WINDOWS,
	.check = check,
};
