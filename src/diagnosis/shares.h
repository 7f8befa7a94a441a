#pragma once

#include "base/index.h"
#include "diagnosis/diagnosis.h"

/*
 * Who has how many ports, while it is being counted: a set of ports per owner and state, because
 * sockets may share a port and ports are what runs out.
 */
struct share_count {
	struct share *shares;
	struct port_set *sets; /* of the same index */
	size_t count, capacity;
	struct index index; /* of shares, once there are more than a few */
};

/* Counts the holding's eligible ports; of these only the bind-owned ones if asked. */
void shares_add(struct share_count *counting, const struct port_map *map,
		const struct holding *holding, bool bind_owned);

/* Of what nobody has any more in TIME_WAIT, gives these ports to the process: recorded or inferred. */
void shares_assign(struct share_count *counting, enum owner_kind kind, uint32_t process,
		   const struct port_set *ports);

/* Gives all of that to the process that likely made it. */
void shares_infer(struct share_count *counting, uint32_t process);

/* Compares what processes have open with an earlier look, whose process `i` is process_now[i] here. */
void shares_compare(struct share *shares, size_t count, const struct share *before,
		    size_t before_count, const uint32_t *process_now);

/* Ends the counting: shares, most ports first, which the caller frees. */
struct share *shares_finish(struct share_count *counting, size_t *count);
