#pragma once

struct diagnosis;
struct pool;

/*
 * Who uses how much: the destinations, pools and namespaces of a diagnosis, with their room and
 * the shares of their owners.
 */
void usage_collect(struct diagnosis *diagnosis);

/*
 * How many of the ports that bind() took from this TCP pool connect() could use if it had not.
 * Looks at all holdings.
 */
void usage_count_returning(const struct diagnosis *diagnosis, const struct pool *pool,
			   unsigned *least, unsigned *most);
