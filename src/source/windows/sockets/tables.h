#pragma once

#include "source/windows/rows.h"

#include <stdbool.h>
#include <stdint.h>

struct snapshot;
struct tables_route;

/*
 * The documented tables of sockets: of TCP and UDP, over IPv4 and IPv6, each with the process that has it.
 */
struct tables_read {
	bool tcp, udp; /* over one of the families at least */
	bool whole;    /* nothing of it is missing: every table came, with all of its rows */
	bool entire[PROTOCOL_COUNT][2]; /* that table came with all of its rows; [1]: IPv6 */
	uint64_t ownerless; /* rows that somebody has, and the tables do not say who */
};

/*
 * Adds their rows. Each table is told as a source of the snapshot, with its time; what did not come is a gap. `with_times`:
 * rows have the time when they were made, where Windows tells it.
 */
struct tables_read tables_read(const struct tables_route *route, bool with_times,
			       struct rows *rows, struct snapshot *snapshot);
