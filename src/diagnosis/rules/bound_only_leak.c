#include "base/language.h"
#include "diagnosis/remedy.h"

/* This share of the range bound and idle is a leak, however much is left; workers of one service may
 * have it together. */
enum { LEAK_PERCENT = 20, LEAK_LEAST = 10 };

static struct share *bound_shares(struct diagnosis *diagnosis,
				  const struct namespace_view *view, size_t *count)
{
	struct share *shares =
		arena_alloc(&diagnosis->arena, view->share_count * sizeof *shares);

	*count = 0;
	for (size_t i = 0; i < view->share_count; i++)
		if (view->shares[i].state == SOCKET_BOUND)
			shares[(*count)++] = view->shares[i];
	return shares;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   enum severity severity, const struct share *shares, size_t count)
{
	const struct namespace_view *view = &diagnosis->namespaces[netns];
	const struct capacity *anywhere = &view->anywhere;
	struct capacity_query query = { .kind = CAPACITY_CONNECT, .netns = netns };
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, severity);

	finding->subject = "tcp bind";
	finding->title = arena_print(
		&diagnosis->arena,
		_("tcp: %s bound but idle; %s for connect() to any destination%s"),
		words_ports(diagnosis, view->bound_only), words_room(diagnosis, anywhere),
		anywhere->room_max ? "" : _(", which fails with EADDRNOTAVAIL"));
	finding->shares = shares;
	finding->share_count = count;
	finding->culprit = rule_culprit(shares, count, SOCKET_BOUND);
	rule_add_evidence(finding, "bound_only", view->bound_only, "ports");
	rule_add_evidence(finding, "room_min", anywhere->room_min, "ports");
	rule_add_evidence(finding, "room_max", anywhere->room_max, "ports");
	rule_add_evidence(finding, "eligible", anywhere->eligible, "ports");
	rule_add_rates(diagnosis, finding, &view->rates);
	finding->reason =
		_("a port that bind() took is lost to every connect(), whatever its "
		  "destination; these sockets neither listen nor are they connected, and "
		  "netstat and plain ss do not show them");
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_mend(
		finding,
		_("mend the program: close sockets it does not use; set IP_BIND_ADDRESS_NO_PORT before bind(address, 0)"),
		anywhere->room_min);
	rule_add_useless(finding,
			 _("ss -K, tcp_tw_reuse, tcp_fin_timeout: no connection exists that "
			   "could be ended"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct namespace_view *view = &diagnosis->namespaces[i];
		enum severity severity;
		struct share *shares;
		size_t count;
		bool leak;

		if (!view->anywhere.known || !view->bound_only)
			continue;
		shares = bound_shares(diagnosis, view, &count);
		leak = view->bound_only >= LEAK_LEAST &&
		       view->bound_only * 100 >= LEAK_PERCENT * view->anywhere.eligible;
		severity = diagnosis_severity(diagnosis, &view->anywhere);
		if (severity == SEVERITY_OK ||
		    2 * view->bound_only < view->anywhere.blocked_by_bind)
			severity = leak ? SEVERITY_WARNING : SEVERITY_OK;
		if (severity != SEVERITY_OK && view->rates.failed_calls > 0)
			severity = SEVERITY_CRITICAL;
		if (severity != SEVERITY_OK)
			report(rule, diagnosis, i, severity, shares, count);
	}
}

const struct rule rule_bound_only_leak = {
	.id = "bound_only_leak",
	.title = N_("Bound but unused sockets keep ports from everybody"),
	.systems = RULE_LINUX,
	.check = check,
};
