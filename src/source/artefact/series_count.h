#pragma once

#include "base/index.h"
#include "snapshot/evidence.h"

#include <stddef.h>
#include <stdint.h>

struct dossier_table;

/*
 * What one listing of a series has: its ports, and the processes that hold most of them. The memory is used again for the next
 * listing; rows of each process are added up over all.
 */
enum { SERIES_SHARES = 32, SERIES_WORDS = PORT_SET_WORDS };

struct series_pid {
	int32_t pid;
	uint32_t listing; /* whose counts `share` has */
	struct series_share share;
	const char *name;
	uint64_t rows; /* of all listings */
};

struct series_count {
	uint64_t listened[PROTOCOL_COUNT][SERIES_WORDS], used[PROTOCOL_COUNT][2][SERIES_WORDS];
	uint32_t listing;
	struct index index;
	struct series_pid *pids;
	size_t pid_count, pid_capacity;
	uint32_t *met; /* those of this listing */
	size_t met_count, met_capacity;
	uint64_t *seen; /* open addressing */
	size_t seen_size;
	struct series_share shares[SERIES_SHARES]; /* of the latest */
};

/* Fills in the counts, sets of ports and shares of the point; these are the count's own, until the next. */
void series_count(struct series_count *count, const struct dossier_table *table,
		  struct series_point *point);

void series_count_free(struct series_count *count);
