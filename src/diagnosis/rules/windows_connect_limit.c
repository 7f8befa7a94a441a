#include "base/language.h"
#include "diagnosis/rule.h"

#include <strings.h>

/* The limit on half-open connections of Windows XP SP2 to Vista, lifted since: it slows attempts down and takes no ports. */
enum { HALF_OPEN_LIMIT = 4226 };

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;
	struct finding sources = { 0 }, *remark;
	uint64_t count = 0;

	for (size_t i = 0; i < facts->event_count; i++) {
		const struct logged_event *event = &facts->events[i];

		if (event->id != HALF_OPEN_LIMIT || !event->provider ||
		    strcasecmp(event->provider, "Tcpip") != 0)
			continue;
		count += event->count;
		strength_add_source(&sources, event->artefact);
	}
	if (!count)
		return;
	remark = rule_add_remark(diagnosis, rule, 0);
	remark->subject = "tcp";
	remark->title =
		arena_print(&diagnosis->arena,
			    P_("Windows logged event %d %s time",
			       "Windows logged event %d %s times", (unsigned long)count),
			    HALF_OPEN_LIMIT, words_count(diagnosis, count));
	remark->reason =
		_("that is the limit on connection attempts under way of Windows XP to "
		  "Vista, not a lack of ports: look for a program that tries many "
		  "addresses at once");
	for (size_t i = 0; i < sources.source_count; i++)
		strength_add_source(remark, sources.sources[i]);
	rule_add_evidence(remark, "events", (int64_t)count, "events");
}

const struct rule rule_windows_connect_limit = {
	.id = "windows_connect_limit",
	.title = N_("Windows: event 4226 is not a lack of ports"),
	.systems = RULE_WINDOWS,
	.check = check,
};
