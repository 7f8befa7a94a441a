#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/rule.h"

#include <stdlib.h>

/*
 * From a quarter of the ports on, less than a fourfold rise of the traffic uses them up, and a day's
 * peak is easily that much above its average. From 60 entries on the rate is a whole number.
 */
enum { SHARE_PERCENT = 25, SHARE_LEAST = 60 };

/* Room is there, and stays: otherwise time_wait_pileup, filling_up, or whoever else is to blame speaks. */
static bool is_churn(const struct diagnosis *diagnosis, const struct destination *destination)
{
	unsigned entries = destination->states[SOCKET_TIME_WAIT];
	const struct capacity *capacity = &destination->capacity;

	return capacity->known && entries >= SHARE_LEAST &&
	       entries * 100 >= SHARE_PERCENT * capacity->eligible &&
	       diagnosis_severity(diagnosis, capacity) == SEVERITY_OK &&
	       !rule_found(diagnosis, "filling_up", destination->netns);
}

/* What it would take to use the ports up. */
static const char *limit(struct diagnosis *diagnosis, const struct churn *churn)
{
	const char *most = churn_rate(diagnosis, churn->sustainable_per_minute);

	if (churn->rest_ms < 60000)
		return arena_print(
			&diagnosis->arena,
			_("connect() takes a port over after %u ms (tcp_tw_reuse), so that the "
			  "ports last for about %s/s"),
			churn->rest_ms, most);
	if (churn->rest_uncertain)
		return arena_print(
			&diagnosis->arena,
			_("the ports last for about %s/s, and for more if the peer uses TCP "
			  "timestamps (tcp_tw_reuse)"),
			most);
	return arena_print(&diagnosis->arena, _("the ports last for about %s/s"), most);
}

static void remark(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct destination *destination)
{
	struct finding *remark = rule_add_remark(diagnosis, rule, destination->netns);
	struct churn churn = churn_of(diagnosis, destination);
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	remark->subject = arena_print(
		&diagnosis->arena, "tcp %s -> %s", address_print(source, &destination->source),
		address_print_endpoint(target, &destination->destination, destination->port));
	remark->title = arena_print(&diagnosis->arena, _("%s: %s of %s rest in TIME_WAIT"),
				    remark->subject, words_count(diagnosis, churn.entries),
				    words_ports(diagnosis, destination->capacity.eligible));
	remark->reason = arena_print(
		&diagnosis->arena, _("this side opened and closed %s; %s"),
		churn_text(diagnosis, destination, &churn), limit(diagnosis, &churn));
	rule_add_evidence(remark, "time_wait", churn.entries, "ports");
	rule_add_evidence(remark, "closes_per_s", churn.closes_per_s, "connections/s");
	rule_add_evidence(remark, "sustainable_per_s", churn.sustainable_per_minute / 60,
			  "connections/s");
}

/* One for each namespace: the destination with most entries. */
static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	size_t namespaces = diagnosis->snapshot->namespace_count;
	const struct destination **most = memory_zeroed(namespaces, sizeof(void *));

	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *each = &diagnosis->destinations[i];
		const struct destination **best = &most[each->netns];

		if (is_churn(diagnosis, each) &&
		    (!*best ||
		     each->states[SOCKET_TIME_WAIT] > (*best)->states[SOCKET_TIME_WAIT]))
			*best = each;
	}
	for (size_t i = 0; i < namespaces; i++)
		if (most[i])
			remark(rule, diagnosis, most[i]);
	free(most);
}

const struct rule rule_time_wait_churn = {
	.id = "time_wait_churn",
	.title = N_("Connections are opened and closed at a rate that uses many ports"),
	.systems = RULE_LINUX,
	.check = check,
};
