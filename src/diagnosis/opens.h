#pragma once

#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * Connections opened a second between two looks, of the network namespaces that both of them saw: these come and go,
 * and their counters with them.
 */
struct opens {
	struct opens_of {
		uint64_t inode;
		int64_t opens;
	} * before; /* the look before */
	size_t count;
	int64_t at_ms; /* its time by a clock that does not jump */
};

/* Since the look before; below 0: there was none, or it saw none of these namespaces. */
double opens_rate(struct opens *opens, const struct snapshot *snapshot, int64_t at_ms);

void opens_free(struct opens *opens);
