#include "diagnosis/usage.h"

#include "diagnosis/diagnosis.h"

#include <stdlib.h>
#include <string.h>

int usage_compare_targets(const struct destination *a, const struct destination *b)
{
	int difference;

	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	difference = memcmp(&a->source, &b->source, sizeof a->source);
	if (!difference)
		difference = memcmp(&a->destination, &b->destination, sizeof a->destination);
	if (!difference)
		difference = (int)a->port - (int)b->port;
	return difference ? difference : (a->device > b->device) - (a->device < b->device);
}

static int by_target(const void *a, const void *b)
{
	return usage_compare_targets(*(const struct destination *const *)a,
				     *(const struct destination *const *)b);
}

void usage_index(struct diagnosis *diagnosis)
{
	size_t count = diagnosis->destination_count;

	diagnosis->by_target = memory_zeroed(count, sizeof *diagnosis->by_target);
	for (size_t i = 0; i < count; i++)
		diagnosis->by_target[i] = &diagnosis->destinations[i];
	if (count)
		qsort(diagnosis->by_target, count, sizeof *diagnosis->by_target, by_target);
}

struct destination *usage_find(const struct diagnosis *diagnosis,
			       const struct destination *like)
{
	struct destination **found =
		diagnosis->destination_count ?
			bsearch(&like, diagnosis->by_target, diagnosis->destination_count,
				sizeof *diagnosis->by_target, by_target) :
			NULL;

	return found ? *found : NULL;
}

uint32_t usage_netns_before(const struct diagnosis *diagnosis, uint32_t netns)
{
	if (!diagnosis->before)
		return UINT32_MAX;
	return snapshot_find_netns(diagnosis->before->snapshot,
				   diagnosis->snapshot->namespaces[netns].inode);
}

const struct destination *usage_find_before(const struct diagnosis *diagnosis,
					    const struct destination *destination)
{
	struct destination like = *destination;

	like.netns = usage_netns_before(diagnosis, destination->netns);
	return like.netns == UINT32_MAX ? NULL : usage_find(diagnosis->before, &like);
}

const struct pool *usage_find_pool_before(const struct diagnosis *diagnosis,
					  const struct pool *pool)
{
	uint32_t netns = usage_netns_before(diagnosis, pool->netns);

	for (size_t i = 0; netns != UINT32_MAX && i < diagnosis->before->pool_count; i++) {
		const struct pool *each = &diagnosis->before->pools[i];

		if (each->netns == netns && each->kind == pool->kind &&
		    address_equal(&each->source, &pool->source))
			return each;
	}
	return NULL;
}
