#include "base/language.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"
#include "diagnosis/windows_wait.h"

#include <strings.h>

/* Event 4227: one connection was refused because its four numbers still rest in TIME_WAIT (learn.microsoft.com, cc727709). */
enum { TUPLE_RESTS = 4227, MASS_PERCENT = 20 };

static uint64_t count_events(const struct evidence_facts *facts, struct finding *sources)
{
	uint64_t count = 0;

	for (size_t i = 0; i < facts->event_count; i++) {
		const struct logged_event *event = &facts->events[i];

		if (event->id != TUPLE_RESTS || !event->provider ||
		    strcasecmp(event->provider, "Tcpip") != 0)
			continue;
		count += event->count;
		strength_add_source(sources, event->artefact);
	}
	return count;
}

/* The pool with most; NULL: none has many. */
static const struct pool *find_mass(const struct diagnosis *diagnosis)
{
	const struct pool *found = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		unsigned resting = windows_pool_count(pool, SOCKET_TIME_WAIT);

		if (resting <= most || resting * 100 < MASS_PERCENT * pool->capacity.eligible)
			continue;
		most = resting;
		found = pool;
	}
	return found;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint64_t events,
		   const struct finding *sources, const struct pool *mass)
{
	struct finding *remark = rule_add_remark(diagnosis, rule, 0);
	unsigned resting = mass ? windows_pool_count(mass, SOCKET_TIME_WAIT) : 0;
	const struct pool *pool = mass ? mass : windows_pool_fullest(diagnosis, PROTOCOL_TCP);

	remark->subject = "tcp";
	remark->strength = STRENGTH_WEAK;
	if (events)
		remark->title = arena_print(&diagnosis->arena,
					    P_("Windows logged event %d %s time",
					       "Windows logged event %d %s times",
					       (unsigned long)events),
					    TUPLE_RESTS, words_count(diagnosis, events));
	else
		remark->title = arena_print(&diagnosis->arena, _("%s rest in TIME_WAIT"),
					    words_ports(diagnosis, resting));
	remark->reason = arena_print(
		&diagnosis->arena,
		_("connections to one destination are made and closed fast; that alone does not "
		  "mean that ports ran out; %s"),
		windows_wait_rate(diagnosis, pool ? pool->capacity.eligible :
						    windows_wait_ports(diagnosis)));
	for (size_t i = 0; i < sources->source_count; i++)
		strength_add_source(remark, sources->sources[i]);
	if (mass) {
		strength_add_listing(diagnosis, remark, PROTOCOL_TCP);
		remark->shares = mass->shares;
		remark->share_count = mass->share_count;
	}
	rule_add_evidence(remark, "events", (int64_t)events, "events");
	rule_add_evidence(remark, "time_wait", resting, "ports");
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	struct finding sources = { 0 };
	uint64_t events = count_events(&diagnosis->snapshot->evidence, &sources);
	const struct pool *mass = find_mass(diagnosis);

	/* Whoever has used up the ports so has been told of it. */
	if (rule_found(diagnosis, "windows_destination_full", 0) ||
	    rule_found(diagnosis, "windows_range_full", 0))
		mass = NULL;
	if (events || mass)
		report(rule, diagnosis, events, &sources, mass);
}

const struct rule rule_windows_time_wait = {
	.id = "windows_time_wait",
	.title = N_("Windows: many closed connections rest in TIME_WAIT"),
	.systems = RULE_WINDOWS,
	.check = check,
};
