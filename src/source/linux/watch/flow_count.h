#pragma once

#include "source/linux/watch/ledger.h"

/*
 * Counts the ledger's entries by what they have in common: namespace, both addresses, the remote port,
 * who called connect().
 */
struct flow_count {
	struct ledger_entry like; /* its own counts and cookie mean nothing */
	uint64_t opens, failed;	  /* failed: found no port */
};

struct flow_counts {
	struct flow_count
		*places; /* open addressing, at most half full; .opens + .failed 0: empty */
	size_t size, count;
};

/* `turned`: it was counted, and has turned out otherwise. */
void flow_counts_add(struct flow_counts *counts, const struct ledger_entry *entry,
		     bool turned);
void flow_counts_free(struct flow_counts *counts);
