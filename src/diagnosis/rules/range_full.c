#include "base/language.h"
#include "diagnosis/remedy.h"

/*
 * What remains when no leak and no bind-first program explains it: the range is too small for what
 * sits in it, listeners and reserved ports. Every connect() is short of ports then.
 */
static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   enum severity severity)
{
	const struct namespace_view *view = &diagnosis->namespaces[netns];
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	const struct capacity *anywhere = &view->anywhere;
	struct capacity_query query = { .kind = CAPACITY_CONNECT, .netns = netns };
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, severity);

	finding->subject = arena_print(&diagnosis->arena, "tcp range %u-%u",
				       settings->range.first, settings->range.last);
	finding->title =
		arena_print(&diagnosis->arena, _("%s: %s for connect() to any destination%s"),
			    finding->subject, words_room(diagnosis, anywhere),
			    anywhere->room_max ? "" : _(", which fails with EADDRNOTAVAIL"));
	finding->shares = view->shares;
	finding->share_count = view->share_count;
	finding->culprit = rule_culprit(view->shares, view->share_count, SOCKET_STATE_COUNT);
	finding->reason = arena_print(
		&diagnosis->arena,
		_("of %s in the range, %s are reserved and %s taken by listeners and bind()"),
		words_ports(diagnosis, port_range_size(settings->range)),
		words_count(diagnosis, anywhere->reserved),
		words_count(diagnosis, anywhere->blocked_by_bind));
	rule_add_evidence(finding, "room_min", anywhere->room_min, "ports");
	rule_add_evidence(finding, "room_max", anywhere->room_max, "ports");
	rule_add_evidence(finding, "eligible", anywhere->eligible, "ports");
	rule_add_evidence(finding, "reserved", anywhere->reserved, "ports");
	rule_add_evidence(finding, "blocked_by_bind", anywhere->blocked_by_bind, "ports");
	rule_add_rates(diagnosis, finding, &view->rates);
	remedy_wider_range(diagnosis, finding, &query);
	remedy_drop_reserved(diagnosis, finding, &query, 0);
	if (anywhere->blocked_by_bind)
		remedy_mend(finding, _("move service ports out of the range"),
			    anywhere->room_min);
	rule_add_useless(finding,
			 _("tcp_tw_reuse, tcp_fin_timeout: it is not connections that take "
			   "these ports"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct capacity *anywhere = &diagnosis->namespaces[i].anywhere;
		enum severity severity;

		if (!anywhere->known)
			continue;
		severity = diagnosis_severity(diagnosis, anywhere);
		if (severity != SEVERITY_OK && diagnosis->namespaces[i].rates.failed_calls > 0)
			severity = SEVERITY_CRITICAL;
		/* A leak or a full pool that is as bad explains it better. */
		if (rule_found(diagnosis, "bound_only_leak", i) >= severity ||
		    rule_found(diagnosis, "bind_pool_full", i) >= severity)
			continue;
		if (severity == SEVERITY_WARNING || severity == SEVERITY_CRITICAL)
			report(rule, diagnosis, i, severity);
	}
}

const struct rule rule_range_full = {
	.id = "range_full",
	.title = N_("Listeners and reserved ports leave too little of the range"),
	.systems = RULE_LINUX,
	.check = check,
};
