#pragma once

#include "diagnosis/diagnosis.h"

/*
 * What closing some sockets from outside would give back, before it is done.
 */
enum { CLOSE_PLAN_ROOMS = 5 };

struct close_room {
	struct capacity_query query;
	struct capacity before, after;
	unsigned closed; /* of the sockets towards it */
};

struct close_plan {
	struct port_set *closed; /* by holding of the snapshot */
	struct close_room rooms[CLOSE_PLAN_ROOMS]; /* those that most sockets are closed towards, first */
	size_t room_count;
};

/* Empty; the diagnosis must outlive it. */
void close_plan_begin(struct close_plan *plan, const struct diagnosis *diagnosis);

/* One more socket is to be closed. False: the snapshot has none like it, and it does not count. */
bool close_plan_add(struct close_plan *plan, const struct diagnosis *diagnosis, uint32_t netns,
		    const struct socket_record *record);

/* When all are there. */
void close_plan_model(struct close_plan *plan, struct diagnosis *diagnosis);

void close_plan_free(struct close_plan *plan, const struct diagnosis *diagnosis);
