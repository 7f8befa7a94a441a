#include "source/linux/process/descriptors.h"

#include "base/arena.h"

#include <stdlib.h>
#include <unistd.h>

/*
 * Open addressing, at most half full, a place of 24 bytes for each socket that is open: machines have
 * hundreds of thousands.
 */

/* Fibonacci hashing: inodes come in sequence, addresses at equal distances. */
static size_t first_place(size_t size, uint64_t key)
{
	return (key * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (size - 1);
}

static size_t place_of(const struct descriptor *sockets, size_t size, uint64_t key)
{
	size_t at = first_place(size, key);

	while (sockets[at].key && sockets[at].key != key)
		at = (at + 1) & (size - 1);
	return at;
}

void descriptors_reserve(struct descriptors *table, size_t sockets)
{
	size_t size = table->size ? table->size : 64;
	struct descriptor *larger;

	while (size < 2 * sockets)
		size *= 2;
	if (size == table->size)
		return;
	larger = memory_zeroed(size, sizeof *larger);
	for (size_t i = 0; i < table->size; i++)
		if (table->sockets[i].key)
			larger[place_of(larger, size, table->sockets[i].key)] =
				table->sockets[i];
	free(table->sockets);
	table->sockets = larger;
	table->size = size;
}

void descriptors_add(struct descriptors *table, const struct descriptor *descriptor)
{
	struct descriptor *place;
	bool shared;

	descriptors_reserve(table, table->count + 1);
	place = &table->sockets[place_of(table->sockets, table->size, descriptor->key)];
	shared = place->key && (place->shared || place->process != descriptor->process);
	if (!place->key || descriptor->process < place->process) {
		table->count += !place->key;
		*place = *descriptor;
	}
	place->shared = shared;
}

struct descriptor *descriptors_find(const struct descriptors *table, uint64_t key)
{
	struct descriptor *place;

	if (!key || !table->size)
		return NULL;
	place = &table->sockets[place_of(table->sockets, table->size, key)];
	return place->key ? place : NULL;
}

int64_t descriptors_unseen_tcp(const struct descriptors *table)
{
	int64_t unseen = 0;

	for (size_t i = 0; i < table->size; i++) {
		const struct descriptor *held = &table->sockets[i];

		unseen += held->key && !held->seen && !held->not_tcp;
	}
	return unseen;
}

void descriptors_prefetch(const struct descriptors *table, uint64_t key)
{
	if (table->size)
		__builtin_prefetch(&table->sockets[first_place(table->size, key)]);
}

void descriptors_free(struct descriptors *table)
{
	free(table->processes);
	free(table->sockets);
	free(table->namespaces);
	free(table->bound);
	*table = (struct descriptors){ 0 };
}

/* Linux fs/proc/array.c, do_task_stat(): nsec_to_clock_t(). */
uint64_t descriptors_ticks(uint64_t start_ns)
{
	return start_ns / (UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK));
}
