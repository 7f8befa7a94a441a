#include "diagnosis/nat.h"

#include <stdlib.h>
#include <string.h>

/*
 * Who made connections through NAT: the address they were made from may be that of another namespace
 * of this host, of this one, or of another machine. Where a namespace that was read has sockets with
 * that local address, towards what was asked for, on the very ports, these are the makers. Sources are
 * sorted by what a socket would show, and every holding finds its own among them.
 */

struct source {
	const struct nat_source *nat;
	uint8_t protocol;
	unsigned found; /* ports that a socket has */
};

/* One owner's part of a tuple. */
struct part {
	uint32_t tuple;
	struct share share;
};

struct search {
	struct source *sources;
	size_t source_count;
	struct part *parts;
	size_t part_count, part_capacity;
};

/* What a socket shows; `asked` is left out for UDP sockets without a peer. */
struct wanted {
	uint8_t protocol;
	const struct address *address, *asked;
	uint16_t port;
};

static int compare(const struct wanted *a, const struct wanted *b)
{
	int difference = (int)a->protocol - (int)b->protocol;

	if (!difference)
		difference = memcmp(a->address, b->address, sizeof *a->address);
	if (!difference && a->asked && b->asked) {
		difference = memcmp(a->asked, b->asked, sizeof *a->asked);
		if (!difference)
			difference = (int)a->port - (int)b->port;
	}
	return difference;
}

static struct wanted shown_by(const struct source *source)
{
	const struct nat_source_key *key = &source->nat->key;

	return (struct wanted){ source->protocol, &key->address, &key->asked,
				key->asked_port };
}

static int by_wanted(const void *a, const void *b)
{
	const struct source *left = a, *right = b;
	const struct wanted l = shown_by(left), r = shown_by(right);
	const int difference = compare(&l, &r);

	return difference ? difference : left->nat < right->nat ? -1 : left->nat > right->nat;
}

/* The first source that is not before it. */
static size_t find_first(const struct search *search, const struct wanted *wanted)
{
	size_t low = 0, high = search->source_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct wanted shown = shown_by(&search->sources[middle]);

		if (compare(&shown, wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_part(struct search *search, uint32_t tuple, const struct share *share)
{
	array_reserve(search->parts, search->part_count, search->part_capacity);
	search->parts[search->part_count++] = (struct part){ tuple, *share };
}

static unsigned count_common(const struct port_set *a, const struct port_set *b)
{
	unsigned count = 0;

	port_set_each(port, a)
		count += port_set_has(b, (uint16_t)port);
	return count;
}

static void give(struct search *search, const struct wanted *wanted,
		 const struct holding *holding)
{
	for (size_t i = find_first(search, wanted); i < search->source_count; i++) {
		struct source *source = &search->sources[i];
		const struct wanted shown = shown_by(source);
		struct share share = {
			.state = holding->key.state,
			.owner_kind = holding->key.owner_kind,
			.process = holding->key.owner,
			.user = holding->key.user,
			.from = source->nat->key.address,
		};

		if (compare(&shown, wanted) != 0)
			return;
		share.ports = count_common(&source->nat->ports, &holding->ports);
		if (!share.ports)
			continue;
		source->found += share.ports;
		add_part(search, source->nat->key.tuple, &share);
	}
}

/* A socket without an address of its own may have sent from each of its namespace. */
static void match(struct search *search, const struct snapshot *snapshot,
		  const struct holding *holding)
{
	const struct holding_key *key = &holding->key;
	const struct netns *netns = &snapshot->namespaces[key->netns];
	struct wanted wanted = { key->protocol, &key->local, &key->remote, key->remote_port };

	if (key->inbound || key->state == SOCKET_LISTEN || key->state == SOCKET_BOUND)
		return;
	if (key->state == SOCKET_UNCONNECTED)
		wanted.asked = NULL;
	if (!address_is_any(&key->local)) {
		give(search, &wanted, holding);
		return;
	}
	for (size_t i = 0; i < netns->local_address_count; i++) {
		wanted.address = &netns->local_addresses[i];
		give(search, &wanted, holding);
	}
}

static bool is_here(const struct snapshot *snapshot, const struct address *address)
{
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (netns_has_address(&snapshot->namespaces[i], address))
			return true;
	return false;
}

/* What no socket has: the entry outlives it, or the maker is not of this host. */
static void add_rest(struct search *search, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < search->source_count; i++) {
		const struct source *source = &search->sources[i];
		const struct nat_source_key *key = &source->nat->key;

		if (source->nat->ports.count <= source->found)
			continue;
		add_part(search, key->tuple,
			 &(struct share){
				 .state = SOCKET_STATE_COUNT,
				 .owner_kind = is_here(snapshot, &key->address) ?
						       OWNER_NOBODY :
						       OWNER_UNFOUND,
				 .ports = source->nat->ports.count - source->found,
				 .from = key->address,
			 });
	}
	for (size_t i = 0; i < snapshot->nat.tuple_count; i++)
		if (snapshot->nat.tuples[i].others)
			add_part(search, (uint32_t)i,
				 &(struct share){ .state = SOCKET_STATE_COUNT,
						  .owner_kind = OWNER_UNFOUND,
						  .ports = snapshot->nat.tuples[i].others });
}

/* ---- lists ---- */

static int compare_owners(const struct share *left, const struct share *right)
{
	if (left->owner_kind != right->owner_kind)
		return (int)left->owner_kind - (int)right->owner_kind;
	if (left->process != right->process)
		return left->process < right->process ? -1 : 1;
	if (left->user != right->user)
		return left->user < right->user ? -1 : 1;
	if (left->state != right->state)
		return (int)left->state - (int)right->state;
	return memcmp(&left->from, &right->from, sizeof left->from);
}

static int by_tuple_and_owner(const void *a, const void *b)
{
	const struct part *left = a, *right = b;

	if (left->tuple != right->tuple)
		return left->tuple < right->tuple ? -1 : 1;
	return compare_owners(&left->share, &right->share);
}

static int by_ports(const void *a, const void *b)
{
	const struct share *left = a, *right = b;

	if (left->ports != right->ports)
		return left->ports < right->ports ? 1 : -1;
	return compare_owners(left, right);
}

/* An owner that asked for several addresses has several parts of one tuple. */
static struct nat_owners merge(struct diagnosis *diagnosis, const struct part *parts,
			       size_t count)
{
	struct share *shares = arena_alloc(&diagnosis->arena, count * sizeof *shares);
	size_t merged = 0;

	for (size_t i = 0; i < count; i++) {
		if (merged && !compare_owners(&shares[merged - 1], &parts[i].share))
			shares[merged - 1].ports += parts[i].share.ports;
		else
			shares[merged++] = parts[i].share;
	}
	qsort(shares, merged, sizeof *shares, by_ports);
	return (struct nat_owners){ shares, merged };
}

static void make_lists(struct diagnosis *diagnosis, const struct search *search,
		       struct nat_owners *owners)
{
	const struct part *parts = search->parts;
	size_t from = 0;

	if (!search->part_count)
		return;
	qsort(search->parts, search->part_count, sizeof *parts, by_tuple_and_owner);
	for (size_t i = 1; i <= search->part_count; i++) {
		if (i < search->part_count && parts[i].tuple == parts[from].tuple)
			continue;
		owners[parts[from].tuple] = merge(diagnosis, parts + from, i - from);
		from = i;
	}
}

struct nat_owners *nat_find_owners(struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct nat *nat = &snapshot->nat;
	struct nat_owners *owners = memory_zeroed(nat->tuple_count, sizeof *owners);
	struct search search = {
		.sources = memory_zeroed(nat->source_count, sizeof *search.sources),
		.source_count = nat->source_count,
	};

	for (size_t i = 0; i < nat->source_count; i++)
		search.sources[i] = (struct source){
			.nat = &nat->sources[i],
			.protocol = nat->tuples[nat->sources[i].key.tuple].key.protocol,
		};
	qsort(search.sources, search.source_count, sizeof *search.sources, by_wanted);
	for (size_t i = 0; i < snapshot->holding_count; i++)
		match(&search, snapshot, &snapshot->holdings[i]);
	add_rest(&search, snapshot);
	make_lists(diagnosis, &search, owners);
	free(search.sources);
	free(search.parts);
	return owners;
}
