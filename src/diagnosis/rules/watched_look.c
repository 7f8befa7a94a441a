#include "base/language.h"
#include "diagnosis/rule.h"

#include <string.h>

/*
 * portroom watch had all facts when it looked; its lines have some numbers. So what it found then is told as it was, where no
 * listing tells more.
 */
static enum severity severity_of(const char *verdict)
{
	static const enum severity severities[] = { SEVERITY_WARNING, SEVERITY_CRITICAL,
						    SEVERITY_UNKNOWN };

	for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++)
		if (!strcmp(verdict, severity_name(severities[i])))
			return severities[i];
	return SEVERITY_OK;
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct watched_look *look = &diagnosis->snapshot->evidence.look;
	enum severity severity =
		rule_watched_alone(diagnosis) ? severity_of(look->verdict) : SEVERITY_OK;
	struct finding *finding;

	if (severity == SEVERITY_OK)
		return;
	finding = rule_add_finding(diagnosis, rule, 0, severity);
	finding->subject = look->fullest ? look->fullest : _("tcp and udp");
	finding->title =
		look->room < 0 || !look->fullest ?
			arena_print(&diagnosis->arena, _("at %s portroom watch found: %s"),
				    words_time(diagnosis, look->time_ms),
				    _(severity_title(severity))) :
			arena_print(
				&diagnosis->arena,
				_("%s: %s of %s left when portroom watch looked last (%s)"),
				look->fullest, words_count(diagnosis, (uint64_t)look->room),
				words_ports(diagnosis, (unsigned)look->capacity),
				words_time(diagnosis, look->time_ms));
	finding->reason = _("it judged by all that it saw then; its lines have some numbers "
			    "of that, so that nothing can be judged anew by them");
	finding->culprit = look->process;
	strength_add_source(finding, look->artefact);
	if (look->room >= 0)
		rule_add_evidence(finding, "room_min", look->room, "ports");
	rule_add_remedy(finding,
			(struct remedy){
				.text = _("have portroom itself look at that machine now"),
				.command = "portroom check",
				.room_before = -1,
				.room_after_min = -1,
				.room_after_max = -1,
			});
}

const struct rule rule_watched_look = {
	.id = "watched_look",
	.title = N_("the last look of portroom watch found few ports left"),
	.systems = RULE_LINUX | RULE_WINDOWS,
	.check = check,
};
