#include "diagnosis/usage.h"

#include "diagnosis/diagnosis.h"
#include "diagnosis/makers.h"
#include "diagnosis/shares.h"
#include "snapshot/dynamic_ports.h"

#include <stdlib.h>
#include <string.h>

/*
 * Holdings are sorted by what they hold, so that those of one destination stand together and each
 * destination costs only its own holdings. A connection belongs to a destination if its port could
 * have been chosen by connect(): others (a service whose listener is gone) take nobody's room.
 */

static bool is_connection(const struct holding *holding)
{
	const struct holding_key *key = &holding->key;

	return key->protocol == PROTOCOL_TCP && !key->inbound && key->state != SOCKET_LISTEN &&
	       key->state != SOCKET_BOUND && key->remote_port;
}

static bool has_ports_in_range(const struct snapshot *snapshot, const struct holding *holding)
{
	struct port_range range = dynamic_ports_of_holding(snapshot, holding).range;

	return port_range_known(range) &&
	       port_set_count_between(&holding->ports, range.first, range.last);
}

/* ---- destinations ---- */

struct sorting {
	const struct holding *holding;
	uint32_t index;
};

static int compare_targets(const struct holding_key *a, const struct holding_key *b)
{
	int difference;

	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	difference = memcmp(&a->local, &b->local, sizeof a->local);
	if (!difference)
		difference = memcmp(&a->remote, &b->remote, sizeof a->remote);
	if (!difference)
		difference = (int)a->remote_port - (int)b->remote_port;
	return difference ? difference : (a->device > b->device) - (a->device < b->device);
}

static int by_target(const void *a, const void *b)
{
	const struct sorting *left = a, *right = b;
	int difference = compare_targets(&left->holding->key, &right->holding->key);

	return difference ? difference :
			    (left->index > right->index) - (left->index < right->index);
}

static void add_destination(struct diagnosis *diagnosis, const struct sorting *sorted,
			    size_t count)
{
	const struct holding_key *key = &sorted->holding->key;
	struct destination destination = {
		.netns = key->netns,
		.source = key->local,
		.destination = key->remote,
		.port = key->remote_port,
		.device = key->device,
		.holdings = arena_alloc(&diagnosis->arena, count * sizeof(uint32_t)),
		.holding_count = count,
	};
	struct capacity_query query = {
		.kind = CAPACITY_CONNECT,
		.netns = key->netns,
		.source = key->local,
		.destination = key->remote,
		.port = key->remote_port,
		.device = key->device,
	};
	struct port_map *map = diagnosis->namespaces[key->netns].map;
	struct share_count counting = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct holding *holding = sorted[i].holding;

		destination.holdings[i] = sorted[i].index;
		shares_add(&counting, map, holding, false);
		if (holding->latest_expiry_ms > destination.latest_expiry_ms)
			destination.latest_expiry_ms = holding->latest_expiry_ms;
	}
	makers_settle(diagnosis, &destination, &counting);
	destination.shares = shares_finish(&counting, &destination.share_count);
	for (size_t i = 0; i < destination.share_count; i++)
		destination.states[destination.shares[i].state] += destination.shares[i].ports;
	/* Connections without a device stand in the way of those with one, too. */
	destination.capacity = key->device ?
				       capacity_of(map, &query) :
				       capacity_of_holdings(map, &query, destination.holdings,
							    destination.holding_count);
	array_reserve(diagnosis->destinations, diagnosis->destination_count,
		      diagnosis->destination_capacity);
	diagnosis->destinations[diagnosis->destination_count++] = destination;
}

/* Fullest first: least room, then most ports in use. */
static int by_fullness(const void *a, const void *b)
{
	const struct capacity *left = &((const struct destination *)a)->capacity;
	const struct capacity *right = &((const struct destination *)b)->capacity;
	uint64_t l = (uint64_t)left->room_max * (right->eligible ? right->eligible : 1);
	uint64_t r = (uint64_t)right->room_max * (left->eligible ? left->eligible : 1);

	if (left->known != right->known)
		return left->known ? -1 : 1;
	if (l != r)
		return l < r ? -1 : 1;
	if (left->busy != right->busy)
		return left->busy > right->busy ? -1 : 1;
	return usage_compare_targets(a, b);
}

static void collect_destinations(struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct sorting *sorted = memory_zeroed(snapshot->holding_count, sizeof *sorted);
	size_t count = 0, from = 0;

	for (size_t i = 0; i < snapshot->holding_count; i++)
		if (is_connection(&snapshot->holdings[i]) &&
		    has_ports_in_range(snapshot, &snapshot->holdings[i]))
			sorted[count++] =
				(struct sorting){ &snapshot->holdings[i], (uint32_t)i };
	qsort(sorted, count, sizeof *sorted, by_target);
	for (size_t i = 1; i <= count; i++) {
		if (i < count &&
		    !compare_targets(&sorted[i].holding->key, &sorted[from].holding->key))
			continue;
		add_destination(diagnosis, sorted + from, i - from);
		from = i;
	}
	if (diagnosis->destination_count)
		qsort(diagnosis->destinations, diagnosis->destination_count,
		      sizeof *diagnosis->destinations, by_fullness);
	usage_index(diagnosis);
	free(sorted);
}

/* ---- pools ---- */

/*
 * Adds what the holding drew from a pool by bind(). Listeners have chosen their port. That of a
 * connection may have been joined by somebody who is bound to it on another address; only where
 * nobody is, hence the kernel was asked, does its being bind-owned tell of the connection.
 */
static void add_drawn(const struct diagnosis *diagnosis, const struct holding *holding,
		      struct port_set *drawn)
{
	const struct holding_key *key = &holding->key;
	const struct netns *netns = &diagnosis->snapshot->namespaces[key->netns];
	const struct namespace_view *view = &diagnosis->namespaces[key->netns];
	struct port_set bind_owned = { 0 };

	if (key->protocol != PROTOCOL_TCP || key->inbound || key->state == SOCKET_LISTEN)
		return;
	port_map_select(view->map, holding, true, &bind_owned);
	port_set_each(port, &bind_owned)
		if (key->state == SOCKET_BOUND ||
		    port_set_has(&netns->known_bind, (uint16_t)port))
			port_set_add(drawn, (uint16_t)port);
	port_set_free(&bind_owned);
}

static bool draws_by_bind(const struct diagnosis *diagnosis, const struct holding *holding)
{
	struct port_set drawn = { 0 };
	bool draws;

	add_drawn(diagnosis, holding, &drawn);
	draws = drawn.count;
	port_set_free(&drawn);
	return draws;
}

static struct pool *find_pool(struct diagnosis *diagnosis, uint32_t netns,
			      enum capacity_kind kind, const struct address *source)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		struct pool *pool = &diagnosis->pools[i];

		if (pool->netns == netns && pool->kind == kind &&
		    address_equal(&pool->source, source))
			return pool;
	}
	return NULL;
}

/* On Windows a port is held on all addresses of its family. */
static bool competes(const struct snapshot *snapshot, uint32_t netns,
		     const struct address *source, const struct holding *holding)
{
	const struct holding_key *key = &holding->key;
	enum ipv6_only own;

	if (snapshot->windows)
		return key->local.family == source->family;
	own = capacity_ipv6_only(&snapshot->namespaces[netns], source, false);
	return capacity_overlap(source, own, &key->local, key->ipv6_only) != OVERLAP_NO;
}

static void add_pool(struct diagnosis *diagnosis, uint32_t netns, enum capacity_kind kind,
		     const struct address *source)
{
	struct capacity_query query = { .kind = kind, .netns = netns, .source = *source };
	enum protocol protocol = kind == CAPACITY_BIND ? PROTOCOL_TCP : PROTOCOL_UDP;
	const struct namespace_view *view = &diagnosis->namespaces[netns];
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct pool pool = { .netns = netns, .kind = kind, .source = *source };
	struct share_count counting = { 0 }, drawing = { 0 };
	struct port_set bind_made = { 0 };

	if (find_pool(diagnosis, netns, kind, source))
		return;
	pool.capacity = capacity_of(view->map, &query);
	if (!pool.capacity.known)
		return;
	snapshot_each_holding(holding, snapshot, netns) {
		if (holding->key.protocol != protocol ||
		    !competes(snapshot, netns, source, holding))
			continue;
		shares_add(&counting, view->map, holding, false);
		if (draws_by_bind(diagnosis, holding)) {
			struct holding drawn = { .key = holding->key };

			add_drawn(diagnosis, holding, &drawn.ports);
			shares_add(&drawing, view->map, &drawn, true);
			port_set_add_all(&bind_made, &drawn.ports);
			port_set_free(&drawn.ports);
		}
	}
	if (snapshot->windows && kind == CAPACITY_BIND)
		makers_settle_pool(diagnosis, &pool, &counting);
	pool.shares = shares_finish(&counting, &pool.share_count);
	pool.drawing = shares_finish(&drawing, &pool.drawing_count);
	pool.bind_made = bind_made.count;
	port_set_free(&bind_made);
	array_reserve(diagnosis->pools, diagnosis->pool_count, diagnosis->pool_capacity);
	diagnosis->pools[diagnosis->pool_count++] = pool;
}

static void collect_windows_pools(struct diagnosis *diagnosis)
{
	static const uint8_t families[] = { FAMILY_IPV4, FAMILY_IPV6 };

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		const struct address any = { .family = families[i] };

		add_pool(diagnosis, 0, CAPACITY_BIND, &any);
		add_pool(diagnosis, 0, CAPACITY_UDP_CONNECT, &any);
	}
}

/* A TCP pool for every address that somebody draws from by bind(); a UDP one per family in use. */
static void collect_pools(struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	if (snapshot->windows) {
		collect_windows_pools(diagnosis);
		return;
	}
	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];
		const struct holding_key *key = &holding->key;

		if (draws_by_bind(diagnosis, holding))
			add_pool(diagnosis, key->netns, CAPACITY_BIND, &key->local);
		if (key->protocol == PROTOCOL_UDP && has_ports_in_range(snapshot, holding))
			add_pool(diagnosis, key->netns, CAPACITY_UDP_CONNECT,
				 &(struct address){ .family = key->local.family });
	}
}

/* Ports that others than those who draw from the pool have: by bind() for certain, or perhaps. */
struct others {
	struct port_set bound, perhaps_bound;
};

static void add_others(const struct holding *holding, struct others *others)
{
	const struct holding_key *key = &holding->key;
	bool bound = key->inbound || key->state == SOCKET_LISTEN || key->state == SOCKET_BOUND;

	port_set_add_all(bound ? &others->bound : &others->perhaps_bound, &holding->ports);
}

static void count_returning(const struct port_set *bind_made, const struct others *others,
			    unsigned *least, unsigned *most)
{
	*least = *most = 0;
	port_set_each(port, bind_made) {
		if (port_set_has(&others->bound, (uint16_t)port))
			continue;
		++*most;
		*least += !port_set_has(&others->perhaps_bound, (uint16_t)port);
	}
}

void usage_count_returning(const struct diagnosis *diagnosis, const struct pool *pool,
			   unsigned *least, unsigned *most)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	enum ipv6_only own =
		capacity_ipv6_only(&snapshot->namespaces[pool->netns], &pool->source, false);
	struct port_set bind_made = { 0 };
	struct others others = { 0 };

	snapshot_each_holding(holding, snapshot, pool->netns) {
		const struct holding_key *key = &holding->key;

		if (key->protocol != PROTOCOL_TCP)
			continue;
		if (key->inbound || key->state == SOCKET_LISTEN ||
		    !capacity_overlap(&pool->source, own, &key->local, key->ipv6_only))
			add_others(holding, &others);
		else
			add_drawn(diagnosis, holding, &bind_made);
	}
	count_returning(&bind_made, &others, least, most);
	port_set_free(&bind_made);
	port_set_free(&others.bound);
	port_set_free(&others.perhaps_bound);
}

/* ---- namespaces ---- */

/* Sets of ports that are counted when all holdings have been seen. */
struct namespace_count {
	struct share_count shares;
	struct port_set bound_only, connections;
};

static void count_in_namespace(struct diagnosis *diagnosis, const struct holding *holding,
			       struct namespace_count *count)
{
	const struct holding_key *key = &holding->key;
	struct namespace_view *view = &diagnosis->namespaces[key->netns];

	if (key->protocol != PROTOCOL_TCP)
		return;
	if (key->state == SOCKET_BOUND)
		port_map_select(view->map, holding, true, &count->bound_only);
	if (!key->inbound)
		shares_add(&count->shares, view->map, holding, true);
	if (is_connection(holding) && has_ports_in_range(diagnosis->snapshot, holding)) {
		view->connections += holding->sockets;
		port_map_select(view->map, holding, false, &count->connections);
	}
}

static void finish_namespace(struct namespace_view *view, struct namespace_count *count)
{
	view->shares = shares_finish(&count->shares, &view->share_count);
	view->bound_only = count->bound_only.count;
	view->connection_ports = count->connections.count;
	port_set_free(&count->bound_only);
	port_set_free(&count->connections);
}

static void collect_namespaces(struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct namespace_count *counts =
		memory_zeroed(snapshot->namespace_count, sizeof *counts);

	diagnosis->namespaces =
		memory_zeroed(snapshot->namespace_count, sizeof *diagnosis->namespaces);
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		struct capacity_query query = { .kind = CAPACITY_CONNECT, .netns = i };
		struct namespace_view *view = &diagnosis->namespaces[i];

		view->map = port_map_new(snapshot, i, NULL);
		view->anywhere = capacity_of_holdings(view->map, &query, NULL, 0);
	}
	for (size_t i = 0; i < snapshot->holding_count; i++)
		count_in_namespace(diagnosis, &snapshot->holdings[i],
				   &counts[snapshot->holdings[i].key.netns]);
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		finish_namespace(&diagnosis->namespaces[i], &counts[i]);
	free(counts);
}

void usage_collect(struct diagnosis *diagnosis)
{
	collect_namespaces(diagnosis);
	collect_destinations(diagnosis);
	collect_pools(diagnosis);
}

void usage_free_maps(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		port_map_free(diagnosis->namespaces[i].map);
		diagnosis->namespaces[i].map = NULL;
	}
}

void usage_free(struct diagnosis *diagnosis)
{
	usage_free_maps(diagnosis);
	for (size_t i = 0; i < diagnosis->snapshot->namespace_count; i++)
		free(diagnosis->namespaces[i].shares);
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		free(diagnosis->destinations[i].shares);
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		free(diagnosis->pools[i].shares);
		free(diagnosis->pools[i].drawing);
	}
	free(diagnosis->namespaces);
	free(diagnosis->destinations);
	free(diagnosis->by_target);
	free(diagnosis->pools);
}
