#include "diagnosis/rule.h"

#include "base/embedded.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/rates.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

extern const struct embedded_file rule_pages[];

const struct rule *rule_find(const char *id)
{
	for (const struct rule *const *rule = rules; *rule; rule++)
		if (!strcmp((*rule)->id, id))
			return *rule;
	return NULL;
}

const char *rule_nearest(const char *id)
{
	enum { MOST = 64 };
	const char *names[MOST + 1] = { NULL };

	for (size_t i = 0; rules[i]; i++) {
		assert(i < MOST);
		names[i] = rules[i]->id;
	}
	return text_nearest(id, names);
}

static const char *page_named(const char *name)
{
	for (const struct embedded_file *page = rule_pages; page->name; page++)
		if (!strcmp(page->name, name))
			return page->bytes;
	return NULL;
}

const char *rule_page(const struct rule *rule)
{
	const char *page;
	char name[64];

	snprintf(name, sizeof name, "%s.%s.md", rule->id, language_name());
	page = page_named(name);
	if (page)
		return page;
	snprintf(name, sizeof name, "%s.md", rule->id);
	return page_named(name);
}

/*
 * A destination is blamed only for what it does itself: if connect() to an unused destination is
 * just as short of room, because bind() owns the ports, that is another rule's finding; unless the
 * destination has used most of what bind() left.
 */
static bool is_own_doing(const struct diagnosis *diagnosis,
			 const struct destination *destination, enum severity severity)
{
	const struct capacity *anywhere = &diagnosis->namespaces[destination->netns].anywhere;

	if (severity != diagnosis_severity(diagnosis, anywhere))
		return true;
	return anywhere->room_max > 0 && 2 * destination->capacity.busy > anywhere->room_max;
}

enum severity rule_severity(const struct diagnosis *diagnosis, const struct capacity *capacity,
			    const struct rates *rates)
{
	return rates->failed_calls > 0 ? SEVERITY_CRITICAL :
					 diagnosis_severity(diagnosis, capacity);
}

void rule_add_rates(struct diagnosis *diagnosis, struct finding *finding,
		    const struct rates *rates)
{
	if (!diagnosis->before)
		return;
	finding->rates = rates;
	finding->forecast = rates_text(diagnosis, rates);
	if (rates->opens_per_s >= 0)
		rule_add_evidence(finding, "opens_per_s", (int64_t)(rates->opens_per_s + 0.5),
				  "connections/s");
	if (rates->lost_per_s >= 0)
		rule_add_evidence(finding, "lost_per_minute",
				  (int64_t)(rates->lost_per_s * 60 + 0.5), "ports/min");
	if (rates->full_in_s >= 0)
		rule_add_evidence(finding, "full_in", rates->full_in_s, "s");
	if (rates->failed_calls >= 0)
		rule_add_evidence(finding, "failed_calls", rates->failed_calls, "calls");
}

enum cause rule_cause(const struct diagnosis *diagnosis, const struct destination *destination,
		      enum severity *severity)
{
	unsigned total = 0;

	*severity = SEVERITY_OK;
	if (!destination->capacity.known)
		return CAUSE_NONE;
	*severity = rule_severity(diagnosis, &destination->capacity, &destination->rates);
	if (*severity == SEVERITY_OK || !is_own_doing(diagnosis, destination, *severity))
		return CAUSE_NONE;
	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		total += destination->states[state];
	if (2 * destination->states[SOCKET_CLOSE_WAIT] > total)
		return CAUSE_CLOSE_WAIT;
	if (2 * destination->states[SOCKET_TIME_WAIT] > total)
		return CAUSE_TIME_WAIT;
	if (2 * destination->states[SOCKET_FIN_WAIT2] > total)
		return CAUSE_FIN_WAIT2;
	if (2 * destination->states[SOCKET_SYN_SENT] > total)
		return CAUSE_SYN_SENT;
	return CAUSE_CONNECTIONS;
}

struct finding *rule_add_finding(struct diagnosis *diagnosis, const struct rule *rule,
				 uint32_t netns, enum severity severity)
{
	struct finding *finding;

	array_reserve(diagnosis->findings, diagnosis->finding_count,
		      diagnosis->finding_capacity);
	finding = &diagnosis->findings[diagnosis->finding_count++];
	*finding = (struct finding){
		.rule = rule->id,
		.severity = severity,
		.netns = netns,
		.culprit = -1,
	};
	return finding;
}

struct finding *rule_add_remark(struct diagnosis *diagnosis, const struct rule *rule,
				uint32_t netns)
{
	struct finding *remark;

	array_reserve(diagnosis->remarks, diagnosis->remark_count, diagnosis->remark_capacity);
	remark = &diagnosis->remarks[diagnosis->remark_count++];
	*remark = (struct finding){ .rule = rule->id, .netns = netns, .culprit = -1 };
	return remark;
}

bool rule_watched_alone(const struct diagnosis *diagnosis)
{
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;

	return facts->look.verdict && !facts->listing[PROTOCOL_TCP] &&
	       !facts->listing[PROTOCOL_UDP];
}

enum severity rule_found(const struct diagnosis *diagnosis, const char *id, uint32_t netns)
{
	enum severity worst = SEVERITY_OK;

	for (size_t i = 0; i < diagnosis->finding_count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (finding->netns == netns && (!id || !strcmp(finding->rule, id)) &&
		    finding->severity > worst)
			worst = finding->severity;
	}
	return worst;
}

bool rule_remarked(const struct diagnosis *diagnosis, const char *id, uint32_t netns)
{
	for (size_t i = 0; i < diagnosis->remark_count; i++)
		if (diagnosis->remarks[i].netns == netns &&
		    !strcmp(diagnosis->remarks[i].rule, id))
			return true;
	return false;
}

void rule_add_evidence(struct finding *finding, const char *name, int64_t value,
		       const char *unit)
{
	assert(finding->evidence_count <
	       sizeof finding->evidence / sizeof finding->evidence[0]);
	finding->evidence[finding->evidence_count++] =
		(struct evidence){ .name = name, .value = value, .unit = unit };
}

void rule_add_remedy(struct finding *finding, struct remedy remedy)
{
	assert(finding->remedy_count < sizeof finding->remedies / sizeof finding->remedies[0]);
	/* Zero is what a remedy has that says nothing of it. */
	if (!remedy.lasts_s)
		remedy.lasts_s = -1;
	finding->remedies[finding->remedy_count++] = remedy;
}

void rule_add_useless(struct finding *finding, const char *text)
{
	assert(finding->useless_count < sizeof finding->useless / sizeof finding->useless[0]);
	finding->useless[finding->useless_count++] = text;
}

/* Where hundreds have some each, the first of them is as good as any other. */
enum { CULPRIT_ONE_IN = 10 };

static bool is_in(const struct share *share, enum socket_state state)
{
	return state == SOCKET_STATE_COUNT || share->state == state;
}

/* What rests in TIME_WAIT is nobody's any more. */
static bool is_owned(const struct share *share)
{
	return share->owner_kind != OWNER_NOBODY && share->owner_kind != OWNER_INFERRED;
}

int64_t rule_culprit(const struct share *shares, size_t count, enum socket_state state)
{
	uint64_t ports = 0;

	for (size_t i = 0; i < count; i++)
		if (is_owned(&shares[i]) && is_in(&shares[i], state))
			ports += shares[i].ports;
	for (size_t i = 0; i < count; i++)
		if ((shares[i].owner_kind == OWNER_PROCESS ||
		     shares[i].owner_kind == OWNER_RECORDED) &&
		    is_in(&shares[i], state))
			return (uint64_t)shares[i].ports * CULPRIT_ONE_IN < ports ?
				       -1 :
				       (int64_t)shares[i].process;
	return -1;
}

struct finding *rule_destination_finding(struct diagnosis *diagnosis, const struct rule *rule,
					 const struct destination *destination,
					 enum severity severity)
{
	const struct capacity *capacity = &destination->capacity;
	struct finding *finding =
		rule_add_finding(diagnosis, rule, destination->netns, severity);
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	finding->subject = arena_print(
		&diagnosis->arena, "tcp %s -> %s", address_print(source, &destination->source),
		address_print_endpoint(target, &destination->destination, destination->port));
	if (destination->device)
		finding->subject = arena_print(&diagnosis->arena, "%s (bound to interface %u)",
					       finding->subject, destination->device);
	finding->title =
		arena_print(&diagnosis->arena, _("%s: %s. %s of %s used%s"), finding->subject,
			    words_room(diagnosis, capacity), words_used(diagnosis, capacity),
			    words_ports(diagnosis, capacity->eligible),
			    !capacity->room_max ? _("; connect() fails with EADDRNOTAVAIL") :
			    destination->rates.failed_calls > 0 ?
						  _("; connect() failed with EADDRNOTAVAIL") :
						  "");
	finding->shares = destination->shares;
	finding->share_count = destination->share_count;
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_evidence(finding, "busy", capacity->busy, "ports");
	rule_add_evidence(finding, "blocked_by_bind", capacity->blocked_by_bind, "ports");
	rule_add_rates(diagnosis, finding, &destination->rates);
	return finding;
}
