#include "source/linux/watch/ledger_maker.h"

#include "base/arena.h"
#include "source/linux/process/process.h"
#include "source/linux/reading.h"
#include "source/linux/watch/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

/*
 * The ledger names a process by its number in the initial pid namespace and by when it began. A process
 * that has sockets open is in the snapshot by another way, too, and must be the same there.
 */
enum { INITIAL_PID_NAMESPACE = 0xEFFFFFFC }; /* include/linux/proc_ns.h, PROC_PID_INIT_INO */

struct known_maker {
	struct ledger_maker_key key; /* .process 0: an empty place */
	uint32_t process;
};

struct maker_table {
	struct known_maker *places; /* open addressing, at most half full */
	size_t size, count;
	uint32_t pid_namespace; /* of this process */
};

static struct known_maker *place_of(const struct maker_table *table,
				    const struct ledger_maker_key *key)
{
	uint64_t mixed =
		((uint64_t)key->began << 32 | key->process) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = mixed >> 32 & (table->size - 1);

	while (table->places[at].key.process &&
	       (table->places[at].key.process != key->process ||
		table->places[at].key.began != key->began))
		at = (at + 1) & (table->size - 1);
	return &table->places[at];
}

static void grow(struct maker_table *table)
{
	struct maker_table larger = *table;

	larger.size = table->size ? 2 * table->size : 64;
	larger.places = memory_zeroed(larger.size, sizeof *larger.places);
	for (size_t i = 0; i < table->size; i++)
		if (table->places[i].key.process)
			*place_of(&larger, &table->places[i].key) = table->places[i];
	free(table->places);
	*table = larger;
}

static struct maker_table *table_of(struct reading *reading)
{
	struct stat status;

	if (reading->makers)
		return reading->makers;
	reading->makers = memory_zeroed(1, sizeof *reading->makers);
	if (!stat("/proc/self/ns/pid", &status))
		reading->makers->pid_namespace = (uint32_t)status.st_ino;
	return reading->makers;
}

void ledger_makers_free(struct maker_table *makers)
{
	if (!makers)
		return;
	free(makers->places);
	free(makers);
}

/* Its number here. The ledger's is that of another pid namespace, if a recorder there has begun it. */
static int32_t pid_here(const struct reading *reading, const struct ledger_maker_key *key,
			const struct ledger_maker *maker)
{
	uint32_t here = reading->makers->pid_namespace;

	if (here == (uint32_t)INITIAL_PID_NAMESPACE)
		return (int32_t)key->process;
	return here && here == ledger_state_of(reading->ledger).pid_namespace ? maker->pid : 0;
}

/* When the process with this number here began, if that is the one meant; else 0. */
static uint64_t start_of_running(const struct reading *reading, int32_t pid, uint32_t began)
{
	uint64_t tick_ns = UINT64_C(1000000000) / (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t ticks, first, last;
	char path[32];
	int directory;

	snprintf(path, sizeof path, "%d", pid);
	directory = pid ? openat(reading->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (directory < 0)
		return 0;
	ticks = descriptors_start_ticks(directory);
	close(directory);
	first = ticks * tick_ns >> LEDGER_UNIT_SHIFT;
	last = ((ticks + 1) * tick_ns - 1) >> LEDGER_UNIT_SHIFT;
	return ticks && (uint32_t)(began - (uint32_t)first) <= last - first ? ticks * tick_ns :
									      0;
}

/* Among those that have sockets open; UINT32_MAX: not there. */
static uint32_t find_walked(const struct reading *reading, int32_t pid, uint64_t start_ns)
{
	const struct descriptors *table = &reading->descriptors;
	uint64_t ticks = descriptors_ticks(start_ns);

	for (size_t i = 0; pid && ticks && i < table->process_count; i++)
		if (table->processes[i].pid == pid && table->processes[i].start_ticks == ticks)
			return (uint32_t)i;
	return UINT32_MAX;
}

static uint32_t add(struct reading *reading, const struct ledger_maker_key *key)
{
	struct ledger_maker maker = { .user = UINT32_MAX };
	bool noted = ledger_describe(reading->ledger, key, &maker);
	struct noted_process process = {
		.pid = pid_here(reading, key, &maker),
		.start_ns = maker.start_ns,
		.name = noted ? maker.name : NULL,
		.user = noted ? (int64_t)maker.user : -1,
		.cgroup = maker.cgroup,
	};
	uint32_t walked;

	maker.name[sizeof maker.name - 1] = '\0';
	if (!noted)
		process.start_ns = start_of_running(reading, process.pid, key->began);
	walked = find_walked(reading, process.pid, process.start_ns);
	return walked != UINT32_MAX ? reading_process(reading, walked) :
				      process_add_noted(reading->snapshot,
							&reading->process_reader, &process);
}

uint32_t ledger_maker_process(struct reading *reading, const struct ledger_maker_key *key)
{
	struct maker_table *table = table_of(reading);
	struct known_maker *place;

	if (!key->process)
		return UINT32_MAX;
	if (2 * table->count >= table->size)
		grow(table);
	place = place_of(table, key);
	if (!place->key.process) {
		*place = (struct known_maker){ *key, add(reading, key) };
		table->count++;
	}
	return place->process;
}

bool ledger_maker_of(struct reading *reading, const struct socket_record *record,
		     uint32_t *process)
{
	const struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct ledger_maker_key key;

	if (!reading->ledger || !record->cookie ||
	    !ledger_find(reading->ledger, netns->inode, record, &key))
		return false;
	*process = ledger_maker_process(reading, &key);
	return *process != UINT32_MAX;
}
