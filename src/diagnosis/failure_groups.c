#include "diagnosis/failure_groups.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* A flood of short-lived processes makes a group each: what the table cannot hold is counted all the
 * same, as rest. */
enum { MOST_GROUPS = 4096, BUCKETS = 2 * MOST_GROUPS, FORGET_MS = 60000 };

struct entry {
	struct failure_group group;
	struct process process; /* what group.failure.process points to */
	struct entry *next;	/* in its bucket */
};

struct failure_groups {
	struct entry *buckets[BUCKETS];
	struct entry **sorted; /* scratch of a tick */
	size_t count;
	unsigned lines, lines_left;
	uint64_t rest; /* failures that have no group */
};

struct failure_groups *failure_groups_new(unsigned lines)
{
	struct failure_groups *groups = memory_zeroed(1, sizeof *groups);

	groups->lines = groups->lines_left = lines;
	groups->sorted = memory_zeroed(MOST_GROUPS, sizeof *groups->sorted);
	return groups;
}

static void free_entry(struct entry *entry)
{
	free((void *)entry->process.name);
	free((void *)entry->process.user_name);
	free((void *)entry->process.unit);
	free((void *)entry->process.container);
	free((void *)entry->group.failure.netns_name);
	free(entry);
}

void failure_groups_free(struct failure_groups *groups)
{
	if (!groups)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (groups->buckets[i]) {
			struct entry *entry = groups->buckets[i];

			groups->buckets[i] = entry->next;
			free_entry(entry);
		}
	free(groups->sorted);
	free(groups);
}

/* ---- which failures are alike ---- */

static uint64_t mix(uint64_t hash, uint64_t number)
{
	return (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t bucket_of(const struct failure *failure)
{
	uint64_t hash = mix((uint64_t)failure->process->pid, failure->process->start_ticks);
	uint64_t part[2];

	memcpy(part, failure->destination.bytes, sizeof part);
	hash = mix(hash, part[0]);
	hash = mix(hash, part[1]);
	hash = mix(hash, (uint64_t)failure->port << 8 | (uint64_t)failure->call);
	hash = mix(hash, failure->netns);
	return (size_t)(hash >> 32) % BUCKETS;
}

/* The name tells apart processes that have no number here. */
static bool is_same_process(const struct process *a, const struct process *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks &&
	       !strcmp(a->name ? a->name : "", b->name ? b->name : "");
}

static bool is_alike(const struct failure *a, const struct failure *b)
{
	return a->call == b->call && a->protocol_known == b->protocol_known &&
	       a->protocol == b->protocol && a->port == b->port && a->netns == b->netns &&
	       !strcmp(a->error, b->error) &&
	       address_equal(&a->destination, &b->destination) &&
	       is_same_process(a->process, b->process);
}

static struct entry *find(const struct failure_groups *groups, const struct failure *failure)
{
	struct entry *entry = groups->buckets[bucket_of(failure)];

	while (entry && !is_alike(&entry->group.failure, failure))
		entry = entry->next;
	return entry;
}

/* ---- counting ---- */

static char *copy(const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;

	return text ? memcpy(memory_zeroed(size, 1), text, size) : NULL;
}

static struct entry *add(struct failure_groups *groups, const struct failure *failure)
{
	struct entry *entry = memory_zeroed(1, sizeof *entry);
	size_t bucket = bucket_of(failure);
	const struct process *process = failure->process;

	entry->process = process_unread(process->pid);
	entry->process.start_ticks = process->start_ticks;
	entry->process.start_time = process->start_time;
	entry->process.name = copy(process->name);
	entry->process.user = process->user;
	entry->process.user_name = copy(process->user_name);
	entry->process.unit = copy(process->unit);
	entry->process.user_unit = process->user_unit;
	entry->process.container = copy(process->container);
	entry->group.failure = *failure;
	entry->group.failure.process = &entry->process;
	entry->group.failure.netns_name = copy(failure->netns_name);
	entry->next = groups->buckets[bucket];
	groups->buckets[bucket] = entry;
	groups->count++;
	return entry;
}

const struct failure_group *failure_groups_take(struct failure_groups *groups,
						const struct failure *failure)
{
	struct entry *entry = find(groups, failure);
	bool first = !entry;

	if (!entry && groups->count == MOST_GROUPS) {
		groups->rest++;
		return NULL;
	}
	if (!entry)
		entry = add(groups, failure);
	entry->group.failure.time_ms = failure->time_ms;
	entry->group.failure.source = failure->source;
	entry->group.failure.room = failure->room;
	entry->group.untold++;
	if (!first || !groups->lines_left)
		return NULL;
	groups->lines_left--;
	entry->group.untold = 0;
	return &entry->group;
}

/* ---- telling ---- */

static int compare(const void *a, const void *b)
{
	const struct entry *const *one = a, *const *other = b;
	const struct failure_group *first = &(*one)->group, *second = &(*other)->group;

	if (first->untold != second->untold)
		return first->untold < second->untold ? 1 : -1;
	if (first->failure.time_ms != second->failure.time_ms)
		return first->failure.time_ms < second->failure.time_ms ? -1 : 1;
	return (*one)->process.pid < (*other)->process.pid ?
		       -1 :
		       (*one)->process.pid > (*other)->process.pid;
}

/* Into `sorted`; forgets the quiet ones on the way. */
static size_t collect(struct failure_groups *groups, int64_t now_ms)
{
	size_t count = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct entry **at = &groups->buckets[i]; *at;) {
			struct entry *entry = *at;

			if (entry->group.untold) {
				groups->sorted[count++] = entry;
			} else if (now_ms - entry->group.failure.time_ms > FORGET_MS) {
				*at = entry->next;
				free_entry(entry);
				groups->count--;
				continue;
			}
			at = &entry->next;
		}
	return count;
}

uint64_t failure_groups_tick(struct failure_groups *groups, int64_t now_ms,
			     void (*tell)(void *context, const struct failure_group *group),
			     void *context)
{
	size_t count = collect(groups, now_ms);
	uint64_t rest = groups->rest;

	qsort(groups->sorted, count, sizeof *groups->sorted, compare);
	for (size_t i = 0; i < count; i++) {
		struct failure_group *group = &groups->sorted[i]->group;

		if (i < groups->lines)
			tell(context, group);
		else
			rest += group->untold;
		group->untold = 0;
	}
	groups->rest = 0;
	groups->lines_left = groups->lines;
	return rest;
}
