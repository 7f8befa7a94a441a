#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/remedy.h"

/* What IANA sets aside for dynamic ports, 49152 to 65535 (RFC 6335, section 6), and the default of
 * Windows since Vista. Fewer were somebody's choice. Linux itself has 28,232. */
enum { NARROW = 16384 };

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct namespace_view *view = &diagnosis->namespaces[i];
		const struct netns_settings *settings =
			&diagnosis->snapshot->namespaces[i].settings;
		struct capacity_query query = { .kind = CAPACITY_CONNECT, .netns = i };
		struct finding *remark;

		/* Whoever opens no connection needs no ports. */
		if (!view->anywhere.known || view->anywhere.eligible >= NARROW ||
		    !view->connections)
			continue;
		remark = rule_add_remark(diagnosis, rule, i);
		remark->subject = arena_print(&diagnosis->arena, "tcp range %u-%u",
					      settings->range.first, settings->range.last);
		remark->title =
			arena_print(&diagnosis->arena, _("narrow range: %s between %u and %u"),
				    words_ports(diagnosis, view->anywhere.eligible),
				    settings->range.first, settings->range.last);
		remark->reason = arena_print(
			&diagnosis->arena,
			_("Linux gives 28,232 by default; where this side closes first and TIME_WAIT "
			  "is not reused, that is enough for %s short connections/s to one "
			  "destination"),
			churn_rate(diagnosis, view->anywhere.eligible));
		rule_add_evidence(remark, "eligible", view->anywhere.eligible, "ports");
		rule_add_evidence(remark, "reserved", view->anywhere.reserved, "ports");
		remedy_wider_range(diagnosis, remark, &query);
	}
}

const struct rule rule_range_narrow = {
	.id = "range_narrow",
	.title = N_("The port range is narrow"),
	.systems = RULE_LINUX,
	.check = check,
};
