#pragma once

#include "snapshot/address.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * What happened on the machine while it was watched, just before the snapshot that has this: calls by
 * whom and whereto. Calls alike in all but their port are one flow.
 */
struct sample_flow {
	uint32_t netns; /* index into snapshot.namespaces */
	enum protocol protocol;
	struct address local,
		remote; /* FAMILY_NONE: the call has none, as bind() no remote one */
	uint16_t remote_port;
	int64_t process; /* index into snapshot.processes; -1: not known */

	uint64_t opens;	       /* connections that got a port */
	uint64_t failed_calls; /* calls that did not, if sample.failures_watched */
};

struct sample {
	double seconds; /* between the two looks; 0: there was only one, and no sample */
	struct snapshot *before; /* the first look; its own sample is empty */
	uint32_t *process_now;	 /* by index into before->processes: the same process here;
				  UINT32_MAX: it is not there */

	bool recorded; /* every TCP connect() was seen and is among the flows, but `lost` ones */
	bool complete; /* none that was opened meanwhile is missing in the ledger */
	uint64_t
		lost; /* connections that were opened and forgotten before they were counted */
	bool failures_watched; /* of TCP connect() at least */

	struct sample_flow *flows;
	size_t flow_count, flow_capacity;
};

/* The flow that is like this one but for its counts; it is made if there is none, with counts of 0. Valid
 * until the next. */
struct sample_flow *sample_flow_of(struct sample *sample, const struct sample_flow *like);

/* Ends what it owns, the first look included. */
void sample_free(struct sample *sample);
