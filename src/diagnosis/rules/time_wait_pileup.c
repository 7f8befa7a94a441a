#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/makers.h"
#include "diagnosis/remedy.h"

static const char *reason(struct diagnosis *diagnosis, const struct destination *destination,
			  const struct churn *churn)
{
	const char *makers = makers_text(diagnosis, destination);
	const char *text = arena_print(
		&diagnosis->arena,
		_("%s rest in TIME_WAIT for 60 s because this side closed first, %s; the ports last "
		  "for about %s/s"),
		words_ports(diagnosis, churn->entries),
		churn_text(diagnosis, destination, churn),
		churn_rate(diagnosis, churn->sustainable_per_minute));

	/* A listing without timers does not tell. */
	if (destination->latest_expiry_ms)
		text = arena_print(&diagnosis->arena,
				   _("%s. The last is free in %u s, if no new one follows"),
				   text, (destination->latest_expiry_ms + 999) / 1000);
	return makers ? arena_print(&diagnosis->arena, _("%s; %s"), text, makers) : text;
}

/* TIME_WAIT has no process any more. Who was recorded to make it is to blame; whoever is connected there
 * now may or may not have made it: that is said, but nobody is blamed for it. */
static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		struct capacity_query query = remedy_query(destination);
		struct churn churn = churn_of(diagnosis, destination);
		enum severity severity;
		struct finding *finding;

		if (rule_cause(diagnosis, destination, &severity) != CAUSE_TIME_WAIT)
			continue;
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = makers_culprit(diagnosis, destination);
		rule_add_evidence(finding, "time_wait", destination->states[SOCKET_TIME_WAIT],
				  "ports");
		if (destination->latest_expiry_ms)
			rule_add_evidence(finding, "time_wait_left",
					  destination->latest_expiry_ms, "ms");
		rule_add_evidence(finding, "closes_per_s", churn.closes_per_s,
				  "connections/s");
		rule_add_evidence(finding, "sustainable_per_s",
				  churn.sustainable_per_minute / 60, "connections/s");
		finding->reason = severity == SEVERITY_UNKNOWN ?
					  destination->capacity.why_not_exact :
					  reason(diagnosis, destination, &churn);
		remedy_reuse_connections(diagnosis, finding, destination);
		remedy_tw_reuse(diagnosis, finding, destination);
		remedy_second_source(diagnosis, finding, destination);
		remedy_wider_range(diagnosis, finding, &query);
		remedy_drop_reserved(diagnosis, finding, &query, NOTABLY_RESERVED_PERCENT);
		remedy_useless(finding, destination);
	}
}

const struct rule rule_time_wait_pileup = {
	.id = "time_wait_pileup",
	.title = N_("The ports towards one destination wait in TIME_WAIT"),
	.systems = RULE_LINUX,
	.check = check,
};
