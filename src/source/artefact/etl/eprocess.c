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
	const struct indexed items = indexed_of(all);
	size_t at = all->count < MOST ? index_find_or_add(&all->index, &items, &process) :
					index_find(&all->index, &items, &process);

	if (at == all->count) {
		if (all->count == MOST)
			return NULL;
		array_reserve(all->items, all->count, all->capacity);
		all->items[all->count++] = (struct eprocess){ .process = process };
	}
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

uint32_t eprocess_pid(const struct eprocesses *all, uint64_t process, int64_t time)
{
	const struct indexed items = indexed_of(all);
	size_t at = index_find(&all->index, &items, &process);
	const struct eprocess *item;
	unsigned best = 0;

	if (at == all->count)
		return 0;
	item = &all->items[at];
	for (unsigned i = 1; i < item->count; i++) {
		int64_t first = item->pids[i].first, so_far = item->pids[best].first;

		if (first <= time ? so_far > time || first > so_far :
				    so_far > time && first < so_far)
			best = i;
	}
	return item->pids[best].pid;
}

void eprocesses_free(struct eprocesses *all)
{
	index_free(&all->index);
	free(all->items);
	*all = (struct eprocesses){ 0 };
}
