#include "source/artefact/etl/eprocess.h"

#include "base/arena.h"

#include <stdlib.h>

/* Of one address the first few are enough: no trace is so long. */
enum { MOST = 1 << 16, MOST_OF_ONE = 8 };

struct eprocess {
	uint64_t process;
	unsigned count;
	struct {
		uint32_t pid;
		int64_t first;
	} pids[MOST_OF_ONE];
};

static struct indexed indexed_of(const struct eprocesses *all)
{
	return (struct indexed){ all->items, all->count, sizeof *all->items,
				 sizeof all->items->process };
}

static struct eprocess *find_or_add(struct eprocesses *all, uint64_t process)
{
	/* The structures lie at multiples of some hundred bytes. Each event of AFD asks. */
	uint32_t *recent = &all->recent[(process >> 6 ^ process >> 16) % EPROCESS_RECENT];
	const struct indexed items = indexed_of(all);
	size_t at;

	if (*recent < all->count && all->items[*recent].process == process)
		return &all->items[*recent];
	at = all->count < MOST ? index_find_or_add(&all->index, &items, &process) :
				 index_find(&all->index, &items, &process);
	if (at == all->count) {
		if (all->count == MOST)
			return NULL;
		array_reserve(all->items, all->count, all->capacity);
		all->items[all->count++] = (struct eprocess){ .process = process };
	}
	*recent = (uint32_t)at;
	return &all->items[at];
}

void eprocess_learn(struct eprocesses *all, uint64_t process, uint32_t pid, int64_t time)
{
	struct eprocess *item = process && pid ? find_or_add(all, process) : NULL;
	unsigned i = 0;

	if (!item)
		return;
	while (i < item->count && item->pids[i].pid != pid)
		i++;
	if (i == MOST_OF_ONE)
		return;
	if (i == item->count) {
		item->pids[i].pid = pid;
		item->pids[i].first = time;
		item->count++;
	} else if (time < item->pids[i].first) {
		item->pids[i].first = time;
	}
}

static const struct eprocess *find(const struct eprocesses *all, uint64_t process)
{
	const struct indexed items = indexed_of(all);
	size_t at = index_find(&all->index, &items, &process);

	return at < all->count ? &all->items[at] : NULL;
}

uint32_t eprocess_pid(const struct eprocesses *all, uint64_t process, int64_t time)
{
	const struct eprocess *item = find(all, process);
	int64_t latest = INT64_MIN;
	uint32_t pid = 0;

	for (unsigned i = 0; item && i < item->count; i++)
		if (item->pids[i].first <= time && (!pid || item->pids[i].first > latest)) {
			latest = item->pids[i].first;
			pid = item->pids[i].pid;
		}
	return pid;
}

uint32_t eprocess_first_pid(const struct eprocesses *all, uint64_t process)
{
	const struct eprocess *item = find(all, process);
	unsigned best = 0;

	for (unsigned i = 1; item && i < item->count; i++)
		if (item->pids[i].first < item->pids[best].first)
			best = i;
	return item ? item->pids[best].pid : 0;
}

void eprocesses_free(struct eprocesses *all)
{
	index_free(&all->index);
	free(all->items);
	*all = (struct eprocesses){ 0 };
}
