#include "diagnosis/rates.h"

#include "base/language.h"
#include "diagnosis/churn.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/shares.h"
#include "diagnosis/usage.h"
#include "diagnosis/words.h"

#include <stdlib.h>

/*
 * What is taken and what comes back are both many on a busy machine, and their difference over some
 * seconds is as large as the root of their sum by chance alone. Less than three times that is no loss.
 */
enum { CHANCE = 3 };

static const struct rates not_measured = {
	.opens_per_s = -1,
	.rests_per_s = -1,
	.lost_per_s = -1,
	.full_in_s = -1,
	.failed_calls = -1,
};

/* ---- who opened ---- */

static int by_opens(const void *a, const void *b)
{
	const struct opener *left = a, *right = b;

	if (left->opens != right->opens)
		return left->opens < right->opens ? 1 : -1;
	if (left->failed_calls != right->failed_calls)
		return left->failed_calls < right->failed_calls ? 1 : -1;
	return (left->process > right->process) - (left->process < right->process);
}

static void add_failed(struct rates *rates, const struct sample *sample, uint64_t calls)
{
	if (!sample->failures_watched)
		return;
	rates->failed_calls = rates->failed_calls < 0 ? 0 : rates->failed_calls;
	rates->failed_calls += (int64_t)calls;
}

static struct destination *destination_of(const struct diagnosis *diagnosis,
					  const struct sample_flow *flow)
{
	struct destination like = {
		.netns = flow->netns,
		.source = flow->local,
		.destination = flow->remote,
		.port = flow->remote_port,
	};

	return flow->protocol == PROTOCOL_TCP && flow->remote.family ?
		       usage_find(diagnosis, &like) :
		       NULL;
}

/* What bind(), or UDP, draws from. */
static struct pool *pool_of(struct diagnosis *diagnosis, const struct sample_flow *flow)
{
	enum capacity_kind kind =
		flow->protocol == PROTOCOL_TCP ? CAPACITY_BIND : CAPACITY_UDP_CONNECT;

	if (flow->protocol == PROTOCOL_TCP && flow->remote.family)
		return NULL;
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		struct pool *pool = &diagnosis->pools[i];

		if (pool->netns == flow->netns && pool->kind == kind &&
		    (kind == CAPACITY_BIND ? address_equal(&pool->source, &flow->local) :
					     pool->source.family == flow->local.family))
			return pool;
	}
	return NULL;
}

/* A call that failed towards a destination that nobody is connected to is the namespace's. */
static void take_flow(struct diagnosis *diagnosis, const struct sample_flow *flow)
{
	const struct sample *sample = &diagnosis->snapshot->sample;
	struct destination *destination = destination_of(diagnosis, flow);
	struct pool *pool = destination ? NULL : pool_of(diagnosis, flow);

	if (pool)
		add_failed(&pool->rates, sample, flow->failed_calls);
	else if (!destination)
		add_failed(&diagnosis->namespaces[flow->netns].rates, sample,
			   flow->failed_calls);
	if (!destination)
		return;
	add_failed(&destination->rates, sample, flow->failed_calls);
	destination->rates.openers[destination->rates.opener_count++] = (struct opener){
		.process = flow->process,
		.opens = flow->opens,
		.failed_calls = flow->failed_calls,
	};
}

static void take_flows(struct diagnosis *diagnosis)
{
	const struct sample *sample = &diagnosis->snapshot->sample;

	for (size_t i = 0; i < sample->flow_count; i++) {
		struct destination *destination = destination_of(diagnosis, &sample->flows[i]);

		if (destination)
			destination->rates.opener_count++;
	}
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		struct rates *rates = &diagnosis->destinations[i].rates;

		if (rates->opener_count)
			rates->openers =
				arena_alloc(&diagnosis->arena,
					    rates->opener_count * sizeof *rates->openers);
		rates->opener_count = 0;
	}
	for (size_t i = 0; i < sample->flow_count; i++)
		take_flow(diagnosis, &sample->flows[i]);
}

/* Of each opener's connections, those that rest by now. */
static void count_rested(const struct diagnosis *diagnosis, struct destination *destination)
{
	struct rates *rates = &destination->rates;

	for (size_t i = 0; i < destination->holding_count; i++) {
		const struct holding *holding =
			&diagnosis->snapshot->holdings[destination->holdings[i]];

		for (size_t j = 0; holding->fresh && j < rates->opener_count; j++)
			if (holding->key.owner_kind == OWNER_RECORDED &&
			    rates->openers[j].process == holding->key.owner)
				rates->openers[j].rested += holding->fresh;
	}
	if (rates->opener_count)
		qsort(rates->openers, rates->opener_count, sizeof *rates->openers, by_opens);
}

/* ---- how much was lost ---- */

/* Fewer than there were, in ports; -1: not known. */
static int64_t lost_room(const struct capacity *before, const struct capacity *now)
{
	int64_t least = (int64_t)before->room_min - now->room_min;
	int64_t most = (int64_t)before->room_max - now->room_max;

	/* With another range, or other reservations, the room is another. */
	if (!before->known || !now->known || least != most ||
	    before->eligible != now->eligible)
		return -1;
	return least > 0 ? least : 0;
}

/* `taken`: ports that were taken meanwhile, as far as known; what came back follows. */
static int64_t beyond_chance(int64_t lost, int64_t taken)
{
	int64_t moved = 2 * (taken > lost ? taken : lost) - lost;

	return lost * lost >= CHANCE * CHANCE * moved ? lost : 0;
}

/* What a sample says of the ports of one destination or pool. */
struct loss {
	const struct capacity *before, *now;
	int64_t taken; /* ports, at least */
	int64_t held;  /* of these such as do not come back by themselves: more than before */
	unsigned resting; /* not to be had now, but in TIME_WAIT */
	double rests;	  /* that come to rest in the time that each rests */
};

/*
 * TIME_WAIT grows for as long as an entry rests and then no more: only if there will be more of it than
 * there is room, it fills. What is held fills in any case.
 */
static double seconds_to_full(const struct loss *loss, double lost_per_s, double seconds)
{
	double room = loss->now->room_min;
	double to_come = loss->rests > loss->resting ? loss->rests - loss->resting : 0;
	double held = (double)beyond_chance(loss->held > 0 ? loss->held : 0, 0);

	if (to_come > room)
		return room / lost_per_s;
	return held > 0 ? (room - to_come) * seconds / held : -1;
}

static void measure_loss(struct rates *rates, const struct loss *loss, double seconds)
{
	int64_t lost = lost_room(loss->before, loss->now);
	double until;

	if (loss->now->known && !loss->now->room_max)
		rates->full_in_s = 0;
	if (lost < 0)
		return;
	lost = beyond_chance(lost, loss->taken);
	rates->lost_per_s = (double)lost / seconds;
	if (loss->now->room_max && lost) {
		until = seconds_to_full(loss, rates->lost_per_s, seconds);
		rates->full_in_s = until < 0 || until > INT32_MAX ? -1 : (int64_t)until;
	}
}

/* ---- destinations ---- */

static unsigned held_ports(const struct destination *destination)
{
	unsigned ports = 0;

	for (int state = 0; destination && state < SOCKET_STATE_COUNT; state++)
		if (state != SOCKET_TIME_WAIT)
			ports += destination->states[state];
	return ports;
}

static unsigned fresh_entries(const struct diagnosis *diagnosis,
			      const struct destination *destination)
{
	unsigned fresh = 0;

	for (size_t i = 0; i < destination->holding_count; i++)
		fresh += diagnosis->snapshot->holdings[destination->holdings[i]].fresh;
	return fresh;
}

static int64_t count_opens(const struct rates *rates)
{
	int64_t opens = 0;

	for (size_t i = 0; i < rates->opener_count; i++)
		opens += (int64_t)rates->openers[i].opens;
	return opens;
}

/* Room towards it at the first look, also if nobody was connected there yet. */
static const struct capacity *capacity_before(const struct diagnosis *diagnosis,
					      const struct destination *destination,
					      const struct destination *before)
{
	static const struct capacity unknown;
	uint32_t netns = usage_netns_before(diagnosis, destination->netns);

	if (before)
		return &before->capacity;
	return netns == UINT32_MAX ? &unknown : &diagnosis->before->namespaces[netns].anywhere;
}

static void measure_destination(struct diagnosis *diagnosis, struct destination *destination)
{
	const struct sample *sample = &diagnosis->snapshot->sample;
	const struct destination *before = usage_find_before(diagnosis, destination);
	struct churn churn = churn_of(diagnosis, destination);
	struct rates *rates = &destination->rates;
	unsigned reusable = destination->capacity.reusable;
	unsigned resting = destination->states[SOCKET_TIME_WAIT];
	unsigned fresh = fresh_entries(diagnosis, destination);
	int64_t held = (int64_t)held_ports(destination) - held_ports(before);
	int64_t seen = (int64_t)fresh + (held > 0 ? held : 0);
	struct loss loss = {
		.before = capacity_before(diagnosis, destination, before),
		.now = &destination->capacity,
		.held = held,
		.resting = resting > reusable ? resting - reusable : 0,
		.rests = fresh / sample->seconds * churn.rest_ms / 1e3,
	};

	shares_compare(destination->shares, destination->share_count,
		       before ? before->shares : NULL, before ? before->share_count : 0,
		       sample->process_now);
	count_rested(diagnosis, destination);
	loss.taken = sample->recorded ? count_opens(rates) : seen;
	rates->opens_at_least = !sample->recorded || sample->lost;
	rates->opens_per_s = (double)loss.taken / sample->seconds;
	rates->rests_per_s = fresh / sample->seconds;
	if (sample->failures_watched && rates->failed_calls < 0)
		rates->failed_calls = 0;
	measure_loss(rates, &loss, sample->seconds);
}

/* ---- pools and namespaces ---- */

static int64_t ports_in(const struct share *shares, size_t count, bool resting)
{
	int64_t ports = 0;

	for (size_t i = 0; i < count; i++)
		if ((shares[i].state == SOCKET_TIME_WAIT) == resting)
			ports += shares[i].ports;
	return ports;
}

/* All that rests in TIME_WAIT on an address of the pool stays away from bind() for its 60 s. */
static unsigned fresh_in_pool(const struct diagnosis *diagnosis, const struct pool *pool)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct netns *netns = &snapshot->namespaces[pool->netns];
	enum ipv6_only own = capacity_ipv6_only(netns, &pool->source, false);
	unsigned fresh = 0;

	for (size_t i = 0; pool->kind == CAPACITY_BIND && i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->fresh && holding->key.netns == pool->netns &&
		    capacity_overlap(&pool->source, own, &holding->key.local,
				     holding->key.ipv6_only))
			fresh += holding->fresh;
	}
	return fresh;
}

static void measure_pool(struct diagnosis *diagnosis, struct pool *pool)
{
	enum { REST_S = 60 };
	const struct sample *sample = &diagnosis->snapshot->sample;
	const struct pool *before = usage_find_pool_before(diagnosis, pool);
	unsigned fresh = fresh_in_pool(diagnosis, pool);
	struct loss loss = { .now = &pool->capacity };

	if (sample->failures_watched && pool->rates.failed_calls < 0)
		pool->rates.failed_calls = 0;
	if (!before)
		return;
	shares_compare(pool->shares, pool->share_count, before->shares, before->share_count,
		       sample->process_now);
	shares_compare(pool->drawing, pool->drawing_count, before->drawing,
		       before->drawing_count, sample->process_now);
	loss.before = &before->capacity;
	loss.taken = fresh;
	loss.held = ports_in(pool->shares, pool->share_count, false) -
		    ports_in(before->shares, before->share_count, false);
	loss.resting = (unsigned)ports_in(pool->shares, pool->share_count, true);
	loss.rests = fresh / sample->seconds * REST_S;
	measure_loss(&pool->rates, &loss, sample->seconds);
}

static void measure_namespace(struct diagnosis *diagnosis, uint32_t netns)
{
	const struct sample *sample = &diagnosis->snapshot->sample;
	struct namespace_view *view = &diagnosis->namespaces[netns];
	uint32_t index = usage_netns_before(diagnosis, netns);
	const struct namespace_view *before;
	struct loss loss = { .now = &view->anywhere };

	if (sample->failures_watched && view->rates.failed_calls < 0)
		view->rates.failed_calls = 0;
	if (index == UINT32_MAX)
		return;
	before = &diagnosis->before->namespaces[index];
	shares_compare(view->shares, view->share_count, before->shares, before->share_count,
		       sample->process_now);
	loss.before = &before->anywhere;
	loss.held = (int64_t)view->bound_only - before->bound_only;
	measure_loss(&view->rates, &loss, sample->seconds);
}

void rates_measure(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		diagnosis->destinations[i].rates = not_measured;
	for (size_t i = 0; i < diagnosis->pool_count; i++)
		diagnosis->pools[i].rates = not_measured;
	for (size_t i = 0; i < diagnosis->snapshot->namespace_count; i++)
		diagnosis->namespaces[i].rates = not_measured;
	if (!diagnosis->before)
		return;
	take_flows(diagnosis);
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		measure_destination(diagnosis, &diagnosis->destinations[i]);
	for (size_t i = 0; i < diagnosis->pool_count; i++)
		measure_pool(diagnosis, &diagnosis->pools[i]);
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++)
		measure_namespace(diagnosis, i);
}
