#include "diagnosis/in_use.h"

#include "base/arena.h"
#include "snapshot/dynamic_ports.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>

static bool draws(const struct holding *holding)
{
	return holding->key.state != SOCKET_LISTEN && !holding->key.inbound;
}

static void add_ports(struct port_set *set, const struct snapshot *snapshot,
		      const struct holding *holding)
{
	const struct port_set *listening =
		&snapshot->namespaces[holding->key.netns].listening[holding->key.protocol];

	port_set_each(port, &holding->ports) {
		if (!port_set_has(listening, (uint16_t)port))
			port_set_add(set, (uint16_t)port);
	}
}

/* ---- ranges ---- */

static uint32_t count_within(const struct port_set *set, const struct dynamic_ports *dynamic)
{
	uint32_t count =
		port_set_count_between(set, dynamic->range.first, dynamic->range.last);

	port_set_each(port, dynamic->reserved) {
		count -= port_range_contains(dynamic->range, (uint16_t)port) &&
			 port_set_has(set, (uint16_t)port);
	}
	return count;
}

static void count_pool(struct in_use_pool *pool, const struct snapshot *snapshot,
		       uint32_t netns)
{
	const struct netns *facts = &snapshot->namespaces[netns];
	const struct dynamic_ports dynamic =
		dynamic_ports_of(snapshot, netns, pool->protocol, pool->family);
	struct port_set set = { 0 };

	pool->range = dynamic.range;
	pool->used = -1;
	if (!port_range_known(dynamic.range))
		return;
	pool->size = port_range_size(dynamic.range) -
		     port_set_count_between(dynamic.reserved, dynamic.range.first,
					    dynamic.range.last);
	if (!(pool->protocol == PROTOCOL_TCP ? facts->tcp_read : facts->udp_read))
		return;
	snapshot_each_holding(holding, snapshot, netns)
		if (draws(holding) && holding->key.protocol == pool->protocol &&
		    holding->key.local.family == pool->family)
			add_ports(&set, snapshot, holding);
	pool->used = count_within(&set, &dynamic);
	port_set_free(&set);
}

/* ---- processes ---- */

static void count_state(struct in_use_process *item, const struct holding *holding)
{
	if (holding->key.state == SOCKET_ESTABLISHED)
		item->established += holding->sockets;
	if (holding->key.state == SOCKET_CLOSE_WAIT)
		item->close_wait += holding->sockets;
	if (holding->key.state == SOCKET_BOUND)
		item->bound += holding->sockets;
}

static int by_ports(const void *a, const void *b)
{
	const struct in_use_process *left = a, *right = b;

	if (left->ports != right->ports)
		return left->ports < right->ports ? 1 : -1;
	return left->process < right->process ? -1 : left->process > right->process;
}

static void count_processes(struct in_use *in_use, const struct snapshot *snapshot,
			    uint32_t netns)
{
	const size_t count = snapshot->process_count;
	struct in_use_process *items = memory_zeroed(count + 1, sizeof *items);
	struct port_set *sets = memory_zeroed(2 * count + 1, sizeof *sets);

	snapshot_each_holding(holding, snapshot, netns) {
		if (holding->key.owner_kind != OWNER_PROCESS || !draws(holding))
			continue;
		add_ports(&sets[2 * holding->key.owner + holding->key.protocol], snapshot,
			  holding);
		count_state(&items[holding->key.owner], holding);
	}
	for (size_t i = 0; i < count; i++) {
		items[i].process = (uint32_t)i;
		for (size_t protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
			items[i].ports += sets[2 * i + protocol].count;
			port_set_free(&sets[2 * i + protocol]);
		}
	}
	qsort(items, count, sizeof *items, by_ports);
	while (in_use->process_count < IN_USE_PROCESSES && in_use->process_count < count &&
	       items[in_use->process_count].ports) {
		in_use->processes[in_use->process_count] = items[in_use->process_count];
		in_use->process_count++;
	}
	free(sets);
	free(items);
}

void in_use_count(struct in_use *in_use, const struct snapshot *snapshot, uint32_t netns)
{
	*in_use = (struct in_use){ .process_count = 0 };
	for (int i = 0; i < IN_USE_POOLS; i++) {
		in_use->pools[i].protocol = i / 2;
		in_use->pools[i].family = i % 2 ? FAMILY_IPV6 : FAMILY_IPV4;
		count_pool(&in_use->pools[i], snapshot, netns);
	}
	count_processes(in_use, snapshot, netns);
}
