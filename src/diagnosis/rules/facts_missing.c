#include "base/language.h"
#include "diagnosis/rule.h"

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   const char *subject, const char *reason)
{
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, SEVERITY_UNKNOWN);

	finding->subject = subject;
	finding->title = arena_print(&diagnosis->arena,
				     _("%s: how many ports are left cannot be told"), subject);
	finding->reason = reason;
}

/* The first gap that stands between this namespace and its room. */
static const char *first_gap(struct diagnosis *diagnosis, uint32_t netns)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	for (size_t i = 0; i < snapshot->gap_count; i++) {
		const struct gap *gap = &snapshot->gaps[i];

		if (gap->effect == GAP_ROOM && (gap->netns == netns || gap->netns < 0))
			return arena_print(&diagnosis->arena, _("%s could not be read: %s"),
					   gap->what, gap->why);
	}
	return _("it could not be read");
}

static void check_namespace(const struct rule *rule, struct diagnosis *diagnosis,
			    uint32_t netns)
{
	const struct netns *facts = &diagnosis->snapshot->namespaces[netns];
	const struct capacity *anywhere = &diagnosis->namespaces[netns].anywhere;

	if (!anywhere->known) {
		report(rule, diagnosis, netns, "tcp", first_gap(diagnosis, netns));
		return;
	}
	if (!facts->udp_read)
		report(rule, diagnosis, netns, "udp", first_gap(diagnosis, netns));
	else if (facts->settings.assumed)
		report(rule, diagnosis, netns, "udp", anywhere->why_not_exact);
	if (diagnosis_severity(diagnosis, anywhere) == SEVERITY_UNKNOWN)
		report(rule, diagnosis, netns, "tcp", anywhere->why_not_exact);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	if (rule_watched_alone(diagnosis))
		return;
	for (uint32_t i = 0; i < snapshot->namespace_count; i++)
		check_namespace(rule, diagnosis, i);
	for (size_t i = 0; snapshot->scope_is_all && i < snapshot->gap_count; i++)
		if (snapshot->gaps[i].effect == GAP_SCOPE)
			report(rule, diagnosis, 0, snapshot->gaps[i].what,
			       snapshot->gaps[i].why);
}

const struct rule rule_facts_missing = {
	.id = "facts_missing",
	.title = N_("What decides the verdict could not be read"),
	.systems = RULE_LINUX,
	.check = check,
};
