#include "diagnosis/whatif.h"

#include "diagnosis/remedy.h"
#include "diagnosis/usage.h"
#include "diagnosis/windows_wait.h"

/*
 * A port of a connection that this side closes rests 60 s in TIME_WAIT (Linux include/net/tcp.h,
 * TCP_TIMEWAIT_LEN), or until connect() may take it over: tcp_tw_reuse_delay, a second on kernels without it. So
 * many ports, each used again after its rest, sustain ports / rest connections a second.
 */
enum { REST_MS = 60000, OLD_KERNEL_DELAY_MS = 1000 };

/* On Windows so long as the registry says, or the longer of what is documented: see windows_wait.c. */
static unsigned full_rest_ms(const struct diagnosis *diagnosis)
{
	return diagnosis->snapshot->windows ? windows_wait_ms(diagnosis) : REST_MS;
}

/* What is known of the peer's timestamps by its connections that rest now; some sources tell. */
static enum timestamps timestamps_of(const struct diagnosis *diagnosis,
				     const struct destination *destination)
{
	for (size_t i = 0; destination && i < destination->holding_count; i++) {
		const struct holding_key *key =
			&diagnosis->snapshot->holdings[destination->holdings[i]].key;

		if (key->state == SOCKET_TIME_WAIT && key->timestamps != TIMESTAMPS_UNKNOWN)
			return (enum timestamps)key->timestamps;
	}
	return TIMESTAMPS_UNKNOWN;
}

static bool is_taken_over(const struct netns_settings *settings, const struct whatif *change,
			  const struct capacity_query *query)
{
	static const int changed[] = { [REUSE_OFF] = 0, [REUSE_ON] = 1, [REUSE_LOOPBACK] = 2 };
	int reuse = change->tw_reuse ? changed[change->tw_reuse] : settings->tw_reuse;
	bool loopback = address_is_loopback(&query->source) ||
			address_is_loopback(&query->destination);

	return settings->timestamps != 0 && (reuse == 1 || (reuse == 2 && loopback));
}

/* Where TIME_WAIT is not taken over, or that is not sure, the rest is the whole minute. */
static unsigned rest_ms(const struct diagnosis *diagnosis, const struct whatif *change,
			const struct whatif_answer *answer, bool *timestamps_needed)
{
	const struct capacity_query *query = &answer->query;
	const struct netns *netns = &diagnosis->snapshot->namespaces[query->netns];
	enum timestamps timestamps = timestamps_of(diagnosis, answer->destination);
	int delay = change->tw_reuse_delay_ms >= 0 ? change->tw_reuse_delay_ms :
						     netns->settings.tw_reuse_delay_ms;

	if (!is_taken_over(&netns->settings, change, query) || timestamps == TIMESTAMPS_NO)
		return full_rest_ms(diagnosis);
	if (timestamps == TIMESTAMPS_UNKNOWN &&
	    !netns_has_address(netns, &query->destination)) {
		*timestamps_needed = query->port != 0;
		return full_rest_ms(diagnosis);
	}
	return delay > 0 ? (unsigned)delay : delay < 0 ? OLD_KERNEL_DELAY_MS : 1;
}

/* A setting that is so already is no change. */
static enum reuse_change reuse_change_of(const struct netns_settings *settings,
					 enum reuse_change wanted)
{
	static const enum reuse_change values[] = { REUSE_OFF, REUSE_ON, REUSE_LOOPBACK };

	if (settings->tw_reuse >= 0 && settings->tw_reuse <= 2 &&
	    values[settings->tw_reuse] == wanted)
		return REUSE_UNCHANGED;
	return wanted;
}

static struct capacity_change change_of(const struct diagnosis *diagnosis,
					const struct whatif *change, uint32_t netns)
{
	const struct netns_settings *settings =
		&diagnosis->snapshot->namespaces[netns].settings;
	struct capacity_change made = {
		.range = change->range,
		.reserve = change->reserve,
		.tw_reuse = reuse_change_of(settings, change->tw_reuse),
		.no_bind_first = change->no_bind_first,
		.time_wait_over = change->pool > 0,
		.without_process = change->ends,
		.process = change->process,
	};

	if (change->ends) {
		const struct process *process =
			&diagnosis->snapshot->processes[change->process];

		if (remedy_is_service(process))
			made.unit = process->unit;
	}
	return made;
}

static void subtract(struct capacity *capacity, unsigned ports)
{
	capacity->room_min -= ports < capacity->room_min ? ports : capacity->room_min;
	capacity->room_max -= ports < capacity->room_max ? ports : capacity->room_max;
	capacity->busy += ports;
}

/* A further source address has the ports that nobody took by bind(), all of them. */
static void add_sources(struct capacity *capacity, const struct capacity *anywhere,
			unsigned more)
{
	capacity->room_min += more * anywhere->room_min;
	capacity->room_max += more * anywhere->room_max;
	capacity->exact = capacity->room_min == capacity->room_max;
}

/* How many connections a pool could have: as if there were none to the destination now. */
static unsigned pool_room(struct diagnosis *diagnosis, const struct capacity_query *query,
			  const struct capacity_change *made)
{
	struct port_map *map = port_map_new(diagnosis->snapshot, query->netns, made);
	unsigned room = capacity_of_holdings(map, query, NULL, 0).room_max;

	port_map_free(map);
	return room;
}

/* All but the connections to the destination that there are now; the pool takes their place. */
static struct capacity pooled(struct port_map *map, const struct capacity_query *query,
			      unsigned pool)
{
	struct capacity capacity = capacity_of_holdings(map, query, NULL, 0);

	if (query->port) /* a pool elsewhere takes nothing from this one */
		subtract(&capacity, pool);
	return capacity;
}

static struct capacity ask(struct diagnosis *diagnosis, const struct whatif *change,
			   const struct capacity_query *query,
			   const struct capacity_change *made)
{
	struct port_map *map = port_map_new(diagnosis->snapshot, query->netns, made);
	struct capacity_query elsewhere = { .kind = CAPACITY_CONNECT, .netns = query->netns };
	bool connects = query->kind == CAPACITY_CONNECT;
	struct capacity capacity = connects && change->pool ?
					   pooled(map, query, change->pool) :
					   capacity_of(map, query);

	if (connects && capacity.known && change->sources > 1) {
		struct capacity anywhere = capacity_of(map, &elsewhere);

		add_sources(&capacity, &anywhere, change->sources - 1);
	}
	port_map_free(map);
	return capacity;
}

/* Ports that can rest in turn: what is left, and what rests already and is not counted as left. */
static double sustainable(const struct capacity *capacity, unsigned rest)
{
	if (!capacity->known)
		return -1;
	return (double)(capacity->room_min + capacity->resting) * 1000 / rest;
}

/* Those that rest now come back one after the other, within a rest's time. */
static int64_t full_in_s(const struct capacity *capacity, double rate, double bearable,
			 unsigned rest)
{
	double net = rate - (double)capacity->resting * 1000 / rest;

	if (!capacity->known || rate <= 0 || bearable < 0 || rate <= bearable)
		return -1;
	return (int64_t)((double)capacity->room_min / net);
}

static double rate_now(const struct diagnosis *diagnosis,
		       const struct destination *destination)
{
	if (!destination)
		return -1;
	if (destination->rates.rests_per_s >= 0)
		return destination->rates.rests_per_s;
	return (double)destination->states[SOCKET_TIME_WAIT] * 1000 / full_rest_ms(diagnosis);
}

static struct destination *find(const struct diagnosis *diagnosis,
				const struct capacity_query *query)
{
	const struct destination like = {
		.netns = query->netns,
		.source = query->source,
		.destination = query->destination,
		.port = query->port,
		.device = query->device,
	};

	return usage_find(diagnosis, &like);
}

/* Whether the end of the process gives less at once. */
static bool must_rest(struct diagnosis *diagnosis, const struct whatif *change,
		      const struct capacity_query *query, struct capacity_change made,
		      const struct capacity *later)
{
	struct capacity at_once;

	made.time_wait_over = change->pool > 0;
	made.connections_rest = true;
	at_once = ask(diagnosis, change, query, &made);
	return at_once.known &&
	       (at_once.room_min < later->room_min || at_once.room_max < later->room_max);
}

/* What may be nothing at all, since the listing does not show everything, has no rate. */
static bool may_be_none(const struct diagnosis *diagnosis, const struct capacity *capacity)
{
	return diagnosis->snapshot->windows && capacity->known && !capacity->room_min &&
	       capacity->room_max;
}

static void tell_rates(const struct diagnosis *diagnosis, const struct whatif *change,
		       struct whatif_answer *answer)
{
	const struct whatif nothing = { .tw_reuse_delay_ms = -1 };
	bool needed = false;
	unsigned rest = rest_ms(diagnosis, &nothing, answer, &needed);
	unsigned rest_then = rest_ms(diagnosis, change, answer, &answer->timestamps_needed);

	if (may_be_none(diagnosis, &answer->before) || may_be_none(diagnosis, &answer->after))
		return;
	answer->rate =
		change->rate >= 0 ? change->rate : rate_now(diagnosis, answer->destination);
	answer->sustainable_before = sustainable(&answer->before, rest);
	answer->full_before_s =
		full_in_s(&answer->before, answer->rate, answer->sustainable_before, rest);
	answer->sustainable_after = change->pool ? -1 : sustainable(&answer->after, rest_then);
	answer->full_after_s =
		full_in_s(&answer->after, answer->rate, answer->sustainable_after, rest_then);
}

struct whatif_answer whatif_ask(struct diagnosis *diagnosis, const struct whatif *change,
				const struct capacity_query *query)
{
	const struct whatif nothing = { .tw_reuse_delay_ms = -1 };
	struct whatif_answer answer = {
		.query = *query,
		.destination = find(diagnosis, query),
		.sustainable_before = -1,
		.sustainable_after = -1,
		.full_before_s = -1,
		.full_after_s = -1,
		.rate = -1,
	};
	struct capacity_change made = change_of(diagnosis, change, query->netns);

	answer.before = ask(diagnosis, &nothing, query, &(struct capacity_change){ 0 });
	/* What rests when a process has ended is over when a minute has passed. */
	made.time_wait_over = made.time_wait_over || change->ends;
	answer.after = ask(diagnosis, change, query, &made);
	answer.rests =
		change->ends && must_rest(diagnosis, change, query, made, &answer.after);
	if (change->ends && !answer.rests) {
		made.time_wait_over = change->pool > 0;
		answer.after = ask(diagnosis, change, query, &made);
	}
	answer.pool_fits = !change->pool || !query->port || !answer.after.known ||
			   change->pool <= pool_room(diagnosis, query, &made);
	if (query->kind == CAPACITY_CONNECT)
		tell_rates(diagnosis, change, &answer);
	return answer;
}
