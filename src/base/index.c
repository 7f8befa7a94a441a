#include "base/index.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/*
 * Open addressing: a slot is 0 where it is empty, and else the element's position plus one. At most
 * half of the slots are in use. Keys are hashed in eight-byte steps, because that is done once for
 * every socket of a machine.
 */

static uint64_t hash_key(const void *key, size_t size)
{
	const unsigned char *bytes = key;
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = 0;

		memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
		hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	return hash;
}

static const void *item_at(const struct indexed *array, size_t position)
{
	return (const unsigned char *)array->items + position * array->item_size;
}

static void grow(struct index *index, const struct indexed *array)
{
	size_t size = index->size ? 2 * index->size : 256;
	uint32_t *slots = memory_zeroed(size, sizeof *slots);

	for (size_t i = 0; i < array->count; i++) {
		size_t at = hash_key(item_at(array, i), array->key_size) & (size - 1);

		while (slots[at])
			at = (at + 1) & (size - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(index->slots);
	index->slots = slots;
	index->size = size;
}

/* The slot that has the key, or the empty one where it belongs. */
static uint32_t *find_slot(const struct index *index, const struct indexed *array,
			   const void *key)
{
	size_t at = hash_key(key, array->key_size) & (index->size - 1);

	while (index->slots[at] &&
	       memcmp(item_at(array, index->slots[at] - 1), key, array->key_size) != 0)
		at = (at + 1) & (index->size - 1);
	return &index->slots[at];
}

size_t index_find_or_add(struct index *index, const struct indexed *array, const void *key)
{
	uint32_t *slot;

	if (2 * array->count >= index->size)
		grow(index, array);
	slot = find_slot(index, array, key);
	if (*slot)
		return *slot - 1;
	*slot = (uint32_t)array->count + 1;
	return array->count;
}

size_t index_find(const struct index *index, const struct indexed *array, const void *key)
{
	const uint32_t *slot;

	if (!index->size)
		return array->count;
	slot = find_slot(index, array, key);
	return *slot ? *slot - 1 : array->count;
}

void index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){ 0 };
}
