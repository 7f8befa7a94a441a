#pragma once

#include "source/artefact/etl/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eprocesses;
struct etw_event;
struct traced_failure;

/*
 * Calls that failed, as they are gathered from a trace whose events are not in the order of time, until they can be told in
 * that order.
 */
struct failed_call {
	struct etw_call call;
	int64_t time;
	uint32_t thread, header_pid;
	uint32_t order;			   /* in which it came */
	bool told;			   /* by another event: it is not told again */
	int64_t came;			   /* live: when it was taken, of the reader's clock */
	int64_t local_since, remote_since; /* of what is paired with it, the time */
};

/* More are not kept at once. They are what memory is taken for: some 16 MiB if all are. */
enum { FAILED_MOST = 1 << 17, FAILED_MARKS = 1 << 16 };

struct failed {
	struct failed_call *items;
	size_t count, capacity;
	uint32_t came;
	uint64_t marks[FAILED_MARKS /
		       64]; /* a bit for each endpoint that there is, shared by some */
};

/* There must be less than FAILED_MOST. */
void failed_add(struct failed *failed, const struct etw_event *event,
		const struct etw_call *call);

/* The calls wait by endpoint and time, as failed_pair() needs it; or by time alone. */
void failed_by_endpoint(struct failed *failed);
void failed_by_time(struct failed *failed);

/* Whether it is worth to read an event of that endpoint. */
bool failed_may_pair(const struct failed *failed, uint64_t endpoint);

/* What another event of the socket tells of a call that it came before: addresses, protocol, process. Events in any order. */
void failed_pair(struct failed *failed, const struct etw_event *event,
		 const struct etw_call *call);

/* What was told of a socket when it was made holds for all of its calls. Still by endpoint. */
void failed_spread(struct failed *failed);

/* AFD and TCP/IP may both have told the same: it becomes one, with what either knew. By time. `close` is how far apart they
 * may be, of the raw clock. */
void failed_join(struct failed *failed, size_t count, int64_t close);

/* Who made the call, by what `processes` have learned; 0: not known. */
uint32_t failed_pid(const struct failed_call *failed, const struct eprocesses *processes);

/* As the snapshot has it, but for who made it. */
struct traced_failure failed_as_traced(const struct failed_call *failed);

/* The first so many are done with. */
void failed_drop(struct failed *failed, size_t count);

void failed_free(struct failed *failed);
