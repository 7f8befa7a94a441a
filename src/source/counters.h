#pragma once

#include "base/error.h"
#include "snapshot/snapshot.h"

#include <stddef.h>
#include <stdint.h>

struct source_request;

/*
 * Counters that the kernel keeps for each network namespace, by name, and nothing else of the machine: cheap enough for
 * every second.
 */
struct counter_column {
	const char
		*group; /* "TcpExt": of /proc/net/netstat; "nf_conntrack": of /proc/net/stat */
	const char *key;
};

/*
 * The snapshot gets the machine's name, the time, the namespaces in scope, and as gaps those that could not be entered.
 * `values` has `count` numbers for each of its namespaces, -1: not read; to be freed by the caller, whatever is
 * returned. -1 with a sentence if nothing could be read.
 */
int counters_read(const struct source_request *request, const struct counter_column *columns,
		  size_t count, struct snapshot *snapshot, int64_t **values,
		  struct error *error);
