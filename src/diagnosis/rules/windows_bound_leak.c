#include "base/language.h"
#include "diagnosis/capacity_windows.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"

#include <stdlib.h>

/* This share of the range bound and idle is a leak, however much is left. Of what was only counted, some may have
 * connections: there it takes nearly all of the range. */
enum { LEAK_PERCENT = 20, LEAK_LEAST = 10, COUNTED_PERCENT = 90 };

static const char *reason(void)
{
	return _("a port that is bound and has no connection is lost to everybody else until "
		 "its socket is closed; plain netstat -ano does not show it");
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct capacity_query *query, bool modelled)
{
	remedy_windows_end(diagnosis, finding, modelled ? query : NULL, finding->culprit);
	remedy_windows_close(finding);
	remedy_windows_range(diagnosis, finding, query);
	if (finding->culprit < 0)
		remedy_windows_dump(finding);
	remedy_windows_useless(finding, false);
}

/* ---- listed ---- */

static enum severity severity_of(const struct diagnosis *diagnosis, const struct pool *pool)
{
	const struct capacity *capacity = &pool->capacity;
	unsigned used = capacity->eligible - capacity->room_max;
	enum severity severity = windows_pool_severity(diagnosis, pool);
	bool leak = pool->bind_made >= LEAK_LEAST &&
		    pool->bind_made * 100 >= LEAK_PERCENT * capacity->eligible;

	if (severity != SEVERITY_OK && pool->bind_made && 2 * pool->bind_made >= used)
		return severity;
	return leak ? SEVERITY_WARNING : SEVERITY_OK;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool, enum severity severity)
{
	struct finding *finding = windows_pool_finding(diagnosis, rule, pool, severity);
	const struct capacity_query query = windows_pool_query(pool);

	finding->title = arena_print(
		&diagnosis->arena, _("%s: %s bound but idle; %s%s"), windows_pool_name(pool),
		words_ports(diagnosis, pool->bind_made),
		words_room(diagnosis, &pool->capacity),
		pool->capacity.room_max ? "" : _(", calls fail with WSAENOBUFS (10055)"));
	finding->shares = pool->drawing;
	finding->share_count = pool->drawing_count;
	finding->culprit = rule_culprit(pool->drawing, pool->drawing_count, SOCKET_BOUND);
	finding->reason = reason();
	rule_add_evidence(finding, "bound_only", pool->bind_made, "ports");
	add_remedies(diagnosis, finding, &query, true);
}

/* ---- counted ---- */

/* Who has most that are bound; -1: nobody, or it is not told who. */
static int64_t most_bound(const struct snapshot *snapshot, uint64_t *most, uint32_t *artefact)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	uint64_t *bound = memory_zeroed(snapshot->process_count, sizeof *bound);
	int64_t found = -1;

	*most = 0;
	for (size_t i = 0; i < facts->counted_count; i++) {
		const struct counted_share *share = &facts->counted[i];

		if (share->state != SOCKET_BOUND || share->protocol != PROTOCOL_TCP ||
		    share->process < 0)
			continue;
		bound[share->process] += share->sockets;
		if (bound[share->process] > *most) {
			*most = bound[share->process];
			*artefact = share->artefact;
			found = share->process;
		}
	}
	free(bound);
	return found;
}

static void check_counted(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct windows_use use =
		capacity_windows_use(diagnosis->namespaces[0].map, PROTOCOL_TCP, FAMILY_IPV4);
	const struct capacity_query query = { .kind = CAPACITY_BIND,
					      .source = { .family = FAMILY_IPV4 } };
	struct finding *finding;
	enum severity severity;
	uint32_t artefact = 0;
	uint64_t most;
	int64_t who = most_bound(diagnosis->snapshot, &most, &artefact);

	if (who < 0 || !use.eligible || most * 100 < (uint64_t)COUNTED_PERCENT * use.eligible)
		return;
	severity = windows_pool_severity_of(diagnosis, most, use.eligible);
	if (severity == SEVERITY_OK)
		return;
	finding = rule_add_finding(diagnosis, rule, 0, severity);
	finding->subject = "tcp";
	finding->title = arena_print(
		&diagnosis->arena, _("tcp: %s has %s bound sockets; the range has %s"),
		words_process(diagnosis, who), words_count(diagnosis, most),
		words_ports(diagnosis, use.eligible));
	finding->culprit = who;
	finding->reason = reason();
	finding->strength = STRENGTH_STRONG;
	strength_add_source(finding, artefact);
	rule_add_evidence(finding, "bound", (int64_t)most, "sockets");
	rule_add_evidence(finding, "eligible", use.eligible, "ports");
	add_remedies(diagnosis, finding, &query, false);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	bool found = false;

	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		enum severity severity = pool->kind == CAPACITY_BIND ?
						 severity_of(diagnosis, pool) :
						 SEVERITY_OK;

		if (severity == SEVERITY_OK)
			continue;
		report(rule, diagnosis, pool, severity);
		found = true;
	}
	if (!found)
		check_counted(rule, diagnosis);
}

const struct rule rule_windows_bound_leak = {
	.id = "windows_bound_leak",
	.title = N_("Windows: bound but unused sockets keep ports from everybody"),
	.systems = RULE_WINDOWS,
	.check = check,
};
