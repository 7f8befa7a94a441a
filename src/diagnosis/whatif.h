#pragma once

#include "diagnosis/diagnosis.h"

/*
 * What a change would bring, before it is made: by the same capacity model that remedies ask.
 */
struct whatif {
	struct port_range range;	/* first 0: as now */
	const struct port_set *reserve; /* these too; NULL: as now */
	enum reuse_change tw_reuse;
	int tw_reuse_delay_ms; /* -1: as now */
	unsigned sources;      /* so many source addresses instead of one; 0 or 1: as now */
	unsigned pool; /* so many connections are kept open, and no others made; 0: as now */
	bool no_bind_first;
	bool ends; /* this process ends: and its unit with it, where a service manager runs it */
	uint32_t process;
	double rate; /* connections opened a second and closed from this side; below 0: as now */
};

/* Of one destination, or of a pool that bind() or UDP draws from: there only the room is told. */
struct whatif_answer {
	struct capacity_query query;
	const struct destination *destination; /* NULL: nobody is connected there */
	struct capacity before, after;
	/* Connections a second, closed from this side, that can go on for ever; below 0: any number,
	 * because none is closed, or it is not known. */
	double sustainable_before, sustainable_after;
	/* At the rate, until no port is left; -1: never, or it is not known. */
	int64_t full_before_s, full_after_s;
	double rate;	/* that these are for; below 0: none is known */
	bool rests;	/* what the process had open rests for a minute first */
	bool pool_fits; /* there are ports for so many connections */
	bool timestamps_needed; /* what is promised depends on timestamps of the peer, which cannot be seen */
};

/* The destination of the query, and how it would be. */
struct whatif_answer whatif_ask(struct diagnosis *diagnosis, const struct whatif *change,
				const struct capacity_query *query);
