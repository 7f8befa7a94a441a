#include "diagnosis/churn.h"

#include "base/language.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/rates.h"
#include "diagnosis/words.h"

enum { TIME_WAIT_S = 60, OLD_KERNEL_DELAY_MS = 1000 };

/* As in the capacity model, may_reuse(): here it is asked of entries yet to come. */
static void judge_reuse(const struct netns *netns, const struct destination *destination,
			struct churn *churn)
{
	const struct netns_settings *settings = &netns->settings;
	bool loopback = address_is_loopback(&destination->source) ||
			address_is_loopback(&destination->destination);

	if (settings->tw_reuse != 1 && !(settings->tw_reuse == 2 && loopback))
		return;
	if (settings->timestamps == 0)
		return;
	churn->at_least = true;
	if (!netns_has_address(netns, &destination->destination)) {
		churn->rest_uncertain = true;
		return;
	}
	churn->rest_ms = settings->tw_reuse_delay_ms > 0 ?
				 (unsigned)settings->tw_reuse_delay_ms :
				 OLD_KERNEL_DELAY_MS;
}

/* TIME_WAIT of ports that bind() took: connect() never takes these over. */
static unsigned bind_made(const struct diagnosis *diagnosis,
			  const struct destination *destination)
{
	const struct namespace_view *view = &diagnosis->namespaces[destination->netns];
	struct port_set ports = { 0 };
	unsigned count;

	for (size_t i = 0; i < destination->holding_count; i++) {
		const struct holding *holding =
			&diagnosis->snapshot->holdings[destination->holdings[i]];

		if (holding->key.state == SOCKET_TIME_WAIT)
			port_map_select(view->map, holding, true, &ports);
	}
	count = ports.count;
	port_set_free(&ports);
	return count;
}

/* Ports that TIME_WAIT towards this destination may have: those it has and those that are left. */
static unsigned ports_for_churn(const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;
	unsigned entries = destination->states[SOCKET_TIME_WAIT];
	unsigned reusable = capacity->reusable < entries ? capacity->reusable : entries;

	return capacity->room_min + entries - reusable;
}

struct churn churn_of(const struct diagnosis *diagnosis, const struct destination *destination)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	struct churn churn = {
		.entries = destination->states[SOCKET_TIME_WAIT],
		.rest_ms = TIME_WAIT_S * 1000,
	};

	churn.measured = destination->rates.rests_per_s >= 0 && diagnosis->before;
	churn.closes_per_s = churn.measured ?
				     (unsigned)(destination->rates.rests_per_s + 0.5) :
				     (churn.entries + TIME_WAIT_S / 2) / TIME_WAIT_S;
	if (2 * bind_made(diagnosis, destination) <= churn.entries)
		judge_reuse(netns, destination, &churn);
	/* Attempts that found no port left no entry. */
	if (!destination->capacity.room_min)
		churn.at_least = true;
	/* Past tcp_max_tw_buckets no entry is made. */
	if (netns->settings.max_tw_buckets >= 0 &&
	    netns->counters.time_wait_now >= netns->settings.max_tw_buckets)
		churn.at_least = true;
	churn.sustainable_per_minute = (unsigned)((uint64_t)ports_for_churn(destination) *
						  TIME_WAIT_S * 1000 / churn.rest_ms);
	return churn;
}

const char *churn_rate(struct diagnosis *diagnosis, unsigned per_minute)
{
	unsigned tenths = (per_minute * 10 + TIME_WAIT_S / 2) / TIME_WAIT_S;

	if (tenths >= 100)
		return words_count(diagnosis, (tenths + 5) / 10);
	return arena_print(&diagnosis->arena, "%u.%u", tenths / 10, tenths % 10);
}

/* Of "430 x 60 = 25,800" the second number, such that it is true of the first as it is shown. */
static const char *product(struct diagnosis *diagnosis, unsigned per_minute)
{
	unsigned tenths = (per_minute * 10 + TIME_WAIT_S / 2) / TIME_WAIT_S;

	return words_count(diagnosis, tenths >= 100 ? (tenths + 5) / 10 * TIME_WAIT_S :
						      tenths * TIME_WAIT_S / 10);
}

static const char *average_text(struct diagnosis *diagnosis, const struct churn *churn)
{
	const char *rate = churn_rate(diagnosis, churn->entries);

	return arena_print(
		&diagnosis->arena,
		churn->at_least ?
			_("at least %s connections/s over the last minute: %s x 60 = %s") :
			_("about %s connections/s over the last minute: %s x 60 = %s"),
		rate, rate, product(diagnosis, churn->entries));
}

/* Who made all that began during the sample; -1: several, or not known. */
static int64_t only_maker(const struct diagnosis *diagnosis,
			  const struct destination *destination)
{
	int64_t maker = -1;

	for (size_t i = 0; i < destination->holding_count; i++) {
		const struct holding *holding =
			&diagnosis->snapshot->holdings[destination->holdings[i]];

		if (!holding->fresh)
			continue;
		if (holding->key.owner_kind != OWNER_RECORDED ||
		    (maker >= 0 && maker != holding->key.owner))
			return -1;
		maker = holding->key.owner;
	}
	return maker;
}

const char *churn_text(struct diagnosis *diagnosis, const struct destination *destination,
		       const struct churn *churn)
{
	int64_t maker = only_maker(diagnosis, destination);
	const char *rate, *span;
	unsigned per_minute;

	if (!churn->measured)
		return average_text(diagnosis, churn);
	per_minute = (unsigned)(destination->rates.rests_per_s * TIME_WAIT_S + 0.5);
	span = rates_span(diagnosis);
	rate = churn_rate(diagnosis, per_minute);
	if (!per_minute)
		return arena_print(&diagnosis->arena, _("%s, but none within the last %s"),
				   average_text(diagnosis, churn), span);
	if (maker < 0)
		return arena_print(&diagnosis->arena,
				   _("%s connections/s, measured over %s: %s x 60 = %s"), rate,
				   span, rate, product(diagnosis, per_minute));
	return arena_print(&diagnosis->arena,
			   _("%s connections/s by %s, measured over %s: %s x 60 = %s"), rate,
			   words_process(diagnosis, maker), span, rate,
			   product(diagnosis, per_minute));
}
