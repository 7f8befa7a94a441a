#pragma once

#include <stdbool.h>
#include <stdint.h>

struct destination;
struct diagnosis;

/*
 * How fast connections to one destination are opened here and closed by this side first. Each closed one
 * leaves an entry in TIME_WAIT for exactly 60 s, so the entries are those of the last minute: one look
 * tells their average. A sample counts those that begin under its eyes. Where it is `at_least`,
 * entries went before their time.
 */
struct churn {
	unsigned entries; /* ports in TIME_WAIT */
	unsigned closes_per_s;
	bool measured; /* closes_per_s: by a sample */
	bool at_least; /* entries may have been reused, or not made for want of buckets or ports */
	unsigned
		rest_ms; /* how long connect() cannot have such a port: 60 s, or tcp_tw_reuse_delay */
	bool rest_uncertain; /* whether it can have it sooner depends on the peer's timestamps */
	unsigned sustainable_per_minute; /* more than that use up the ports */
};

struct churn churn_of(const struct diagnosis *diagnosis,
		      const struct destination *destination);

/* Connections a second where so many are closed in a minute: "435", "1.5" */
const char *churn_rate(struct diagnosis *diagnosis, unsigned per_minute);

/* "about 435 connections/s over the last minute: 435 x 60 = 26,100", or "at least ..."; after a sample "430
 * connections/s by pgbench, pid 812, measured over 5 s: ...". */
const char *churn_text(struct diagnosis *diagnosis, const struct destination *destination,
		       const struct churn *churn);
