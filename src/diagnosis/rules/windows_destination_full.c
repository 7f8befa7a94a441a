#include "base/language.h"
#include "diagnosis/makers.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"
#include "diagnosis/windows_wait.h"

/*
 * The room of connect() is an interval, whose upper end assumes that ports which serve other destinations may serve this one
 * too. What is low even so is low for certain, and by the destination's own connections, if these have most of it.
 */
static enum severity severity_of(const struct diagnosis *diagnosis,
				 const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;
	unsigned out_of_reach = capacity->eligible - capacity->room_max;

	if (!capacity->known || 2 * capacity->busy < out_of_reach)
		return SEVERITY_OK;
	return windows_pool_severity_of(diagnosis, out_of_reach, capacity->eligible);
}

static bool is_leak(const struct destination *destination)
{
	return 2 * destination->states[SOCKET_CLOSE_WAIT] > destination->capacity.busy;
}

static const char *reason(struct diagnosis *diagnosis, const struct destination *destination)
{
	unsigned resting = destination->states[SOCKET_TIME_WAIT];
	const char *makers = makers_text(diagnosis, destination);
	const char *text;

	if (2 * resting <= destination->capacity.busy)
		return arena_print(
			&diagnosis->arena,
			_("every connection to one address and port needs a port of "
			  "its own: %s are in use towards it"),
			words_count(diagnosis, destination->capacity.busy));
	text = arena_print(&diagnosis->arena,
			   _("%s rest in TIME_WAIT because this side closed first; %s"),
			   words_ports(diagnosis, resting),
			   windows_wait_rate(diagnosis, destination->capacity.eligible));
	return makers ? arena_print(&diagnosis->arena, _("%s; %s"), text, makers) : text;
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct destination *destination, enum severity severity)
{
	const struct capacity *capacity = &destination->capacity;
	struct capacity_query query = remedy_query(destination);
	struct finding *finding = rule_add_finding(diagnosis, rule, 0, severity);
	bool rests = 2 * destination->states[SOCKET_TIME_WAIT] > capacity->busy;
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	finding->subject = arena_print(
		&diagnosis->arena, "tcp %s -> %s", address_print(source, &destination->source),
		address_print_endpoint(target, &destination->destination, destination->port));
	finding->title =
		arena_print(&diagnosis->arena, _("%s: %s. %s of %s used%s"), finding->subject,
			    words_room(diagnosis, capacity), words_used(diagnosis, capacity),
			    words_ports(diagnosis, capacity->eligible),
			    capacity->room_max ? "" : _("; connect() fails"));
	finding->shares = destination->shares;
	finding->share_count = destination->share_count;
	finding->culprit = rule_culprit(destination->shares, destination->share_count,
					rests ? SOCKET_TIME_WAIT : SOCKET_STATE_COUNT);
	finding->reason = reason(diagnosis, destination);
	finding->strength = STRENGTH_STRONG;
	strength_add_listing(diagnosis, finding, PROTOCOL_TCP);
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_evidence(finding, "busy", capacity->busy, "ports");
	rule_add_evidence(finding, "time_wait", destination->states[SOCKET_TIME_WAIT],
			  "ports");
	remedy_windows_pooling(finding);
	remedy_windows_range(diagnosis, finding, &query);
	if (rests)
		remedy_windows_wait(diagnosis, finding);
	remedy_windows_end(diagnosis, finding, &query, finding->culprit);
	remedy_windows_useless(finding, rests);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		enum severity severity = severity_of(diagnosis, destination);

		if (severity == SEVERITY_OK ||
		    (is_leak(destination) &&
		     rule_found(diagnosis, "windows_close_wait_leak", 0)))
			continue;
		report(rule, diagnosis, destination, severity);
	}
}

const struct rule rule_windows_destination_full = {
	.id = "windows_destination_full",
	.title = N_("Windows: the ports towards one destination are used up"),
	.systems = RULE_WINDOWS,
	.check = check,
};
