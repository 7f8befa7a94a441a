#include "source/linux/watch/flow_count.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

static bool is_empty(const struct flow_count *place)
{
	return !place->opens && !place->failed;
}

static bool is_like(const struct ledger_entry *a, const struct ledger_entry *b)
{
	return a->process == b->process && a->began == b->began && a->netns == b->netns &&
	       a->remote_port == b->remote_port && !((a->flags ^ b->flags) & LEDGER_IPV6) &&
	       !memcmp(a->local, b->local, sizeof a->local) &&
	       !memcmp(a->remote, b->remote, sizeof a->remote);
}

static uint64_t hash_of(const struct ledger_entry *entry)
{
	uint64_t words[6] = { (uint64_t)entry->process << 32 | entry->began,
			      (uint64_t)entry->netns << 32 | entry->remote_port };
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

	memcpy(words + 2, entry->local, sizeof entry->local);
	memcpy(words + 4, entry->remote, sizeof entry->remote);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		hash = (hash ^ words[i]) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	return hash;
}

static struct flow_count *place_of(const struct flow_counts *counts,
				   const struct ledger_entry *entry)
{
	size_t at = hash_of(entry) & (counts->size - 1);

	while (!is_empty(&counts->places[at]) && !is_like(&counts->places[at].like, entry))
		at = (at + 1) & (counts->size - 1);
	return &counts->places[at];
}

static void grow(struct flow_counts *counts)
{
	struct flow_counts larger = { .count = counts->count };

	larger.size = counts->size ? 2 * counts->size : 64;
	larger.places = memory_zeroed(larger.size, sizeof *larger.places);
	for (size_t i = 0; i < counts->size; i++)
		if (!is_empty(&counts->places[i]))
			*place_of(&larger, &counts->places[i].like) = counts->places[i];
	free(counts->places);
	*counts = larger;
}

void flow_counts_add(struct flow_counts *counts, const struct ledger_entry *entry, bool turned)
{
	bool failed = entry->flags & LEDGER_NO_PORT;
	struct flow_count *place;

	if (2 * counts->count >= counts->size)
		grow(counts);
	place = place_of(counts, entry);
	if (is_empty(place)) {
		place->like = *entry;
		counts->count++;
	}
	place->failed += failed;
	place->opens += !failed;
	if (turned && failed && place->opens)
		place->opens--;
	else if (turned && !failed && place->failed)
		place->failed--;
}

void flow_counts_free(struct flow_counts *counts)
{
	free(counts->places);
	*counts = (struct flow_counts){ 0 };
}
