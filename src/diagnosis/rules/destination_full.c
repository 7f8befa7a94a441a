#include "base/language.h"
#include "diagnosis/remedy.h"

/* Who has the ports where no process can be named. */
static const char *nobody(const struct destination *destination)
{
	switch (destination->share_count ? destination->shares[0].owner_kind : OWNER_NOBODY) {
	case OWNER_HIDDEN:
		return _("by processes that are not visible from here");
	case OWNER_UNFOUND:
		return _("by no process that was found");
	default:
		return _("by connections that no process holds any more");
	}
}

/* "all by nginx, pid 812", "most by ...", "the largest share, 115, by ..." */
static const char *largest(struct diagnosis *diagnosis, const struct destination *destination,
			   const struct finding *finding)
{
	const char *who = words_process(diagnosis, finding->culprit);
	unsigned total = 0, own = 0;

	for (size_t i = 0; i < destination->share_count; i++) {
		const struct share *share = &destination->shares[i];

		total += share->ports;
		if ((share->owner_kind == OWNER_PROCESS ||
		     share->owner_kind == OWNER_RECORDED) &&
		    share->process == finding->culprit)
			own += share->ports;
	}
	if (2 * own > total)
		return arena_print(&diagnosis->arena,
				   own == total ? _("all by %s") : _("most by %s"), who);
	return arena_print(&diagnosis->arena, _("the largest share, %s, by %s"),
			   words_count(diagnosis, own), who);
}

static const char *reason(struct diagnosis *diagnosis, const struct destination *destination,
			  const struct finding *finding)
{
	const char *who = finding->culprit >= 0 ? largest(diagnosis, destination, finding) :
						  nobody(destination);

	if (finding->severity == SEVERITY_UNKNOWN)
		return destination->capacity.why_not_exact;
	return arena_print(
		&diagnosis->arena,
		_("every connection to one address and port needs a port of its own: %s are "
		  "in use towards it, %s"),
		words_count(diagnosis, destination->capacity.busy), who);
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct destination *destination)
{
	struct capacity_query query = remedy_query(destination);

	/* Nothing rests here that would come back by itself: what frees ports now goes first. */
	if (!destination->states[SOCKET_TIME_WAIT])
		remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_reuse_connections(diagnosis, finding, destination);
	remedy_second_source(diagnosis, finding, destination);
	remedy_wider_range(diagnosis, finding, &query);
	remedy_drop_reserved(diagnosis, finding, &query, NOTABLY_RESERVED_PERCENT);
	if (destination->states[SOCKET_TIME_WAIT])
		remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_useless(finding, destination);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		enum severity severity;
		struct finding *finding;

		if (rule_cause(diagnosis, destination, &severity) != CAUSE_CONNECTIONS)
			continue;
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = rule_culprit(destination->shares, destination->share_count,
						SOCKET_STATE_COUNT);
		finding->reason = reason(diagnosis, destination, finding);
		add_remedies(diagnosis, finding, destination);
	}
}

const struct rule rule_destination_full = {
	.id = "destination_full",
	.title = N_("The ports towards one destination are used up"),
	.systems = RULE_LINUX,
	.check = check,
};
