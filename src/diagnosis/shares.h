#pragma once

#include "diagnosis/diagnosis.h"

/*
 * Who has how many ports, while it is being counted: a set of ports per owner and state, because
 * sockets may share a port and ports are what runs out.
 */
struct share_count {
	struct share *shares;
	struct port_set *sets; /* of the same index */
	size_t count, capacity;
};

/* Counts the holding's eligible ports; of these only the bind-owned ones if asked. */
void shares_add(struct share_count *counting, const struct port_map *map,
		const struct holding *holding, bool bind_owned);

/* Ends the counting: shares, most ports first, which the caller frees. */
struct share *shares_finish(struct share_count *counting, size_t *count);
