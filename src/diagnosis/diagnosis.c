#include "diagnosis/diagnosis.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/nat.h"
#include "diagnosis/rates.h"
#include "diagnosis/rule.h"
#include "diagnosis/usage.h"
#include "diagnosis/trend.h"

#include <stdlib.h>
#include <string.h>

/* Worst first; the rules' order stays among equals, which qsort() would not promise. */
static void sort_findings(struct diagnosis *diagnosis)
{
	struct finding *findings = diagnosis->findings;

	for (size_t i = 1; i < diagnosis->finding_count; i++) {
		struct finding moved = findings[i];
		size_t at = i;

		for (; at && findings[at - 1].severity < moved.severity; at--)
			findings[at] = findings[at - 1];
		findings[at] = moved;
	}
}

/* What connect() has at least in every namespace that was read. */
static unsigned least_room(const struct diagnosis *diagnosis)
{
	unsigned least = 0;
	bool found = false;

	for (size_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct capacity *anywhere = &diagnosis->namespaces[i].anywhere;

		if (anywhere->known && (!found || anywhere->room_min < least)) {
			least = anywhere->room_min;
			found = true;
		}
	}
	return least;
}

/* Of a file of looks: what the last one said, and when that was. */
static const char *watched_headline(struct diagnosis *diagnosis)
{
	const struct watched_look *look = &diagnosis->snapshot->evidence.look;
	const char *when = words_time(diagnosis, look->time_ms);

	if (look->room < 0 || !look->fullest)
		return arena_print(&diagnosis->arena,
				   _("ports were not running out when portroom watch looked "
				     "last (%s)"),
				   when);
	return arena_print(&diagnosis->arena,
			   _("ports were not running out when portroom watch looked last "
			     "(%s); fullest: %s, at least %s of %s left"),
			   when, look->fullest, words_count(diagnosis, (uint64_t)look->room),
			   words_count(diagnosis, (uint64_t)look->capacity));
}

static const char *headline(struct diagnosis *diagnosis)
{
	const struct destination *fullest = diagnosis->destinations;
	char target[ADDRESS_TEXT_SIZE];

	if (diagnosis->finding_count)
		return diagnosis->findings[0].title;
	if (diagnosis->ignored_count)
		return arena_print(&diagnosis->arena, _("no finding but what is ignored: %s"),
				   diagnosis->ignored[0].title);
	if (rule_watched_alone(diagnosis))
		return watched_headline(diagnosis);
	for (size_t i = 0; i < diagnosis->destination_count; i++, fullest++)
		if (fullest->capacity.known && fullest->capacity.busy)
			return arena_print(
				&diagnosis->arena,
				fullest->capacity.exact ?
					_("ports are not running out; fullest: tcp to %s, %s "
					  "of %s left") :
					_("ports are not running out; fullest: tcp to %s, at "
					  "least %s of %s left"),
				address_print_endpoint(target, &fullest->destination,
						       fullest->port),
				words_count(diagnosis, fullest->capacity.room_min),
				words_count(diagnosis, fullest->capacity.eligible));
	return arena_print(&diagnosis->arena,
			   _("ports are not running out; %s left to every destination"),
			   words_ports(diagnosis, least_room(diagnosis)));
}

static bool is_ignored(const struct policy *policy, const struct finding *finding)
{
	for (size_t i = 0; i < policy->ignore_count; i++) {
		const struct ignore *ignore = &policy->ignores[i];

		if (!strcmp(ignore->rule, finding->rule) &&
		    (!ignore->subject ||
		     (finding->subject && text_matches(finding->subject, ignore->subject))))
			return true;
	}
	return false;
}

/* Only now, when all rules were asked: an ignored cause still explains its effects. Remarks just go:
 * nobody has to know that a note was left out. */
static void leave_out_ignored(struct diagnosis *diagnosis)
{
	size_t kept = 0;

	for (size_t i = 0; i < diagnosis->finding_count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (!is_ignored(&diagnosis->policy, finding)) {
			diagnosis->findings[kept++] = *finding;
			continue;
		}
		array_reserve(diagnosis->ignored, diagnosis->ignored_count,
			      diagnosis->ignored_capacity);
		diagnosis->ignored[diagnosis->ignored_count++] = *finding;
	}
	diagnosis->finding_count = kept;
	kept = 0;
	for (size_t i = 0; i < diagnosis->remark_count; i++)
		if (!is_ignored(&diagnosis->policy, &diagnosis->remarks[i]))
			diagnosis->remarks[kept++] = diagnosis->remarks[i];
	diagnosis->remark_count = kept;
}

void diagnosis_make(struct diagnosis *diagnosis, const struct snapshot *snapshot,
		    const struct policy *policy)
{
	*diagnosis = (struct diagnosis){ .snapshot = snapshot, .policy = *policy };
	if (snapshot->sample.seconds > 0) {
		diagnosis->before = memory_zeroed(1, sizeof *diagnosis->before);
		diagnosis->before->snapshot = snapshot->sample.before;
		usage_collect(diagnosis->before);
		usage_free_maps(diagnosis->before);
	}
	usage_collect(diagnosis);
	nat_collect(diagnosis);
	rates_measure(diagnosis);
	if (snapshot->evidence.point_count > 1) {
		diagnosis->trend = memory_zeroed(1, sizeof *diagnosis->trend);
		trend_make(diagnosis->trend, snapshot);
	}
	for (const struct rule *const *rule = rules; *rule; rule++)
		if ((*rule)->systems & (snapshot->windows ? RULE_WINDOWS : RULE_LINUX))
			(*rule)->check(*rule, diagnosis);
	leave_out_ignored(diagnosis);
	sort_findings(diagnosis);
	if (diagnosis->finding_count)
		diagnosis->verdict = diagnosis->findings[0].severity;
	strength_settle(diagnosis);
	diagnosis->strength = strength_of_all(diagnosis);
	diagnosis->headline = headline(diagnosis);
}

void diagnosis_free(struct diagnosis *diagnosis)
{
	free(diagnosis->nats);
	if (diagnosis->before)
		diagnosis_free(diagnosis->before);
	free(diagnosis->before);
	usage_free(diagnosis);
	if (diagnosis->trend)
		trend_free(diagnosis->trend);
	free(diagnosis->trend);
	free(diagnosis->findings);
	free(diagnosis->ignored);
	free(diagnosis->remarks);
	arena_free(&diagnosis->arena);
}

int64_t finding_suspect(const struct finding *finding, bool *likely)
{
	*likely = finding->culprit < 0 && finding->share_count &&
		  owner_is_process(finding->shares[0].owner_kind);
	return *likely ? finding->shares[0].process : finding->culprit;
}
