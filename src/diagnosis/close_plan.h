#pragma once

#include "diagnosis/diagnosis.h"

/*
 * What closing some sockets from outside, or ending those who have them, would give back, before it is done.
 */
enum { CLOSE_PLAN_ROOMS = 5 };

struct close_room {
	struct capacity_query query;
	struct capacity before, after;
	unsigned closed; /* of the sockets towards it; with processes ended: theirs */
};

struct close_plan {
	struct port_set *closed; /* by holding of the snapshot */
	bool *ended;		 /* by process of the snapshot */
	bool ends;		 /* any */
	bool shared;		 /* others have some of their sockets, too: these stay */
	struct close_room rooms
		[CLOSE_PLAN_ROOMS]; /* those that most sockets are closed towards, first */
	size_t room_count;
};

/* Empty; the diagnosis must outlive it. */
void close_plan_begin(struct close_plan *plan, const struct diagnosis *diagnosis);

/* One more socket is to be closed. False: the snapshot has none like it, and it does not count. */
bool close_plan_add(struct close_plan *plan, const struct diagnosis *diagnosis, uint32_t netns,
		    const struct socket_record *record);

/* The process ends, and its sockets with it. False: it is not in the snapshot. */
bool close_plan_end(struct close_plan *plan, const struct diagnosis *diagnosis, int32_t pid,
		    uint64_t start_ticks);

/*
 * When all are there. Of a process that ends, the room has two bounds: what the process closes first rests in TIME_WAIT
 * for a minute, or is reset and gone at once where something was not read (RFC 9293, 3.6.1; Linux net/ipv4/tcp.c,
 * __tcp_close()).
 */
void close_plan_model(struct close_plan *plan, struct diagnosis *diagnosis);

void close_plan_free(struct close_plan *plan, const struct diagnosis *diagnosis);
