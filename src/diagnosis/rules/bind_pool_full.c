#include "base/language.h"
#include "diagnosis/remedy.h"
#include "diagnosis/usage.h"

/* A pool that is low without anybody drawing from it by bind() hurts nobody; one that is drained by
 * idle sockets has its finding already. */
static bool is_drawn_from(const struct diagnosis *diagnosis, const struct pool *pool)
{
	unsigned idle = 0;

	for (size_t i = 0; i < pool->drawing_count; i++)
		if (pool->drawing[i].state == SOCKET_BOUND)
			idle += pool->drawing[i].ports;
	return pool->bind_made && !(2 * idle >= pool->bind_made &&
				    rule_found(diagnosis, "bound_only_leak", pool->netns));
}

/* What the pool's ports leave to the fullest destination of its address. */
static unsigned least_room(const struct diagnosis *diagnosis, const struct pool *pool,
			   unsigned room)
{
	unsigned fullest = 0;

	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		unsigned ports = 0;

		if (destination->netns != pool->netns ||
		    !(address_is_any(&pool->source) ||
		      address_equal(&pool->source, &destination->source)))
			continue;
		for (int state = 0; state < SOCKET_STATE_COUNT; state++)
			ports += destination->states[state];
		fullest = ports > fullest ? ports : fullest;
	}
	return room > fullest ? room - fullest : 0;
}

/* Between the fullest destination there is and one that nobody is connected to. */
static void remedy_no_port(const struct diagnosis *diagnosis, struct finding *finding,
			   const struct pool *pool)
{
	const struct capacity *anywhere = &diagnosis->namespaces[pool->netns].anywhere;
	unsigned least, most;

	usage_count_returning(diagnosis, pool, &least, &most);
	if (anywhere->room_max + most <= pool->capacity.room_min)
		return;
	rule_add_remedy(finding, (struct remedy){
					 .text = _("set IP_BIND_ADDRESS_NO_PORT before "
						   "bind(address, 0): the limit is then per "
						   "destination, not per address"),
					 .room_before = pool->capacity.room_min,
					 .room_after_min = least_room(
						 diagnosis, pool, anywhere->room_min + least),
					 .room_after_max = (int64_t)anywhere->room_max + most,
				 });
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool, enum severity severity)
{
	const struct capacity *capacity = &pool->capacity;
	const struct capacity *anywhere = &diagnosis->namespaces[pool->netns].anywhere;
	struct capacity_query query = { .kind = CAPACITY_BIND,
					.netns = pool->netns,
					.source = pool->source };
	struct finding *finding = rule_add_finding(diagnosis, rule, pool->netns, severity);
	char source[ADDRESS_TEXT_SIZE];

	finding->subject = arena_print(&diagnosis->arena, "tcp bind(%s, 0)",
				       address_print(source, &pool->source));
	finding->title =
		arena_print(&diagnosis->arena, _("%s: %s. %s of %s used%s"), finding->subject,
			    words_room(diagnosis, capacity), words_used(diagnosis, capacity),
			    words_ports(diagnosis, capacity->eligible),
			    capacity->room_max ? "" : _("; bind() fails with EADDRINUSE"));
	finding->shares = pool->shares;
	finding->share_count = pool->share_count;
	finding->culprit =
		rule_culprit(pool->drawing, pool->drawing_count, SOCKET_STATE_COUNT);
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_evidence(finding, "bind_made", pool->bind_made, "ports");
	rule_add_evidence(finding, "connect_room", anywhere->room_max, "ports");
	rule_add_rates(diagnosis, finding, &pool->rates);
	finding->reason = arena_print(
		&diagnosis->arena,
		_("bind() before connect() takes a port for all destinations at once: %s taken so, and "
		  "connect() without bind has %s to any destination"),
		words_ports(diagnosis, pool->bind_made), words_room(diagnosis, anywhere));
	if (severity == SEVERITY_UNKNOWN)
		finding->reason = capacity->why_not_exact;
	remedy_no_port(diagnosis, finding, pool);
	remedy_mend(finding, _("bind to a second source address as well"), capacity->room_min);
	remedy_wider_range(diagnosis, finding, &query);
	remedy_drop_reserved(diagnosis, finding, &query, NOTABLY_RESERVED_PERCENT);
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	rule_add_useless(finding,
			 _("SO_REUSEADDR, SO_REUSEPORT: do not change what bind() to port 0 "
			   "may use"));
	rule_add_useless(finding,
			 _("tcp_tw_reuse: TIME_WAIT of a bound port is never reused"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		enum severity severity;

		if (pool->kind != CAPACITY_BIND || !is_drawn_from(diagnosis, pool))
			continue;
		severity = rule_severity(diagnosis, &pool->capacity, &pool->rates);
		/* What is unknown of the namespace is told once, not per address. */
		if (severity == SEVERITY_UNKNOWN &&
		    diagnosis_severity(diagnosis,
				       &diagnosis->namespaces[pool->netns].anywhere) ==
			    severity)
			continue;
		if (severity != SEVERITY_OK)
			report(rule, diagnosis, pool, severity);
	}
}

const struct rule rule_bind_pool_full = {
	.id = "bind_pool_full",
	.title = N_("bind() before connect() has used up the ports of one source address"),
	.systems = RULE_LINUX,
	.check = check,
};
