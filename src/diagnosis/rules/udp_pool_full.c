#include "base/language.h"
#include "diagnosis/remedy.h"

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool, enum severity severity)
{
	const struct capacity *capacity = &pool->capacity;
	struct capacity_query query = { .kind = CAPACITY_UDP_CONNECT,
					.netns = pool->netns,
					.source = pool->source };
	struct finding *finding = rule_add_finding(diagnosis, rule, pool->netns, severity);
	bool six = pool->source.family == FAMILY_IPV6;

	finding->subject = six ? "udp IPv6" : "udp IPv4";
	finding->title = arena_print(
		&diagnosis->arena, _("%s: one pool for the namespace, %s. %s of %s used%s"),
		finding->subject, words_room(diagnosis, capacity),
		words_used(diagnosis, capacity), words_ports(diagnosis, capacity->eligible),
		capacity->room_max ? "" : _("; connect() and send() fail with EAGAIN"));
	finding->shares = pool->shares;
	finding->share_count = pool->share_count;
	finding->culprit = rule_culprit(pool->shares, pool->share_count, SOCKET_STATE_COUNT);
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_rates(diagnosis, finding, &pool->rates);
	finding->reason =
		_("a UDP socket that did not bind gets a port that no other UDP socket has on "
		  "any address, whatever its destination");
	if (severity == SEVERITY_UNKNOWN)
		finding->reason = capacity->why_not_exact;
	remedy_mend(
		finding,
		_("mend the program: close UDP sockets after use, or send from one socket"),
		capacity->room_min);
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_wider_range(diagnosis, finding, &query);
	remedy_drop_reserved(diagnosis, finding, &query, NOTABLY_RESERVED_PERCENT);
	rule_add_useless(
		finding,
		_("SO_REUSEADDR, SO_REUSEPORT: let two sockets share a port by chance, "
		  "and answers go to the wrong one"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];
		enum severity severity;

		if (pool->kind != CAPACITY_UDP_CONNECT)
			continue;
		severity = rule_severity(diagnosis, &pool->capacity, &pool->rates);
		/* That the range was assumed is told once. */
		if (severity == SEVERITY_UNKNOWN &&
		    diagnosis->snapshot->namespaces[pool->netns].settings.assumed)
			continue;
		if (severity != SEVERITY_OK)
			report(rule, diagnosis, pool, severity);
	}
}

const struct rule rule_udp_pool_full = {
	.id = "udp_pool_full",
	.title = N_("UDP sockets have used up the ports"),
	.systems = RULE_LINUX,
	.check = check,
};
