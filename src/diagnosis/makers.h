#pragma once

#include <stdint.h>

struct destination;
struct diagnosis;
struct pool;
struct share_count;

/*
 * Who made what rests in TIME_WAIT towards a destination, where the source did not tell: a connection that
 * a first look saw open was made by who had it open; what remains was likely made by the only process
 * that is connected there or was recorded to make more of it. With two of these nobody knows.
 */

/* Gives shares of nobody to their makers, before they are finished. */
void makers_settle(const struct diagnosis *diagnosis, const struct destination *destination,
		   struct share_count *counting);

/* The same for a pool that all destinations draw from: what the makers of each were found to have made. */
void makers_settle_pool(const struct diagnosis *diagnosis, const struct pool *pool,
			struct share_count *counting);

/* Whom to blame for TIME_WAIT towards the destination: whoever was recorded to make most of it, if all
 * that was recorded explains half of what is there or more; -1: nobody. */
int64_t makers_culprit(const struct diagnosis *diagnosis,
		       const struct destination *destination);

/* What is known of the makers, as part of a sentence: "likely made by ...". NULL: all are recorded, or there
 * is nothing to say. */
const char *makers_text(struct diagnosis *diagnosis, const struct destination *destination);
