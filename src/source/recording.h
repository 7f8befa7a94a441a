#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct ending;

/*
 * What programs ask of their sockets, gathered by the system itself into a file, for whoever wants to look at it elsewhere: an
 * event trace of Windows (.etl), which artefact/etl reads. Of more than fits the latest is kept.
 */
struct recording;

/* Whether this system has such a thing. */
bool recording_is_possible(void);

enum { RECORDING_LEAST_MIB = 16, RECORDING_MOST_MIB = 4096 };

/* Into a new file. NULL with a sentence. */
struct recording *recording_start(const char *path, unsigned most_mib, struct error *error);

/* Waits so long, or until `ending` is asked for. -1 with a sentence: it has ended by itself. */
int recording_wait(struct recording *recording, int timeout_ms, const struct ending *ending,
		   struct error *error);

struct recording_sum {
	uint64_t bytes; /* of the file */
	uint64_t lost;	/* events that the system had no room for */
};

/* Ends it and frees it; the file is whole then. -1 with a sentence: there is nothing in it. */
int recording_stop(struct recording *recording, struct recording_sum *sum,
		   struct error *error);
