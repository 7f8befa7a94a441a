#include "diagnosis/fullest.h"

static enum severity severity_of(const struct diagnosis *diagnosis,
				 const struct capacity *capacity)
{
	return capacity && capacity->known ? diagnosis_severity(diagnosis, capacity) :
					     SEVERITY_OK;
}

/* Of two that are as bad the first stays. */
static void take_worse(const struct diagnosis *diagnosis, struct fullest *fullest,
		       struct fullest other)
{
	enum severity severity = severity_of(diagnosis, other.capacity);

	if (severity >= SEVERITY_WARNING &&
	    severity > severity_of(diagnosis, fullest->capacity))
		*fullest = other;
}

/* Ports that are bound and lead nowhere have no destination to show how many there are: on Windows, where they are most of
 * what leaks, the pool with least room does before there is too little. */
static void take_pool(const struct diagnosis *diagnosis, struct fullest *fullest,
		      const struct pool *pool)
{
	const struct capacity *now = fullest->capacity, *other = &pool->capacity;

	if (!diagnosis->snapshot->windows || !other->known ||
	    other->room_max >= other->eligible)
		return;
	if (!now || (uint64_t)other->room_min * now->eligible <
			    (uint64_t)now->room_min * other->eligible)
		*fullest = (struct fullest){
			.capacity = other,
			.kind = pool->kind,
			.netns = pool->netns,
			.source = pool->kind == CAPACITY_BIND ? &pool->source : NULL,
			.shares = pool->shares,
			.share_count = pool->share_count,
		};
}

struct fullest fullest_of(const struct diagnosis *diagnosis)
{
	struct fullest fullest = { NULL };

	if (diagnosis->destination_count) {
		const struct destination *first = &diagnosis->destinations[0];

		fullest = (struct fullest){
			.capacity = &first->capacity,
			.kind = CAPACITY_CONNECT,
			.netns = first->netns,
			.source = &first->source,
			.destination = &first->destination,
			.port = first->port,
			.shares = first->shares,
			.share_count = first->share_count,
		};
	}
	for (size_t i = 0; !diagnosis->destination_count && i < diagnosis->pool_count; i++)
		take_pool(diagnosis, &fullest, &diagnosis->pools[i]);
	for (size_t i = 0; i < diagnosis->snapshot->namespace_count; i++)
		take_worse(diagnosis, &fullest,
			   (struct fullest){
				   .capacity = &diagnosis->namespaces[i].anywhere,
				   .kind = CAPACITY_CONNECT,
				   .netns = (uint32_t)i,
				   .shares = diagnosis->namespaces[i].shares,
				   .share_count = diagnosis->namespaces[i].share_count,
			   });
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		take_worse(
			diagnosis, &fullest,
			(struct fullest){
				.capacity = &pool->capacity,
				.kind = pool->kind,
				.netns = pool->netns,
				.source = pool->kind == CAPACITY_BIND ? &pool->source : NULL,
				.shares = pool->shares,
				.share_count = pool->share_count,
			});
	}
	return fullest;
}
