#include "source/linux/bpf_walk.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf_programs.h"
#include "source/linux/bpf_support.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#ifdef HAVE_BPF

/*
 * A walk is a number of calls of a BPF program, each over some thousand buckets, because a call can be
 * neither interrupted nor, on many kernels, preempted. A large table is walked by two threads, half by
 * half, each with two slots of records: while one is worked on here, it has the other filled.
 */
enum { BUCKETS_A_CALL = 4096, STEPS_A_CALL = 32768, BUCKETS_FOR_THREADS = 32768 };
enum { MOST_CALLS = 65536 }; /* for two thousand million descriptors */
enum { FILLERS = 2, SLOTS_A_FILLER = WALK_SLOTS / FILLERS };

void bpf_walk_close(struct bpf_walk *walk)
{
	if (!walk)
		return;
	bpf_programs_unload(walk);
	free(walk);
}

/* A quarter of what there is, so that both threads have work, in powers of two. */
static u32 slot_records(int64_t sockets)
{
	u32 records = WALK_SLOT_LEAST;

	while (records < WALK_SLOT_MOST && (int64_t)records < sockets / 4)
		records *= 2;
	return records;
}

struct bpf_walk *bpf_walk_open(const struct bpf_walk_options *options, struct error *error)
{
	struct bpf_walk *walk = memory_zeroed(1, sizeof *walk);
	const char *obstacle = bpf_obstacle();

	if (obstacle)
		error_set(error, "%s", obstacle);
	else if (bpf_programs_load(walk, slot_records(options->sockets), options))
		bpf_refusal(error, errno);
	else
		return walk;
	bpf_walk_close(walk);
	return NULL;
}

/* ---- walks ---- */

int bpf_walk_namespaces(struct bpf_walk *walk, bpf_walk_callback take, void *context,
			struct error *error)
{
	const u64 arguments[4] = { *walk->udp_table };

	if (bpf_run(walk->find_namespaces, arguments))
		return error_set(error, _("BPF: the walk over the namespaces failed: %s"),
				 language_errno(errno));
	if (walk->progress[0].lost)
		return error_set(error, _("BPF: more than %d network namespaces"),
				 (int)walk->tables.slot_records);
	take(context, walk->tables.records, walk->progress[0].records);
	return 0;
}

/* A part of a table, walked with slots of its own. */
struct filler {
	struct table_walk *table;
	u32 first_slot;
	u32 next, end; /* buckets */
	pthread_t thread;
	bool threaded;
};

/* A walk over a table, as its threads share it. */
struct table_walk {
	struct bpf_walk *walk;
	int program;
	u64 namespace;
	bpf_walk_callback take;
	void *context;
	struct filler fillers[FILLERS];

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool filled[WALK_SLOTS]; /* to be worked on */
	unsigned filling;	 /* threads that have not ended */
	int failed;		 /* errno */
	struct bpf_walk_tally tally;
};

/* 1: the slot is filled; 0: there was nothing left; -1: that failed. */
static int fill_slot(struct filler *filler, u32 slot)
{
	struct table_walk *table = filler->table;
	u32 end = filler->next + BUCKETS_A_CALL;
	u64 arguments[4] = { table->namespace, filler->next,
			     end < filler->end ? end : filler->end, slot };

	if (filler->next >= filler->end)
		return 0;
	if (bpf_run(table->program, arguments))
		return -1;
	filler->next = table->walk->progress[slot].next;
	return 1;
}

static void add_tally(struct table_walk *table, u32 slot)
{
	table->tally.repeats += table->walk->progress[slot].repeats;
	table->tally.lost += table->walk->progress[slot].lost;
}

static void *fill_slots(void *context)
{
	struct filler *filler = context;
	struct table_walk *table = filler->table;
	int filled = 1;

	for (u32 i = 0; filled > 0; i = (i + 1) % SLOTS_A_FILLER) {
		u32 slot = filler->first_slot + i;

		pthread_mutex_lock(&table->lock);
		while (table->filled[slot])
			pthread_cond_wait(&table->changed, &table->lock);
		filled = table->failed ? 0 : 1;
		pthread_mutex_unlock(&table->lock);
		if (filled)
			filled = fill_slot(filler, slot);
		pthread_mutex_lock(&table->lock);
		if (filled < 0)
			table->failed = errno;
		if (filled > 0)
			add_tally(table, slot);
		else
			table->filling--;
		table->filled[slot] = filled > 0;
		pthread_cond_broadcast(&table->changed);
		pthread_mutex_unlock(&table->lock);
	}
	return NULL;
}

static void take_slot(const struct table_walk *table, u32 slot)
{
	table->take(table->context,
		    table->walk->tables.records + slot * table->walk->tables.slot_records,
		    table->walk->progress[slot].records);
}

/* WALK_SLOTS when no thread will fill one any more. Called with the lock. */
static u32 await_slot(struct table_walk *table)
{
	for (;;) {
		for (u32 slot = 0; slot < WALK_SLOTS; slot++)
			if (table->filled[slot])
				return slot;
		if (!table->filling)
			return WALK_SLOTS;
		pthread_cond_wait(&table->changed, &table->lock);
	}
}

static void take_slots(struct table_walk *table)
{
	u32 slot;

	pthread_mutex_lock(&table->lock);
	while ((slot = await_slot(table)) < WALK_SLOTS) {
		pthread_mutex_unlock(&table->lock);
		take_slot(table, slot);
		pthread_mutex_lock(&table->lock);
		table->filled[slot] = false;
		pthread_cond_broadcast(&table->changed);
	}
	pthread_mutex_unlock(&table->lock);
}

/* Without threads: a small table, or no thread can be started. */
static void take_here(struct table_walk *table, struct filler *filler)
{
	int filled;

	while (!table->failed && (filled = fill_slot(filler, filler->first_slot))) {
		if (filled < 0) {
			table->failed = errno;
			return;
		}
		add_tally(table, filler->first_slot);
		take_slot(table, filler->first_slot);
	}
}

static void split(struct table_walk *table, u32 buckets)
{
	unsigned parts = buckets >= BUCKETS_FOR_THREADS ? FILLERS : 1;

	for (unsigned i = 0; i < parts; i++) {
		struct filler *filler = &table->fillers[i];

		*filler = (struct filler){
			.table = table,
			.first_slot = i * SLOTS_A_FILLER,
			.next = (u32)((u64)buckets * i / parts),
			.end = (u32)((u64)buckets * (i + 1) / parts),
		};
		if (parts > 1) {
			pthread_mutex_lock(&table->lock);
			table->filling++;
			pthread_mutex_unlock(&table->lock);
			filler->threaded =
				!pthread_create(&filler->thread, NULL, fill_slots, filler);
			pthread_mutex_lock(&table->lock);
			table->filling -= !filler->threaded;
			pthread_mutex_unlock(&table->lock);
		}
	}
}

static u32 buckets_of(enum bpf_table table, const struct seen_namespace *namespace)
{
	switch (table) {
	case BPF_TABLE_CONNECTIONS:
		return namespace->connections;
	case BPF_TABLE_LISTENERS:
		return namespace->listeners;
	case BPF_TABLE_PORTS:
		return namespace->ports;
	case BPF_TABLE_UDP:
		return namespace->udp;
	}
	return 0;
}

int bpf_walk_table(struct bpf_walk *walk, enum bpf_table table,
		   const struct seen_namespace *namespace, bpf_walk_callback take,
		   void *context, struct bpf_walk_tally *tally, struct error *error)
{
	struct table_walk work = {
		.walk = walk,
		.program = walk->walk_table[table],
		.namespace = namespace->address,
		.take = take,
		.context = context,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};

	split(&work, buckets_of(table, namespace));
	take_slots(&work);
	for (int i = 0; i < FILLERS; i++)
		if (work.fillers[i].threaded)
			pthread_join(work.fillers[i].thread, NULL);
		else if (work.fillers[i].table)
			take_here(&work, &work.fillers[i]);
	tally->repeats += work.tally.repeats;
	tally->lost += work.tally.lost;
	if (work.failed)
		return error_set(error, _("BPF: the walk broke off: %s"),
				 language_errno(work.failed));
	return 0;
}

int bpf_walk_descriptors(struct bpf_walk *walk, bool only_bound, bpf_walk_callback take,
			 void *context, struct error *error)
{
	const u64 arguments[4] = { STEPS_A_CALL, only_bound };
	unsigned calls = 0;

	do {
		if (calls++ == MOST_CALLS)
			return error_set(error,
					 _("BPF: the walk over descriptors has no end"));
		if (bpf_run(walk->walk_descriptors, arguments))
			return error_set(error,
					 _("BPF: the walk over descriptors broke off: %s"),
					 language_errno(errno));
		take(context, walk->descriptors.records, walk->descriptor_progress->records);
	} while (walk->descriptor_progress->next);
	return 0;
}

#else

struct bpf_walk *bpf_walk_open(const struct bpf_walk_options *options, struct error *error)
{
	(void)options;
	error_set(error, "%s", bpf_obstacle());
	return NULL;
}

void bpf_walk_close(struct bpf_walk *walk)
{
	(void)walk;
}

int bpf_walk_namespaces(struct bpf_walk *walk, bpf_walk_callback take, void *context,
			struct error *error)
{
	(void)walk, (void)take, (void)context;
	return error_set(error, "%s", bpf_obstacle());
}

int bpf_walk_table(struct bpf_walk *walk, enum bpf_table table,
		   const struct seen_namespace *namespace, bpf_walk_callback take,
		   void *context, struct bpf_walk_tally *tally, struct error *error)
{
	(void)table, (void)namespace, (void)tally;
	return bpf_walk_namespaces(walk, take, context, error);
}

int bpf_walk_descriptors(struct bpf_walk *walk, bool only_bound, bpf_walk_callback take,
			 void *context, struct error *error)
{
	(void)only_bound;
	return bpf_walk_namespaces(walk, take, context, error);
}

#endif
