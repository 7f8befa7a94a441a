#include "diagnosis/nat.h"

#include "base/language.h"

#include <stdlib.h>

/*
 * Which range is a tuple's? The ports in use tell: those of connections whose address was changed
 * were all taken by some rule. Ranges that overlap form a cluster; a range that leaves out ports which
 * others of its cluster have is not the one that made them, unless it is full. If one range remains,
 * the room is a number, and else an interval. A range in which no port is used is nobody's: a tuple
 * that nothing was taken from is not short of anything.
 */

/* ---- room ---- */

/*
 * A port whose connection is over is taken over by a new one only with its last 32 tries of each
 * round, and if its sequence number is ahead, which is chance (nf_nat_used_tuple_harder()). Of so many
 * in 1000 ports, all others being taken, one try in a hundred fails: below, nothing is promised.
 */
static unsigned too_few_to_rely_on(unsigned size)
{
	enum { LAST_TRIES = 32, WHOLE = 128, HALVES_TO_FAIL = 7 };

	if (size <= LAST_TRIES)
		return HALVES_TO_FAIL;			 /* 2^-7 */
	return size * (size <= WHOLE ? 268 : 81) / 1000; /* 32 tries, and 32 + 32 + 32 + 16 */
}

static const char *why_uncertain(const struct nat *nat)
{
	if (nat->takeover == NAT_TAKEOVER_YES)
		return _(
			"ports of connections that are over are given to new ones only if their "
			"sequence numbers allow");
	return _(
		"newer kernels give the port of a connection that is over to a new one when they "
		"find no other; whether this one does is not known");
}

struct capacity nat_room(const struct nat *nat, const struct nat_tuple *tuple,
			 struct port_range range)
{
	const unsigned size = port_range_size(range);
	const unsigned used = port_set_count_between(&tuple->ports, range.first, range.last);
	const unsigned resting =
		port_set_count_between(&tuple->resting, range.first, range.last);
	const unsigned least = too_few_to_rely_on(size);
	struct capacity room = {
		.known = true,
		.eligible = size,
		.busy = used,
		.free = size - used,
		.room_min = size - used,
		.room_max = size - used,
		.exact = true,
	};

	if (!resting || nat->takeover == NAT_TAKEOVER_NO)
		return room;
	room.reusable = room.uncertain = resting;
	room.room_max += resting;
	if (nat->takeover == NAT_TAKEOVER_YES && resting > least)
		room.room_min += resting - least;
	room.exact = false;
	room.why_not_exact = why_uncertain(nat);
	return room;
}

/* From how many of the range's ports on so many in a row are taken; the last is followed by the first. */
static unsigned count_full_windows(const struct nat_tuple *tuple, struct port_range range,
				   unsigned length)
{
	const unsigned size = port_range_size(range);
	unsigned run = 0, windows = 0;

	for (unsigned i = 0; i < size + length - 1; i++) {
		run = port_set_has(&tuple->ports, (uint16_t)(range.first + i % size)) ?
			      run + 1 :
			      0;
		windows += i >= length - 1 && run >= length;
	}
	return windows;
}

/* Linux net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple(): 128 ports in a row from a random
 * one on, then half as many from another, down to 16. A smaller range is looked at whole. */
double nat_miss(const struct nat_tuple *tuple, struct port_range range)
{
	enum { MOST = 128, LEAST = 16 };
	const unsigned size = port_range_size(range);
	double chance = 1;

	if (size <= MOST)
		return port_set_count_between(&tuple->ports, range.first, range.last) == size;
	for (unsigned length = MOST; length >= LEAST; length /= 2)
		chance *= (double)count_full_windows(tuple, range, length) / size;
	return chance;
}

enum severity nat_severity(const struct diagnosis *diagnosis, const struct nat_use *use)
{
	enum severity least, most;

	if (!use->least.known)
		return SEVERITY_OK;
	least = diagnosis_severity(diagnosis, &use->least);
	most = diagnosis_severity(diagnosis, &use->most);
	return least == most ? least : SEVERITY_UNKNOWN;
}

/* ---- which range ---- */

/* Ports in it whose connections were made from another address: a rule took them. Where there are
 * none, those of this host itself. */
static unsigned count_taken(const struct nat_tuple *tuple, struct port_range range)
{
	const unsigned all = port_set_count_between(&tuple->ports, range.first, range.last);

	if (tuple->own.count == tuple->ports.count)
		return all;
	return all - port_set_count_between(&tuple->own, range.first, range.last);
}

static unsigned count_resting(const struct nat_tuple *tuple, struct port_range range)
{
	return port_set_count_between(&tuple->resting, range.first, range.last);
}

static void add_use(struct diagnosis *diagnosis, const struct nat_use *use)
{
	array_reserve(diagnosis->nats, diagnosis->nat_count, diagnosis->nat_capacity);
	diagnosis->nats[diagnosis->nat_count++] = *use;
}

struct cluster {
	const struct nat_candidate *members[NAT_CANDIDATES_MOST];
	size_t count;
	struct port_range hull;
};

static bool is_full(const struct nat_tuple *tuple, struct port_range range)
{
	return port_set_count_between(&tuple->ports, range.first, range.last) ==
	       port_range_size(range);
}

/* Leaves those that can have made all ports of the cluster; if none can, all of them have a part. */
static void leave_out_others(const struct nat_tuple *tuple, struct cluster *cluster)
{
	const unsigned taken = count_taken(tuple, cluster->hull);
	size_t kept = 0;

	for (size_t i = 0; i < cluster->count; i++) {
		const struct nat_candidate *member = cluster->members[i];
		const unsigned own = count_taken(tuple, member->range);

		if (own == taken || (own && is_full(tuple, member->range))) {
			cluster->members[i] = cluster->members[kept];
			cluster->members[kept++] = member;
		}
	}
	if (kept)
		cluster->count = kept;
}

static void add_cluster(struct diagnosis *diagnosis, const struct nat_tuple *tuple,
			struct cluster *cluster)
{
	struct nat_use use = { .tuple = tuple };

	leave_out_others(tuple, cluster);
	for (size_t i = 0; i < cluster->count; i++) {
		const struct capacity capacity =
			nat_room(&diagnosis->snapshot->nat, tuple, cluster->members[i]->range);

		if (!i || capacity.room_min < use.least.room_min)
			use.least = capacity;
		if (!i || capacity.room_max > use.most.room_max)
			use.most = capacity;
	}
	use.used = use.least.busy;
	use.resting = count_resting(tuple, cluster->hull);
	if (cluster->count == 1) {
		use.range = cluster->members[0]->range;
		use.rule = cluster->members[0]->rule;
	} else {
		use.least.exact = use.most.exact = false;
		use.least.why_not_exact = use.most.why_not_exact =
			_("several rules may have made these connections, and they name "
			  "different ranges of ports");
	}
	add_use(diagnosis, &use);
}

static int by_first_port(const void *a, const void *b)
{
	const struct port_range left = ((const struct nat_candidate *)a)->range;
	const struct port_range right = ((const struct nat_candidate *)b)->range;

	return left.first != right.first ? (int)left.first - (int)right.first :
					   (int)right.last - (int)left.last;
}

static void add_unknown(struct diagnosis *diagnosis, const struct nat_tuple *tuple,
			unsigned used)
{
	const struct nat_use use = { .tuple = tuple, .used = used };

	add_use(diagnosis, &use);
}

/* A rule without a range leaves connections from 512 to 599 as they are while it can, but takes none of
 * these itself. */
static unsigned count_kept(const struct nat_tuple *tuple,
			   const struct nat_candidates *candidates)
{
	static const struct port_range kept = { 512, 599 };
	bool leaves = false;

	for (size_t i = 0; i < candidates->count; i++) {
		const struct nat_candidate *candidate = &candidates->list[i];

		if (candidate->rule && candidate->range.first <= kept.last &&
		    candidate->range.last >= kept.first)
			return 0; /* they are in a cluster */
		leaves |= !candidate->rule;
	}
	return leaves ? count_taken(tuple, kept) : 0;
}

/* Candidates in the order of their first ports: those that overlap are neighbours. */
static void add_uses(struct diagnosis *diagnosis, const struct nat_tuple *tuple,
		     struct nat_candidates *candidates)
{
	static const struct port_range all = { 0, UINT16_MAX };
	unsigned unexplained = count_taken(tuple, all) - count_kept(tuple, candidates);
	size_t next = 0;

	if (candidates->count)
		qsort(candidates->list, candidates->count, sizeof candidates->list[0],
		      by_first_port);
	while (next < candidates->count) {
		struct cluster cluster = { .hull = candidates->list[next].range };
		unsigned taken;

		for (; next < candidates->count &&
		       candidates->list[next].range.first <= cluster.hull.last;
		     next++) {
			const struct nat_candidate *member = &candidates->list[next];

			if (member->range.last > cluster.hull.last)
				cluster.hull.last = member->range.last;
			cluster.members[cluster.count++] = member;
		}
		taken = count_taken(tuple, cluster.hull);
		unexplained -= taken;
		if (taken)
			add_cluster(diagnosis, tuple, &cluster);
	}
	if (unexplained)
		add_unknown(diagnosis, tuple, unexplained);
}

/* ---- all of them ---- */

/* Fullest first: least room in proportion, then most ports; last what is not known. */
static int by_fullness(const void *a, const void *b)
{
	const struct nat_use *left = a, *right = b;
	const uint64_t l = (uint64_t)left->least.room_min * right->least.eligible;
	const uint64_t r = (uint64_t)right->least.room_min * left->least.eligible;

	if (left->least.known != right->least.known)
		return left->least.known ? -1 : 1;
	if (l != r)
		return l < r ? -1 : 1;
	if (left->used != right->used)
		return left->used > right->used ? -1 : 1;
	return left->tuple < right->tuple ? -1 : left->tuple > right->tuple;
}

/* Sources by tuple: where those of each begin, and the list. */
struct by_tuple {
	uint32_t *first, *sources;
};

static struct by_tuple sort_sources(const struct nat *nat)
{
	struct by_tuple sorted = {
		.first = memory_zeroed(nat->tuple_count + 1, sizeof *sorted.first),
		.sources = memory_zeroed(nat->source_count, sizeof *sorted.sources),
	};
	uint32_t *next = memory_zeroed(nat->tuple_count, sizeof *next);

	for (size_t i = 0; i < nat->tuple_count; i++)
		next[i] = sorted.first[i] =
			i ? sorted.first[i - 1] + nat->tuples[i - 1].sources : 0;
	for (size_t i = 0; i < nat->source_count; i++)
		sorted.sources[next[nat->sources[i].key.tuple]++] = (uint32_t)i;
	free(next);
	return sorted;
}

void nat_collect(struct diagnosis *diagnosis)
{
	const struct nat *nat = &diagnosis->snapshot->nat;
	struct nat_owners *owners;
	struct by_tuple sorted;

	if (!nat->tuple_count)
		return;
	owners = nat_find_owners(diagnosis);
	sorted = sort_sources(nat);
	for (size_t i = 0; i < nat->tuple_count; i++) {
		const struct nat_tuple *tuple = &nat->tuples[i];
		struct nat_candidates candidates =
			nat_candidates_of(diagnosis->snapshot, tuple,
					  sorted.sources + sorted.first[i], tuple->sources);
		const size_t before = diagnosis->nat_count;

		if (candidates.others)
			add_unknown(diagnosis, tuple, tuple->ports.count);
		else
			add_uses(diagnosis, tuple, &candidates);
		for (size_t k = before; k < diagnosis->nat_count; k++) {
			diagnosis->nats[k].shares = owners[i].shares;
			diagnosis->nats[k].share_count = owners[i].count;
		}
	}
	if (diagnosis->nat_count)
		qsort(diagnosis->nats, diagnosis->nat_count, sizeof *diagnosis->nats,
		      by_fullness);
	free(sorted.first);
	free(sorted.sources);
	free(owners);
}
