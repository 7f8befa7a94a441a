#include "diagnosis/remedy.h"

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		struct capacity_query query = remedy_query(destination);
		enum severity severity;
		struct finding *finding;

		if (rule_cause(diagnosis, destination, &severity) != CAUSE_CONNECTIONS)
			continue;
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = rule_culprit(destination->shares, destination->share_count,
						SOCKET_STATE_COUNT);
		if (severity == SEVERITY_UNKNOWN)
			finding->reason = destination->capacity.why_not_exact;
		else if (finding->culprit >= 0)
			finding->reason = arena_print(
				&diagnosis->arena,
				"every connection to one address and port needs a port of its own: %s "
				"are in use towards it, most of them by %s",
				rule_count(diagnosis, destination->capacity.busy),
				rule_process(diagnosis, finding->culprit));
		else
			finding->reason = arena_print(
				&diagnosis->arena,
				"every connection to one address and port needs a port of its own: %s "
				"are in use towards it, by connections that no process holds any more",
				rule_count(diagnosis, destination->capacity.busy));
		remedy_pool_connections(diagnosis, finding, destination);
		remedy_second_source(diagnosis, finding, destination);
		remedy_wider_range(diagnosis, finding, &query);
		remedy_end_process(diagnosis, finding, &query, finding->culprit);
		remedy_useless(finding, destination);
	}
}

const struct rule rule_destination_full = {
	.id = "destination_full",
	.title = "The ports towards one destination are used up",
	.check = check,
};
