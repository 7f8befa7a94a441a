#pragma once

#include "base/index.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct etl_record;
struct etw_extended;
struct traced_trace;

/*
 * How often what was met in a trace: records by type, extended items by type, events by provider and id.
 */
enum { TALLY_EXTENDED = 32, TALLY_IDENTITIES = 4096, TALLY_RECENT = 256 };

struct tally {
	uint64_t records[256];
	uint64_t extended[TALLY_EXTENDED], other_extended;
	struct index index;
	struct tally_identity *identities;
	size_t count, capacity;
	uint16_t recent[TALLY_RECENT]; /* where such an event was found last */
	uint64_t others;
};

void tally_record(struct tally *tally, const struct etl_record *record);
void tally_extended(struct tally *tally, const struct etw_extended *extended);
void tally_event(struct tally *tally, const uint8_t *provider, uint32_t id);

/* Into trace->records, ->extended and ->identities, and frees the rest. */
void tally_finish(struct tally *tally, struct arena *arena, struct traced_trace *trace);
