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

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct namespace_view *view = &diagnosis->namespaces[i];
		const struct destination *worst = fullest(diagnosis, i);
		struct finding *remark;
		char target[ADDRESS_TEXT_SIZE];

		if (!view->anywhere.known || !worst || rule_found(diagnosis, NULL, i) ||
		    rule_remarked(diagnosis, "one_parity_full", i) ||
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
	.check = check,
};
