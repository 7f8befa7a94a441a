#pragma once

#include "source/linux/bpf/memory.h"
#include "source/linux/bpf/records.h"

/*
 * What the walks share. They are raw_tp programs that are never attached: the reader runs them by
 * BPF_PROG_TEST_RUN, which takes no context but eight numbers, and calls again until the walk is over.
 * State lies in .bss, one set a slot, because on the stack it makes the verifier follow every value.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, union seen);
	__uint(max_entries, WALK_SLOTS *WALK_SLOT_MOST); /* the reader makes it smaller */
} records SEC(".maps");

enum { AF_INET = 2, AF_INET6 = 10 };
enum { IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_MPTCP = 262 };

const volatile u32 slot_records = WALK_SLOT_MOST; /* set by the reader */

/* One of the two licences of the programs; the helpers they call want it. */
char license_of_programs[] SEC("license") = "GPL";

/* bpf_loop() refuses more (kernel/bpf/bpf_iter.c, BPF_MAX_LOOPS). */
enum { MOST_STEPS = 1 << 23 };

/* The next free record of a slot; the caller has seen that there is one. */
static __always_inline union seen *record_at(u32 slot, u32 index)
{
	u32 key = slot * slot_records + index;

	return bpf_map_lookup_elem(&records, &key);
}

static __always_inline void copy_ipv6(u8 to[16], u64 address)
{
	((u64 *)to)[0] = word_at(address);
	((u64 *)to)[1] = word_at(address + 8);
}

/* Ports, addresses, namespace and device: what is valid in every kind of entry, that of a connection
 * not yet accepted and of one in TIME_WAIT included (struct sock_common). */
static __always_inline void fill_common(struct seen_socket *seen, u64 sock)
{
	seen->netns = FIELD(net, POINTER(sock_common, sock, skc_net.net), ns.inum);
	seen->local_port = FIELD(sock_common, sock, skc_num);
	seen->remote_port = __builtin_bswap16(FIELD(sock_common, sock, skc_dport));
	seen->device = (u32)FIELD(sock_common, sock, skc_bound_dev_if);
	if (FIELD(sock_common, sock, skc_family) == AF_INET6) {
		seen->flags = SEEN_IPV6;
		if (BITS(sock_common, sock, skc_ipv6only))
			seen->flags |= SEEN_IPV6_ONLY;
		copy_ipv6(seen->local, sock + OFFSET(sock_common, skc_v6_rcv_saddr));
		copy_ipv6(seen->remote, sock + OFFSET(sock_common, skc_v6_daddr));
	} else {
		seen->flags = 0;
		*(u32 *)seen->local = FIELD(sock_common, sock, skc_rcv_saddr);
		*(u32 *)seen->remote = FIELD(sock_common, sock, skc_daddr);
	}
}

/* A socket has an inode of its own: since Linux 6.18 it knows the number, before it lies behind. */
static __always_inline u32 inode_of(u64 sock, u64 socket)
{
	struct inet_sock *known = (struct inet_sock *)sock;

	if (bpf_core_field_exists(known->sk.sk_ino))
		return (u32)FIELD(inet_sock, sock, sk.sk_ino);
	return socket ? (u32)FIELD(socket_alloc, socket, vfs_inode.i_ino) : 0;
}

/* What only a whole struct sock has. */
static __always_inline void fill_owner(struct seen_socket *seen, u64 sock)
{
	u64 socket = POINTER(inet_sock, sock, sk.sk_socket);

	seen->socket = socket;
	seen->user = FIELD(inet_sock, sock, sk.sk_uid.val);
	seen->inode = socket ? inode_of(sock, socket) : 0;
}

static __always_inline void fill_sock(struct seen_socket *seen, u64 sock, u8 protocol, u8 state)
{
	fill_common(seen, sock);
	seen->kind = SEEN_SOCKET;
	seen->protocol = protocol;
	seen->state = state;
	fill_owner(seen, sock);
}

static long step_to_root(u32 index, void *context)
{
	u64 *task = context, parent = POINTER(task_struct, *task, real_parent);

	if (!parent || parent == *task)
		return 1;
	*task = parent;
	return 0;
}

/* The task whose parent is itself: from any task the parents lead there, from inside a container too, and
 * without the addresses of symbols. */
static __always_inline u64 find_init_task(void)
{
	u64 task = bpf_get_current_task();

	bpf_loop(MOST_STEPS, step_to_root, &task, 0);
	return task;
}

/*
 * The kernel counts time in ticks and does not tell how many a second has.
 * They began 300 s before 2^32 when CLOCK_MONOTONIC began (Linux include/linux/jiffies.h,
 * INITIAL_JIFFIES), so one of the rates that a kernel can have (kernel/Kconfig.hz) fits.
 */
static __always_inline u32 find_ticks_per_second(void)
{
	const u32 rates[] = { 100, 250, 300, 1000 };
	s64 ticks = (s64)(bpf_jiffies64() - (1ull << 32));
	s64 ms = (s64)(bpf_ktime_get_ns() / 1000000) - 300 * 1000;
	u64 nearest = -1;
	u32 found = 0;

	for (u32 i = 0; i < 4; i++) {
		s64 off = ticks * 1000 - ms * rates[i];

		if (off < 0)
			off = -off;
		if ((u64)off < nearest) {
			nearest = off;
			found = rates[i];
		}
	}
	return found;
}
