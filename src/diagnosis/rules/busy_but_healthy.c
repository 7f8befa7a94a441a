#include "base/language.h"
#include "diagnosis/rule.h"

/* Many ports in use look like exhaustion to whoever compares them with the range. */
enum { BUSY_PERCENT = 50 };

/* Destinations are sorted, so the first of the namespace is its fullest. */
static const struct destination *fullest(const struct diagnosis *diagnosis, uint32_t netns)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		if (diagnosis->destinations[i].netns == netns)
			return &diagnosis->destinations[i];
	return NULL;
}

/*
 * Whether that is how it should be: many destinations share the ports, and the connections are in use
 * or their ports may be had again. The thresholds are ours, whatever was asked for: a full destination
 * is not healthy because nobody wants to hear of it.
 */
static bool is_healthy(const struct diagnosis *diagnosis, uint32_t netns,
		       const struct destination *fullest)
{
	const struct capacity *capacity = &fullest->capacity;
	unsigned ill = 0, total = 0, most = 0;

	if (threshold_alerts(&default_policy.warning, capacity->room_min, capacity->eligible))
		return false;
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *each = &diagnosis->destinations[i];
		unsigned ports = 0;

		if (each->netns != netns)
			continue;
		for (int state = 0; state < SOCKET_STATE_COUNT; state++)
			ports += each->states[state];
		ill += each->states[SOCKET_CLOSE_WAIT] + each->states[SOCKET_FIN_WAIT2] +
		       each->states[SOCKET_SYN_SENT];
		if (each->capacity.busy > most)
			most = each->capacity.busy;
		total += ports;
	}
	return 2 * ill <= total && 3 * most <= 2 * total;
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct namespace_view *view = &diagnosis->namespaces[i];
		const struct destination *worst = fullest(diagnosis, i);
		struct finding *remark;
		char target[ADDRESS_TEXT_SIZE];

		if (!view->anywhere.known || !worst || rule_found(diagnosis, NULL, i) ||
		    rule_remarked(diagnosis, "one_parity_full", i) ||
		    !is_healthy(diagnosis, i, worst) ||
		    view->connection_ports * 100 < BUSY_PERCENT * view->anywhere.eligible)
			continue;
		remark = rule_add_remark(diagnosis, rule, i);
		remark->subject = "tcp";
		remark->title = arena_print(
			&diagnosis->arena, _("busy but healthy: %s connections over %s of %s"),
			words_count(diagnosis, view->connections),
			words_count(diagnosis, view->connection_ports),
			words_ports(diagnosis, view->anywhere.eligible));
		remark->reason = arena_print(
			&diagnosis->arena,
			_("a port serves every destination once: even the fullest, %s, has %s"),
			address_print_endpoint(target, &worst->destination, worst->port),
			words_room(diagnosis, &worst->capacity));
		rule_add_evidence(remark, "connections", view->connections, "connections");
		rule_add_evidence(remark, "ports", view->connection_ports, "ports");
	}
}

const struct rule rule_busy_but_healthy = {
	.id = "busy_but_healthy",
	.title = N_("Many ports are in use, and that is no problem"),
	.systems = RULE_LINUX,
	.check = check,
};
