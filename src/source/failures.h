#pragma once

#include "base/error.h"
#include "snapshot/failure.h"

#include <stdbool.h>
#include <stdint.h>

struct ending;
struct source_request;

/*
 * Calls that fail for want of a port, seen while they fail. Each system has its own implementation.
 * Nothing stays behind in the system when the program ends, however it ends.
 */
struct failures_request {
	const struct source_request
		*where; /* its scope (SCOPE_REACHABLE: the whole machine), and
					       no_bpf */
	int32_t pid;	/* only this process; 0: any */
	bool cheap;	/* nothing that makes other calls of the machine slower */
	bool all; /* those, too, that fail for another reason: failures_sees_other_reasons() */
	const struct ending
		*ending; /* failures_poll() also returns when that was asked for; NULL */
};

struct failures;

/* NULL with a sentence where it cannot be had at all; failures_coverage() tells what is missing else. */
struct failures *failures_open(const struct failures_request *request, struct error *error);
void failures_close(struct failures *failures);

/* Whether this system can tell of calls that fail for another reason than want of a port. */
bool failures_sees_other_reasons(void);

/* Ends watching, as far as that makes what is under way come sooner: the next failures_poll() hands over all that has happened
 * until now. */
void failures_stop(struct failures *failures);

/* "bpf" or "perf"; of Windows "etw" */
const char *failures_source(const struct failures *failures);

/* Made anew, so that it is in the language of the moment; NULL: it is BPF, or the system has none. Valid until the next call. */
const char *failures_why_not_bpf(struct failures *failures);

const struct failure_coverage *failures_coverage(const struct failures *failures,
						 enum failure_kind kind);

/* Whether every system call of the machine takes longer for it, and by how many nanoseconds about: 0. */
unsigned failures_slows_calls_ns(const struct failures *failures);

/* Waits for the first failure, at most so long, and hands over all there are, oldest first, until `take`
 * returns false. What it is handed is valid until it returns. -1 with a sentence if watching broke off. */
int failures_poll(struct failures *failures, int timeout_ms,
		  bool (*take)(void *context, const struct failure *failure), void *context,
		  struct error *error);

/* Since the beginning. */
struct failures_counts {
	uint64_t told;	  /* handed over */
	uint64_t lost;	  /* happened, but the buffer had no room */
	uint64_t unclear; /* failed, but whether for want of a port could not be told */
	bool lost_are_events; /* what is lost are events of any kind, failures or not; then also: */
	uint64_t unread;      /* calls that were told in a form that is not known here */
};

struct failures_counts failures_counts(const struct failures *failures);
