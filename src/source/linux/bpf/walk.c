#include "source/linux/bpf/walk.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf/programs.h"
#include "source/linux/bpf/support.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#ifdef HAVE_BPF

/*
 * A walk is a number of calls of a BPF program, each over some thousand buckets or descriptors, because a
 * call can be neither interrupted nor, on many kernels, preempted. Where there is much to read a thread
 * has the program run: it has two slots of records, of which one is filled while the other is worked on
 * here. A large table is walked by two such threads, half by half.
 */
enum { BUCKETS_A_CALL = 4096, STEPS_A_CALL = 16384, BUCKETS_FOR_THREADS = 32768 };
enum { MOST_CALLS = 131072 }; /* for two thousand million descriptors */
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

/* A part of what is walked, with slots of its own. */
struct filler {
	struct walking *walking;
	u32 first_slot;
	u32 next, end; /* buckets; of descriptors 0 and 1, until all are read */
	u32 calls;
	u32 taking; /* which of its slots is worked on next */
	bool threaded;
	pthread_t thread;
};

/* A walk, as its threads share it. */
struct walking {
	const struct bpf_programs *programs;
	const volatile struct walk_progress *progress; /* of each slot */
	int program;
	void (*fill_arguments)(const struct filler *filler, u32 slot, u64 arguments[4]);
	u64 argument; /* namespace, or whether only bound sockets are wanted */
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
	struct walking *walking = filler->walking;
	u64 arguments[4] = { 0 };

	if (filler->next >= filler->end)
		return 0;
	if (filler->calls++ == MOST_CALLS) {
		errno = ELOOP;
		return -1;
	}
	walking->fill_arguments(filler, slot, arguments);
	if (bpf_run(walking->program, arguments))
		return -1;
	filler->next = walking->progress[slot].next;
	return 1;
}

static void add_tally(struct walking *walking, u32 slot)
{
	walking->tally.repeats += walking->progress[slot].repeats;
	walking->tally.lost += walking->progress[slot].lost;
}

static void *fill_slots(void *context)
{
	struct filler *filler = context;
	struct walking *walking = filler->walking;
	int filled = 1;

	for (u32 i = 0; filled > 0; i = (i + 1) % SLOTS_A_FILLER) {
		u32 slot = filler->first_slot + i;

		pthread_mutex_lock(&walking->lock);
		while (walking->filled[slot])
			pthread_cond_wait(&walking->changed, &walking->lock);
		filled = walking->failed ? 0 : 1;
		pthread_mutex_unlock(&walking->lock);
		if (filled)
			filled = fill_slot(filler, slot);
		pthread_mutex_lock(&walking->lock);
		if (filled < 0)
			walking->failed = errno;
		if (filled > 0)
			add_tally(walking, slot);
		else
			walking->filling--;
		walking->filled[slot] = filled > 0;
		pthread_cond_broadcast(&walking->changed);
		pthread_mutex_unlock(&walking->lock);
	}
	return NULL;
}

static void take_slot(const struct walking *walking, u32 slot)
{
	walking->take(walking->context,
		      walking->programs->records + slot * walking->programs->slot_records,
		      walking->progress[slot].records);
}

/* The filler whose next slot is filled: each one's come in their order. NULL when no thread will fill one
 * any more. Called with the lock. */
static struct filler *await_filler(struct walking *walking)
{
	for (;;) {
		for (int i = 0; i < FILLERS; i++) {
			struct filler *filler = &walking->fillers[i];

			if (filler->threaded &&
			    walking->filled[filler->first_slot + filler->taking])
				return filler;
		}
		if (!walking->filling)
			return NULL;
		pthread_cond_wait(&walking->changed, &walking->lock);
	}
}

static void take_slots(struct walking *walking)
{
	struct filler *filler;

	pthread_mutex_lock(&walking->lock);
	while ((filler = await_filler(walking))) {
		u32 slot = filler->first_slot + filler->taking;

		pthread_mutex_unlock(&walking->lock);
		take_slot(walking, slot);
		pthread_mutex_lock(&walking->lock);
		filler->taking = (filler->taking + 1) % SLOTS_A_FILLER;
		walking->filled[slot] = false;
		pthread_cond_broadcast(&walking->changed);
	}
	pthread_mutex_unlock(&walking->lock);
}

/* Without threads: there is little to read, or no thread can be started. */
static void take_here(struct walking *walking, struct filler *filler)
{
	int filled;

	while (!walking->failed && (filled = fill_slot(filler, filler->first_slot))) {
		if (filled < 0) {
			walking->failed = errno;
			return;
		}
		add_tally(walking, filler->first_slot);
		take_slot(walking, filler->first_slot);
	}
}

static void start_thread(struct filler *filler)
{
	struct walking *walking = filler->walking;

	pthread_mutex_lock(&walking->lock);
	walking->filling++;
	pthread_mutex_unlock(&walking->lock);
	filler->threaded = !pthread_create(&filler->thread, NULL, fill_slots, filler);
	pthread_mutex_lock(&walking->lock);
	walking->filling -= !filler->threaded;
	pthread_mutex_unlock(&walking->lock);
}

/* From 0 to `end`, by so many threads or, if it is none, here. */
static int walk_through(struct walking *walking, u32 end, unsigned threads,
			struct error *error)
{
	u32 parts = threads ? threads : 1;

	for (u32 i = 0; i < parts; i++) {
		walking->fillers[i] = (struct filler){
			.walking = walking,
			.first_slot = i * SLOTS_A_FILLER,
			.next = (u32)((u64)end * i / parts),
			.end = (u32)((u64)end * (i + 1) / parts),
		};
		if (threads)
			start_thread(&walking->fillers[i]);
	}
	take_slots(walking);
	for (u32 i = 0; i < parts; i++)
		if (walking->fillers[i].threaded)
			pthread_join(walking->fillers[i].thread, NULL);
		else
			take_here(walking, &walking->fillers[i]);
	if (walking->failed == ELOOP)
		return error_set(error, _("BPF: the walk has no end"));
	if (walking->failed)
		return error_set(error, _("BPF: the walk broke off: %s"),
				 language_errno(walking->failed));
	return 0;
}

/* ---- tables ---- */

static void fill_buckets(const struct filler *filler, u32 slot, u64 arguments[4])
{
	u32 end = filler->next + BUCKETS_A_CALL;

	arguments[0] = filler->walking->argument;
	arguments[1] = filler->next;
	arguments[2] = end < filler->end ? end : filler->end;
	arguments[3] = slot;
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
	u32 buckets = buckets_of(table, namespace);
	struct walking walking = {
		.programs = &walk->tables,
		.progress = walk->progress,
		.program = walk->walk_table[table],
		.fill_arguments = fill_buckets,
		.argument = namespace->address,
		.take = take,
		.context = context,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	int result = walk_through(&walking, buckets,
				  buckets >= BUCKETS_FOR_THREADS ? FILLERS : 0, error);

	tally->repeats += walking.tally.repeats;
	tally->lost += walking.tally.lost;
	return result;
}

/* ---- descriptors ---- */

static void fill_descriptors(const struct filler *filler, u32 slot, u64 arguments[4])
{
	arguments[0] = STEPS_A_CALL;
	arguments[1] = filler->walking->argument;
	arguments[2] = slot;
}

/* One thread at most: where a call goes on is known when the one before is over. */
int bpf_walk_descriptors(struct bpf_walk *walk, bool only_bound, bpf_walk_callback take,
			 void *context, struct error *error)
{
	struct walking walking = {
		.programs = &walk->descriptors,
		.progress = walk->descriptor_progress,
		.program = walk->walk_descriptors,
		.fill_arguments = fill_descriptors,
		.argument = only_bound,
		.take = take,
		.context = context,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};

	return walk_through(&walking, 1, walk->ask_ahead, error);
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
