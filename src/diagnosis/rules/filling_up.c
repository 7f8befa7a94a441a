#include "base/language.h"
#include "diagnosis/rates.h"
#include "diagnosis/remedy.h"

/*
 * Room is there, but a sample has seen it go: then there is no time left to look again. Whoever has little
 * room already has a finding of another rule, which tells the pace too.
 */
enum { SOON_S = 600 };

static bool is_filling(const struct diagnosis *diagnosis, const struct capacity *capacity,
		       const struct rates *rates)
{
	return rates->full_in_s > 0 && rates->full_in_s <= SOON_S &&
	       rule_severity(diagnosis, capacity, rates) == SEVERITY_OK;
}

/* Whose ports grew by most of what was lost; else who opened most. -1: nobody stands out. */
static int64_t grower(const struct diagnosis *diagnosis, const struct share *shares,
		      size_t count, const struct rates *rates)
{
	double lost = rates->lost_per_s * diagnosis->snapshot->sample.seconds;
	uint64_t opens = 0;

	for (size_t i = 0; i < count; i++)
		if (shares[i].compared && 2 * shares[i].growth > lost)
			return shares[i].process;
	for (size_t i = 0; i < rates->opener_count; i++)
		opens += rates->openers[i].opens;
	return rates->opener_count && 2 * rates->openers[0].opens > opens ?
		       rates->openers[0].process :
		       -1;
}

static struct finding *report(const struct rule *rule, struct diagnosis *diagnosis,
			      uint32_t netns, const char *subject,
			      const struct capacity *capacity, const struct rates *rates)
{
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, SEVERITY_WARNING);

	finding->subject = subject;
	finding->title = arena_print(&diagnosis->arena,
				     _("%s: %s, and none in %s if it goes on like that"),
				     finding->subject, words_room(diagnosis, capacity),
				     words_duration(diagnosis, (uint64_t)rates->full_in_s));
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_rates(diagnosis, finding, rates);
	finding->reason = _("there is room now, but it was seen to shrink: when a single look "
			    "finds it low, little time is left");
	return finding;
}

static void report_destination(const struct rule *rule, struct diagnosis *diagnosis,
			       const struct destination *destination)
{
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];
	const char *subject = arena_print(
		&diagnosis->arena, "tcp %s -> %s", address_print(source, &destination->source),
		address_print_endpoint(target, &destination->destination, destination->port));
	struct finding *finding = report(rule, diagnosis, destination->netns, subject,
					 &destination->capacity, &destination->rates);
	struct capacity_query query = remedy_query(destination);

	finding->shares = destination->shares;
	finding->share_count = destination->share_count;
	finding->culprit = grower(diagnosis, destination->shares, destination->share_count,
				  &destination->rates);
	remedy_reuse_connections(diagnosis, finding, destination);
	remedy_tw_reuse(diagnosis, finding, destination);
	remedy_second_source(diagnosis, finding, destination);
	remedy_wider_range(diagnosis, finding, &query);
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_useless(finding, destination);
}

static void report_pool(const struct rule *rule, struct diagnosis *diagnosis,
			const struct pool *pool)
{
	bool udp = pool->kind == CAPACITY_UDP_CONNECT;
	char source[ADDRESS_TEXT_SIZE];
	const char *subject = !udp ? arena_print(&diagnosis->arena, "tcp bind(%s, 0)",
						 address_print(source, &pool->source)) :
			      pool->source.family == FAMILY_IPV6 ? "udp IPv6" :
								   "udp IPv4";
	struct finding *finding =
		report(rule, diagnosis, pool->netns, subject, &pool->capacity, &pool->rates);
	struct capacity_query query = { .kind = pool->kind,
					.netns = pool->netns,
					.source = pool->source };

	finding->shares = udp ? pool->shares : pool->drawing;
	finding->share_count = udp ? pool->share_count : pool->drawing_count;
	finding->culprit =
		grower(diagnosis, finding->shares, finding->share_count, &pool->rates);
	remedy_mend(finding,
		    udp ? _("mend the program: close UDP sockets after use, or send from one "
			    "socket") :
			  _("mend the program: close sockets it does not use; set "
			    "IP_BIND_ADDRESS_NO_PORT before bind(address, 0)"),
		    pool->capacity.room_min);
	remedy_end_process(diagnosis, finding, &query, finding->culprit);
	remedy_wider_range(diagnosis, finding, &query);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];

		if (destination->capacity.known &&
		    is_filling(diagnosis, &destination->capacity, &destination->rates))
			report_destination(rule, diagnosis, destination);
	}
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		if (is_filling(diagnosis, &pool->capacity, &pool->rates))
			report_pool(rule, diagnosis, pool);
	}
}

const struct rule rule_filling_up = {
	.id = "filling_up",
	.title = N_("Ports are being used up, and soon none will be left"),
	.systems = RULE_LINUX,
	.check = check,
};
