#include "diagnosis/shares.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Most destinations have a few users, and a machine with a hundred thousand of them is not searched for each. */
enum { FEW = 16 };

static_assert(offsetof(struct share, ports) == 4 * sizeof(uint32_t),
	      "what tells shares apart comes first, without padding");

static size_t find_one(struct share_count *counting, const struct share *key)
{
	const size_t key_size = offsetof(struct share, ports);
	const struct indexed shares = { counting->shares, counting->count,
					sizeof *counting->shares, key_size };
	size_t at = 0;

	if (counting->count >= FEW)
		return index_find_or_add(&counting->index, &shares, key);
	while (at < counting->count && memcmp(&counting->shares[at], key, key_size) != 0)
		at++;
	return at;
}

static size_t find_or_add(struct share_count *counting, const struct holding_key *holding)
{
	const struct share key = {
		.state = holding->state,
		.owner_kind = holding->owner_kind,
		.process = holding->owner,
		.user = holding->user,
	};
	size_t at = find_one(counting, &key);

	if (at < counting->count)
		return at;
	if (counting->count == counting->capacity) {
		counting->capacity = counting->capacity ? 2 * counting->capacity : 4;
		counting->shares = memory_resize(counting->shares, counting->capacity,
						 sizeof *counting->shares);
		counting->sets = memory_resize(counting->sets, counting->capacity,
					       sizeof *counting->sets);
	}
	counting->shares[at] = key;
	counting->sets[at] = (struct port_set){ 0 };
	return counting->count++;
}

void shares_add(struct share_count *counting, const struct port_map *map,
		const struct holding *holding, bool bind_owned)
{
	size_t at = find_or_add(counting, &holding->key);

	port_map_select(map, holding, bind_owned, &counting->sets[at]);
}

/* The share of nobody in TIME_WAIT; counting->count: there is none. */
static size_t find_resting(const struct share_count *counting)
{
	size_t at = 0;

	while (at < counting->count && (counting->shares[at].state != SOCKET_TIME_WAIT ||
					counting->shares[at].owner_kind != OWNER_NOBODY))
		at++;
	return at;
}

void shares_assign(struct share_count *counting, enum owner_kind kind, uint32_t process,
		   const struct port_set *ports)
{
	struct holding_key maker = { .state = SOCKET_TIME_WAIT,
				     .owner_kind = (uint8_t)kind,
				     .owner = process };
	size_t from = find_resting(counting), to;

	if (from == counting->count)
		return;
	to = find_or_add(counting, &maker);
	port_set_each(port, ports)
		if (port_set_remove(&counting->sets[from], (uint16_t)port))
			port_set_add(&counting->sets[to], (uint16_t)port);
}

void shares_infer(struct share_count *counting, uint32_t process)
{
	size_t from = find_resting(counting);
	struct port_set all = { 0 };

	if (from == counting->count)
		return;
	port_set_add_all(&all, &counting->sets[from]);
	shares_assign(counting, OWNER_INFERRED, process, &all);
	port_set_free(&all);
}

static int by_ports(const void *a, const void *b)
{
	const struct share *left = a, *right = b;

	if (left->ports != right->ports)
		return left->ports < right->ports ? 1 : -1;
	if (left->owner_kind != right->owner_kind)
		return (int)left->owner_kind - (int)right->owner_kind;
	if (left->process != right->process)
		return left->process < right->process ? -1 : 1;
	return (int)left->state - (int)right->state;
}

struct share *shares_finish(struct share_count *counting, size_t *count)
{
	struct share *shares = counting->shares;

	*count = 0;
	for (size_t i = 0; i < counting->count; i++) {
		struct share share = shares[i];

		share.ports = counting->sets[i].count;
		port_set_free(&counting->sets[i]);
		if (share.ports)
			shares[(*count)++] = share;
	}
	free(counting->sets);
	index_free(&counting->index);
	if (*count)
		qsort(shares, *count, sizeof *shares, by_ports);
	*counting = (struct share_count){ 0 };
	return shares;
}

void shares_compare(struct share *shares, size_t count, const struct share *before,
		    size_t before_count, const uint32_t *process_now)
{
	for (size_t i = 0; i < count; i++) {
		struct share *share = &shares[i];

		if (share->owner_kind != OWNER_PROCESS)
			continue;
		share->compared = true;
		share->growth = (int)share->ports;
		for (size_t j = 0; j < before_count; j++)
			if (before[j].owner_kind == OWNER_PROCESS &&
			    before[j].state == share->state &&
			    process_now[before[j].process] == share->process)
				share->growth -= (int)before[j].ports;
	}
}
