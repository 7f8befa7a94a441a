// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/ahead.h"

/*
 * The kernel's own tables of TCP and UDP sockets, read bucket by bucket without a lock.
 *
 * The caller holds the RCU read lock (it is a BPF program), so that no node's memory goes away; yet a node
 * may move to another bucket while it is looked at, and lead there. A chain of the table of connections
 * ends in the number of its bucket, and every node knows its hash: if one is not what belongs here, the
 * bucket's records are taken back and it is read again. Linux include/linux/rculist_nulls.h,
 * net/ipv4/inet_hashtables.c, __inet_lookup_established().
 */
enum { MOST_REPEATS = 16 };
enum { LISTENING_NULLS_BASE = 1 << 29 }; /* include/net/inet_hashtables.h */

/* Which table a walk reads. */
enum table { TABLE_CONNECTIONS, TABLE_LISTENERS, TABLE_PORTS, TABLE_UDP };

struct walk {
	u64 table; /* address of its buckets */
	u64 node;  /* next to look at */
	struct moment now;
	u32 mask, end;
	u32 begin;   /* records before this bucket's */
	u32 tries;   /* of this bucket */
	u32 asked;   /* buckets that were asked for ahead end here */
	bool inside; /* the bucket has been begun */
};

static struct walk walks[WALK_SLOTS];
struct walk_progress progress[WALK_SLOTS];

/* For a test, set by the reader: every chain is begun in its neighbour, which has to be noticed. */
const volatile bool misled;

static u64 init_net;	     /* found by find_namespaces() */
static u64 common_udp_table; /* before Linux 6.2; 0: not found */

/* ---- what becomes of a bucket ---- */

static __always_inline void end_bucket(struct walk *walk, struct walk_progress *at)
{
	at->next++;
	walk->inside = false;
	walk->tries = 0;
}

/* The chain led elsewhere: what it gave is void. */
static __always_inline void repeat_bucket(struct walk *walk, struct walk_progress *at)
{
	at->records = walk->begin;
	walk->inside = false;
	at->repeats++;
	if (++walk->tries < MOST_REPEATS)
		return;
	at->lost++;
	end_bucket(walk, at);
}

/* The bucket is read again in the next call, if a slot can hold it at all. */
static __always_inline void postpone_bucket(struct walk *walk, struct walk_progress *at)
{
	at->records = walk->begin;
	walk->inside = false;
	if (walk->begin)
		return;
	at->lost++;
	end_bucket(walk, at);
}

/* ---- how the tables differ ---- */

static __always_inline u64 first_of(const struct walk *walk, u32 bucket, enum table table)
{
	switch (table) {
	case TABLE_CONNECTIONS:
		return word_at(walk->table + bucket * sizeof(u64));
	case TABLE_LISTENERS:
		return POINTER(inet_listen_hashbucket,
			       walk->table + bucket * SIZE(inet_listen_hashbucket),
			       nulls_head);
	case TABLE_PORTS:
		return POINTER(inet_bind_hashbucket,
			       walk->table + bucket * SIZE(inet_bind_hashbucket), chain);
	default:
		return POINTER(udp_hslot, walk->table + bucket * SIZE(udp_hslot), head);
	}
}

/* Two tables mark their ends with an odd number, the others with zero. */
static __always_inline bool is_end(u64 node, enum table table)
{
	return table == TABLE_CONNECTIONS || table == TABLE_LISTENERS ? node & 1 : !node;
}

static __always_inline bool is_end_of(u64 node, u32 bucket, enum table table)
{
	switch (table) {
	case TABLE_CONNECTIONS:
		return node >> 1 == bucket;
	case TABLE_LISTENERS:
		return node >> 1 == bucket + LISTENING_NULLS_BASE;
	default:
		return true;
	}
}

static __always_inline u64 entry_of(u64 node, enum table table)
{
	switch (table) {
	case TABLE_PORTS:
		return CONTAINER(inet_bind_bucket, node, node);
	case TABLE_UDP:
		return CONTAINER(sock_common, node, skc_node);
	default:
		return CONTAINER(sock_common, node, skc_nulls_node);
	}
}

static __always_inline u32 hash_port(u64 net, u16 port)
{
	return port + FIELD(net, net, hash_mix);
}

/* The bucket that the entry is at home in. A listener's is not told by itself: one that moves was
 * closed and opened again. */
static __always_inline u32 home_of(const struct walk *walk, u64 entry, u32 bucket,
				   enum table table)
{
	switch (table) {
	case TABLE_CONNECTIONS:
		return FIELD(sock_common, entry, skc_hash) & walk->mask;
	case TABLE_PORTS:
		return hash_port(POINTER(inet_bind_bucket, entry, ib_net.net),
				 FIELD(inet_bind_bucket, entry, port)) &
		       walk->mask;
	case TABLE_UDP:
		return hash_port(POINTER(sock_common, entry, skc_net.net),
				 FIELD(sock_common, entry, skc_num)) &
		       walk->mask;
	default:
		return bucket;
	}
}

/* ---- records ---- */

/* What connect() owns is left out. */
static __always_inline bool fill_port(struct seen_port *seen, u64 bucket)
{
	if (!is_bind_owned(bucket))
		return false;
	seen->kind = SEEN_PORT;
	seen->netns = FIELD(net, POINTER(inet_bind_bucket, bucket, ib_net.net), ns.inum);
	seen->port = FIELD(inet_bind_bucket, bucket, port);
	return true;
}

static __always_inline bool fill(union seen *seen, u64 entry, const struct walk *walk,
				 enum table table)
{
	switch (table) {
	case TABLE_PORTS:
		return fill_port(&seen->port, entry);
	case TABLE_CONNECTIONS:
		fill_connection(&seen->socket, entry, &walk->now);
		return true;
	case TABLE_LISTENERS:
		fill_sock(&seen->socket, entry, IPPROTO_TCP, TCP_LISTEN);
		return true;
	default:
		fill_sock(&seen->socket, entry, IPPROTO_UDP,
			  FIELD(sock_common, entry, skc_state));
		return true;
	}
}

/* ---- ahead of the steps ---- */

/* Without a branch, which the processor could only guess, and the compiler would make of it. */
static __always_inline u64 either(bool first, u64 one, u64 other)
{
	u64 mask = -(u64)first;

	barrier_var(mask);
	return (one & mask) | (other & ~mask);
}

/* What fill_connection() reads beyond the beginning of an entry. */
static __always_inline u64 ask_for_rest(u64 entry)
{
	bool resting = FIELD(sock_common, entry, skc_state) == TCP_TIME_WAIT;
	u64 sum =
		word_at(entry + either(resting, OFFSET(tcp_timewait_sock, tw_sk.tw_substate),
				       OFFSET(inet_sock, sk.sk_socket))) +
		word_at(entry + either(resting, OFFSET(tcp_timewait_sock, tw_ts_recent_stamp),
				       OFFSET(inet_sock, sk.sk_uid)));

	if (HAS(inet_sock, sk.sk_ino))
		sum += word_at(entry + either(resting, 0, OFFSET(inet_sock, sk.sk_ino)));
	return sum;
}

/* The first entries of the next chains; few chains are longer. */
static __always_inline void ask_for_buckets(struct walk *walk, u32 bucket, enum table table)
{
	const u32 entries = table == TABLE_CONNECTIONS ? 3 : 8;
	u64 nodes[AHEAD], sum = 0;

	walk->asked = bucket + AHEAD;
	for (u32 i = 0; i < AHEAD; i++)
		nodes[i] = first_of(walk, (bucket + i) & walk->mask, table);
	for (u32 n = 0; n < entries; n++) {
		u64 any = 0;

		for (u32 i = 0; i < AHEAD; i++) {
			nodes[i] = either(is_end(nodes[i], table), 0, nodes[i]);
			any |= nodes[i];
		}
		if (!any)
			break;
		for (u32 i = 0; i < AHEAD; i++) {
			sum += next_node(nodes[i]);
			if (table == TABLE_CONNECTIONS)
				sum += FIELD(sock_common, entry_of(nodes[i], table),
					     skc_state);
		}
		for (u32 i = 0; i < AHEAD; i++) {
			if (table == TABLE_CONNECTIONS)
				sum += ask_for_rest(entry_of(nodes[i], table));
			nodes[i] = next_node(nodes[i]);
		}
	}
	asked_for = sum;
}

/* ---- a step: one entry, or the end of a bucket. So a chain may have any length ---- */

/* Most of a table is empty as a rule: buckets without any entry cost no step of their own. */
static __always_inline void skip_empty(struct walk *walk, struct walk_progress *at,
				       enum table table)
{
	enum { AT_ONCE = 8 };

	for (u32 i = 0; i < AT_ONCE && at->next < walk->end; i++) {
		u64 node = first_of(walk, at->next, table);

		if (!is_end(node, table) || !is_end_of(node, at->next, table))
			return;
		end_bucket(walk, at);
	}
}

static __always_inline long step(void *context, enum table table)
{
	u32 slot = *(u32 *)context & (WALK_SLOTS - 1);
	struct walk *walk = &walks[slot];
	struct walk_progress *at = &progress[slot];
	union seen *seen;
	u64 entry;

	if (!walk->inside) {
		if (!misled)
			skip_empty(walk, at, table);
		if (at->next >= walk->end)
			return 1;
		walk->begin = at->records;
		if (ASK_AHEAD && (table == TABLE_CONNECTIONS || table == TABLE_PORTS) &&
		    at->next >= walk->asked)
			ask_for_buckets(walk, at->next, table);
		walk->node = first_of(walk, at->next ^ (misled && !walk->tries), table);
		walk->inside = true;
	}
	if (is_end(walk->node, table)) {
		if (is_end_of(walk->node, at->next, table))
			end_bucket(walk, at);
		else
			repeat_bucket(walk, at);
		return 0;
	}
	entry = entry_of(walk->node, table);
	if (!walk->node || home_of(walk, entry, at->next, table) != at->next) {
		repeat_bucket(walk, at);
		return 0;
	}
	if (at->records >= slot_records) {
		postpone_bucket(walk, at);
		return 1;
	}
	seen = record_at(slot, at->records);
	if (!seen)
		return 1;
	at->records += fill(seen, entry, walk, table);
	walk->node = next_node(walk->node);
	/* Chains that end in zero all end alike: the entry must be of this one still. */
	if ((table == TABLE_PORTS || table == TABLE_UDP) &&
	    home_of(walk, entry, at->next, table) != at->next)
		repeat_bucket(walk, at);
	return 0;
}

/* ---- namespaces ---- */

static u64 ring_at; /* the walk's place in the ring of all namespaces */

/* Before Linux 6.2 there is one table of UDP, which a UDP socket leads to. */
static __always_inline u64 udp_table_of(u64 net)
{
	return HAS(net, ipv4.udp_table) ? POINTER(net, net, ipv4.udp_table) : common_udp_table;
}

static __always_inline void fill_namespace(struct seen_namespace *seen, u64 net)
{
	u64 tables = POINTER(net, net, ipv4.tcp_death_row.hashinfo);

	seen->kind = SEEN_NAMESPACE;
	/* Both came with it. */
	seen->since_6_8 = HAS(inet_bind_bucket, bhash2);
	seen->netns = FIELD(net, net, ns.inum);
	seen->address = net;
	/* One with a table of connections of its own has the others in common with all
	 * (net/ipv4/inet_hashtables.c, inet_pernet_hashinfo_alloc()). */
	seen->tcp_connections = POINTER(inet_hashinfo, tables, ehash);
	seen->tcp_ports = POINTER(inet_hashinfo, tables, bhash);
	seen->connections = FIELD(inet_hashinfo, tables, ehash_mask) + 1;
	seen->ports = FIELD(inet_hashinfo, tables, bhash_size);
	seen->listeners = FIELD(inet_hashinfo, tables, lhash2_mask) + 1;
	seen->tw_reuse_delay_ms =
		HAS(net, ipv4.sysctl_tcp_tw_reuse_delay) ?
			(int)FIELD(net, net, ipv4.sysctl_tcp_tw_reuse_delay) :
			-1;
	seen->udp_table = udp_table_of(net);
	seen->udp = seen->udp_table ? FIELD(udp_table, seen->udp_table, mask) + 1 : 0;
}

/* The ring has one member that is no namespace: its head, the one before init_net. */
static long step_namespaces(u32 index, void *context)
{
	u32 slot = *(u32 *)context & (WALK_SLOTS - 1);
	struct walk_progress *at = &progress[slot];
	u64 head = POINTER(net, init_net, list.prev);
	union seen *seen;

	if (!ring_at || ring_at == head)
		return 1;
	if (at->records == slot_records) {
		at->lost++;
		return 1;
	}
	seen = record_at(slot, at->records);
	if (!seen)
		return 1;
	fill_namespace(&seen->namespace, CONTAINER(net, ring_at, list));
	at->records++;
	ring_at = next_node(ring_at);
	return 0;
}

/* Argument: the one table of UDP where there is one, 0: not known. */
SEC("raw_tp/never")
int find_namespaces(struct bpf_raw_tracepoint_args *context)
{
	u32 slot = 0;

	common_udp_table = context->args[0];
	init_net = POINTER(nsproxy, POINTER(task_struct, find_init_task(), nsproxy), net_ns);
	progress[0] = (struct walk_progress){ 0 };
	ring_at = init_net ? init_net + OFFSET(net, list) : 0;
	bpf_loop(MOST_STEPS, step_namespaces, &slot, 0);
	return 0;
}

/* ---- a walk ---- */

static long step_to_namespace(u32 index, void *context)
{
	u64 *wanted = context;

	if (wanted[1] == wanted[0] || wanted[1] == wanted[2] || !wanted[1])
		return 1;
	wanted[1] = next_node(wanted[1]);
	return 0;
}

/* A namespace that is found in the ring stays, with its tables, until this program ends: it is taken
 * out before it waits for RCU readers (net/core/net_namespace.c, cleanup_net()). */
static __always_inline bool namespace_lives(u64 net)
{
	u64 wanted[3] = { net + OFFSET(net, list), init_net + OFFSET(net, list),
			  POINTER(net, init_net, list.prev) };

	if (net == init_net)
		return true;
	bpf_loop(MOST_STEPS, step_to_namespace, wanted, 0);
	return wanted[1] == wanted[0];
}

static __always_inline void choose_table(struct walk *walk, enum table table, u64 net)
{
	u64 tcp = POINTER(net, net, ipv4.tcp_death_row.hashinfo), udp;

	switch (table) {
	case TABLE_CONNECTIONS:
		walk->table = POINTER(inet_hashinfo, tcp, ehash);
		walk->mask = FIELD(inet_hashinfo, tcp, ehash_mask);
		break;
	case TABLE_LISTENERS:
		walk->table = POINTER(inet_hashinfo, tcp, lhash2);
		walk->mask = FIELD(inet_hashinfo, tcp, lhash2_mask);
		break;
	case TABLE_PORTS:
		walk->table = POINTER(inet_hashinfo, tcp, bhash);
		walk->mask = FIELD(inet_hashinfo, tcp, bhash_size) - 1;
		break;
	case TABLE_UDP:
		udp = udp_table_of(net);
		walk->table = POINTER(udp_table, udp, hash);
		walk->mask = FIELD(udp_table, udp, mask);
		break;
	}
}

/* Arguments: address of a namespace that uses the table, first bucket, the one behind the last, slot. If
 * the namespace is gone, its tables are empty. */
static __always_inline bool begin_walk(struct bpf_raw_tracepoint_args *context,
				       enum table table, u32 *slot)
{
	u64 net = context->args[0];
	struct walk_progress *at;
	struct walk *walk;

	*slot = context->args[3] & (WALK_SLOTS - 1);
	walk = &walks[*slot];
	at = &progress[*slot];
	*at = (struct walk_progress){ .next = context->args[1] };
	*walk = (struct walk){ .now = moment_now() };
	if (!namespace_lives(net)) {
		at->next = context->args[2];
		return false;
	}
	choose_table(walk, table, net);
	walk->end = context->args[2];
	if (walk->end > walk->mask + 1)
		walk->end = walk->mask + 1;
	return true;
}

/* A table is known when the program is made: each walk is made for its own. */
#define WALK(name, table)                                                                     \
	static long step_##name(u32 index, void *context)                                     \
	{                                                                                     \
		return step(context, table);                                                  \
	}                                                                                     \
                                                                                              \
	SEC("raw_tp/never")                                                                   \
	int walk_##name(struct bpf_raw_tracepoint_args *context)                              \
	{                                                                                     \
		u32 slot;                                                                     \
                                                                                              \
		if (begin_walk(context, table, &slot))                                        \
			bpf_loop(MOST_STEPS, step_##name, &slot, 0);                          \
		return 0;                                                                     \
	}

WALK(connections, TABLE_CONNECTIONS)
WALK(listeners, TABLE_LISTENERS)
WALK(ports, TABLE_PORTS)
WALK(udp, TABLE_UDP)
