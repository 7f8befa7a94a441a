#pragma once

#include "base/arena.h"
#include "snapshot/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How it went on over the listings of a series: who grows, when the ports ran out, when they will. Pure: nothing here knows
 * what time it is.
 *
 * Growth is the median of the slopes between listings that are half the series apart (the incomplete method of H. Theil,
 * 1950): one listing that is odd does not move it, as it would a line of least squares, and a restart only ends the run
 * that is looked at. It is steady if nine of ten of these slopes go up.
 */
enum trend_clock {
	TREND_TIMES,	 /* each listing has its time */
	TREND_DISTANCES, /* only how much later than the first it was */
	TREND_ASSUMED, /* listings of one file without times: a minute apart, as the loop of Microsoft's article makes them */
	TREND_ORDER,   /* only the order; nothing that needs time is told */
};

enum { TREND_RESTARTS = 16, TREND_PROCESSES = 64, TREND_ASSUMED_MS = 60000 };

/* One process, through its restarts. */
struct trend_process {
	int64_t pid;		    /* the latest */
	const char *name;	    /* NULL: not told */
	uint32_t first, last, most; /* ports */
	bool grows;		    /* steadily, in its latest run, up to the end */
	double per_hour; /* ports, in that run; of a series without times for each listing */
	size_t restarts
		[TREND_RESTARTS]; /* points at which it was new, or had next to nothing */
	size_t restart_count;
};

/* One range of dynamic ports. */
struct trend_pool {
	enum protocol protocol;
	uint8_t family;
	uint32_t size; /* of the range, without what is excluded; 0: not known */
	bool assumed;  /* the range is Windows' default, as nobody has told another */
	uint32_t first, last, most; /* ports used */
	bool grows;
	double per_hour;
	int64_t full_in_s; /* from the last listing on; -1: it does not grow steadily, or has no time */
	size_t ran_out
		[TREND_RESTARTS]; /* points at which none was left, and before which some were */
	size_t ran_out_count;
	bool is_out; /* at the last */
};

struct trend {
	size_t point_count;  /* 0: there is no series */
	uint64_t listings;   /* there were; more than points where there were very many */
	uint32_t point_step; /* every so manieth of them is a point */
	enum trend_clock clock;
	int64_t *at_ms;				     /* of each point, since the first */
	struct trend_pool pools[PROTOCOL_COUNT * 2]; /* tcp IPv4, tcp IPv6, udp ... */
	const struct trend_pool
		*fullest; /* the one that ran out, or will first; NULL: no range is known */
	struct trend_process *processes; /* most ports first */
	size_t process_count;
	const struct trend_process *grower; /* who grows most of those that do; NULL: nobody */
	const struct series_total
		*leader; /* who has most rows in all listings; NULL: they have no pids */
	/* Two times at least the range ran out so long after the start of who had most of it; 0: not seen. */
	int64_t returns_after_ms;
	size_t returns;
	struct arena arena;
};

void trend_make(struct trend *trend, const struct snapshot *snapshot);
void trend_free(struct trend *trend);

/* Ports of the pool at that point. */
uint32_t trend_used(const struct snapshot *snapshot, const struct trend_pool *pool,
		    size_t point);
