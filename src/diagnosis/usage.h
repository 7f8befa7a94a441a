#pragma once

#include <stdint.h>

struct destination;
struct diagnosis;
struct pool;

/*
 * Who uses how much: the destinations, pools and namespaces of a diagnosis, with their room and
 * the shares of their owners.
 */
void usage_collect(struct diagnosis *diagnosis);
void usage_free(struct diagnosis *diagnosis);

/* Gives back what is only needed to ask for more: 64 KiB a namespace. */
void usage_free_maps(struct diagnosis *diagnosis);

/* ---- finding one again: usage_find.c ---- */

int usage_compare_targets(const struct destination *a, const struct destination *b);

/* When all destinations are there. */
void usage_index(struct diagnosis *diagnosis);

/* That of the same namespace, source, destination, port and device; NULL if nobody is connected there. */
struct destination *usage_find(const struct diagnosis *diagnosis,
			       const struct destination *like);

/* The same at the first look of a sample; NULL: it was not there, or there was none. */
const struct destination *usage_find_before(const struct diagnosis *diagnosis,
					    const struct destination *destination);
const struct pool *usage_find_pool_before(const struct diagnosis *diagnosis,
					  const struct pool *pool);

/* The namespace's index at the first look; UINT32_MAX: it was not there. */
uint32_t usage_netns_before(const struct diagnosis *diagnosis, uint32_t netns);

/*
 * How many of the ports that bind() took from this TCP pool connect() could use if it had not.
 * Looks at all holdings.
 */
void usage_count_returning(const struct diagnosis *diagnosis, const struct pool *pool,
			   unsigned *least, unsigned *most);
