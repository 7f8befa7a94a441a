#include "diagnosis/shares.h"

#include <stdlib.h>

static size_t find_or_add(struct share_count *counting, const struct holding_key *key)
{
	for (size_t i = 0; i < counting->count; i++) {
		const struct share *share = &counting->shares[i];

		if (share->state == key->state && share->owner_kind == key->owner_kind &&
		    share->process == key->owner && share->user == key->user)
			return i;
	}
	if (counting->count == counting->capacity) {
		counting->capacity = counting->capacity ? 2 * counting->capacity : 4;
		counting->shares = memory_resize(counting->shares, counting->capacity,
						 sizeof *counting->shares);
		counting->sets = memory_resize(counting->sets, counting->capacity,
					       sizeof *counting->sets);
	}
	counting->shares[counting->count] = (struct share){
		.state = key->state,
		.owner_kind = key->owner_kind,
		.process = key->owner,
		.user = key->user,
	};
	counting->sets[counting->count] = (struct port_set){ 0 };
	return counting->count++;
}

void shares_add(struct share_count *counting, const struct port_map *map,
		const struct holding *holding, bool bind_owned)
{
	size_t at = find_or_add(counting, &holding->key);

	port_map_select(map, &holding->ports, bind_owned, &counting->sets[at]);
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
	if (*count)
		qsort(shares, *count, sizeof *shares, by_ports);
	*counting = (struct share_count){ 0 };
	return shares;
}
