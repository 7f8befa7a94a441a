#include "source/artefact/etl/tally.h"

#include "base/arena.h"
#include "snapshot/evidence.h"
#include "source/artefact/etl/event.h"
#include "source/artefact/etl/providers.h"
#include "source/artefact/etl/record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct tally_identity {
	struct tally_key {
		uint8_t provider[GUID_SIZE];
		uint32_t id;
	} key;
	uint64_t count;
};

void tally_record(struct tally *tally, const struct etl_record *record)
{
	tally->records[record->type]++;
}

void tally_extended(struct tally *tally, const struct etw_extended *extended)
{
	for (unsigned i = 0; i < extended->count; i++)
		if (extended->types[i] < TALLY_EXTENDED)
			tally->extended[extended->types[i]]++;
		else
			tally->other_extended++;
}

/* There are few kinds, and millions of events: mostly the first look finds it. */
static uint16_t *recent_of(struct tally *tally, const uint8_t *provider, uint32_t id)
{
	return &tally->recent[(provider[0] + id) % TALLY_RECENT];
}

static bool is_at(const struct tally *tally, size_t at, const uint8_t *provider, uint32_t id)
{
	const struct tally_key *key;

	if (at >= tally->count)
		return false;
	key = &tally->identities[at].key;
	return key->id == id && !memcmp(key->provider, provider, GUID_SIZE);
}

void tally_event(struct tally *tally, const uint8_t *provider, uint32_t id)
{
	const struct indexed items = { tally->identities, tally->count,
				       sizeof *tally->identities, sizeof(struct tally_key) };
	uint16_t *recent = recent_of(tally, provider, id);
	struct tally_key key = { .id = id };
	size_t at;

	if (is_at(tally, *recent, provider, id)) {
		tally->identities[*recent].count++;
		return;
	}
	memcpy(key.provider, provider, GUID_SIZE);
	at = tally->count < TALLY_IDENTITIES ? index_find_or_add(&tally->index, &items, &key) :
					       index_find(&tally->index, &items, &key);
	if (at == tally->count) {
		if (tally->count == TALLY_IDENTITIES) {
			tally->others++;
			return;
		}
		array_reserve(tally->identities, tally->count, tally->capacity);
		tally->identities[tally->count++] = (struct tally_identity){ .key = key };
	}
	tally->identities[at].count++;
	*recent = (uint16_t)at;
}

/* ---- the sum ---- */

static void keep(const uint64_t *counts, unsigned kinds, struct arena *arena,
		 struct traced_counts *kept)
{
	kept->items = arena_alloc(arena, kinds * sizeof *kept->items);
	for (unsigned i = 0; i < kinds; i++)
		if (counts[i])
			kept->items[kept->count++] =
				(struct traced_count){ .id = i, .count = counts[i] };
}

static int by_provider(const void *a, const void *b)
{
	const struct traced_count *left = a, *right = b;
	int order = strcmp(left->provider, right->provider);

	if (order)
		return order;
	return left->id < right->id ? -1 : left->id > right->id;
}

static void keep_identities(const struct tally *tally, struct arena *arena,
			    struct traced_counts *kept)
{
	char text[GUID_TEXT_SIZE];

	kept->items = arena_alloc(arena, tally->count * sizeof *kept->items);
	kept->count = tally->count;
	kept->others = tally->others;
	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_identity *each = &tally->identities[i];
		const char *name = provider_name(text, each->key.provider);

		kept->items[i] = (struct traced_count){
			.provider = name == text ? arena_copy(arena, text) : name,
			.id = each->key.id,
			.count = each->count,
		};
	}
	if (kept->count)
		qsort(kept->items, kept->count, sizeof *kept->items, by_provider);
}

void tally_finish(struct tally *tally, struct arena *arena, struct traced_trace *trace)
{
	keep(tally->records, 256, arena, &trace->records);
	keep(tally->extended, TALLY_EXTENDED, arena, &trace->extended);
	trace->extended.others = tally->other_extended;
	keep_identities(tally, arena, &trace->identities);
	index_free(&tally->index);
	free(tally->identities);
}
