// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/memory.h"

#include "source/linux/bpf/ledger.h"

#include <bpf/bpf_tracing.h>

/*
 * connect() of TCP takes a socket from CLOSE to SYN_SENT before it looks for a port, in the context of
 * whoever called it (Linux net/ipv4/tcp_ipv4.c, tcp_v4_connect(); net/ipv6/tcp_ipv6.c). By then the
 * addresses are there. Every other change of state is let go at once: it may be anybody's context.
 *
 * If no port is found, the socket goes back to CLOSE without one, in the same call.
 */
enum { TCP_SYN_SENT = 2, TCP_CLOSE = 7 };
enum { AF_INET6 = 10, IPPROTO_TCP = 6 };
enum { PF_KTHREAD = 0x00200000 }; /* include/linux/sched.h */
enum { PID_LEVELS = 33 };	  /* MAX_PID_NS_LEVEL and the initial one */

/* The reader sets the number of entries, a power of two, before it loads this. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct ledger_entry);
	__uint(max_entries, 1);
} ledger_entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct ledger_maker_key);
	__type(value, struct ledger_maker);
	__uint(max_entries, LEDGER_MAKERS);
} ledger_makers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, struct ledger_state);
	__uint(max_entries, 1);
} ledger_state SEC(".maps");

/* Set before loading: one less than the number of entries; ticks of the kernel's clock in which an entry is
 * young, as long as TIME_WAIT lasts. */
const volatile u32 entry_mask, young_ticks;

static __always_inline struct ledger_state *state(void)
{
	u32 first = 0;

	return bpf_map_lookup_elem(&ledger_state, &first);
}

static __always_inline struct ledger_entry *entry_of(u64 cookie)
{
	u32 place = (u32)cookie & entry_mask;

	return bpf_map_lookup_elem(&ledger_entries, &place);
}

/* ---- who ---- */

/* The number that the process has in the pid namespace of whoever began the ledger. */
static __always_inline int visible_pid(struct task_struct *leader, u32 pid_namespace)
{
	u64 pid = POINTER(task_struct, (u64)leader, thread_pid);
	u32 level = FIELD(pid, pid, level);

	for (u32 i = 0; i < PID_LEVELS && i <= level; i++) {
		u64 number = pid + OFFSET(pid, numbers) + i * SIZE(upid);

		if (FIELD(pid_namespace, POINTER(upid, number, ns), ns.inum) == pid_namespace)
			return FIELD(upid, number, nr);
	}
	return 0;
}

static __always_inline void note_maker(const struct ledger_maker_key *key,
				       struct task_struct *leader, u32 pid_namespace)
{
	struct ledger_maker maker = {
		.start_ns = leader->start_boottime,
		.cgroup = bpf_get_current_cgroup_id(),
		.user = (u32)bpf_get_current_uid_gid(),
		.pid = visible_pid(leader, pid_namespace),
	};

	bpf_probe_read_kernel(maker.name, sizeof maker.name, leader->comm);
	bpf_map_update_elem(&ledger_makers, key, &maker, BPF_ANY);
}

/* ---- what ---- */

static __always_inline void copy_addresses(struct ledger_entry *entry, struct sock *sock)
{
	u64 *local = (u64 *)entry->local, *remote = (u64 *)entry->remote;

	if (sock->__sk_common.skc_family == AF_INET6) {
		const u64 *from = (const u64 *)&sock->__sk_common.skc_v6_rcv_saddr;
		const u64 *to = (const u64 *)&sock->__sk_common.skc_v6_daddr;

		entry->flags = LEDGER_IPV6;
		local[0] = from[0];
		local[1] = from[1];
		remote[0] = to[0];
		remote[1] = to[1];
	} else {
		entry->flags = 0;
		local[0] = sock->__sk_common.skc_rcv_saddr;
		remote[0] = sock->__sk_common.skc_daddr;
		local[1] = remote[1] = 0;
	}
}

static __always_inline u16 source_port(struct sock *sock)
{
	return FIELD(inet_sock, (u64)sock, inet_sport);
}

static __always_inline void note(struct sock *sock)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct *leader = task->group_leader;
	bool kernel = task->flags & PF_KTHREAD;
	u64 cookie = bpf_get_socket_cookie(sock);
	struct ledger_entry *entry = entry_of(cookie);
	struct ledger_state *total = state();
	struct ledger_maker_key maker = {
		.process = kernel ? 0 : (u32)leader->tgid,
		.began = kernel ? 0 : (u32)(leader->start_boottime >> LEDGER_UNIT_SHIFT),
	};
	u32 now = (u32)bpf_jiffies64();
	u64 before;

	if (!entry || !total)
		return;
	before = __sync_lock_test_and_set(&entry->cookie, 0);
	if (before && before != cookie && now - entry->opened < young_ticks)
		__sync_fetch_and_add(&total->overwritten, 1);
	/* A socket that tries again is its entry still: what it tried before left nothing. */
	if (before != cookie)
		entry->turn++;
	__sync_fetch_and_add(&total->noted, 1);
	entry->process = maker.process;
	entry->began = maker.began;
	entry->opened = now;
	entry->netns = sock->__sk_common.skc_net.net->ns.inum;
	entry->remote_port = __builtin_bswap16(sock->__sk_common.skc_dport);
	copy_addresses(entry, sock);
	if (source_port(sock))
		entry->flags |= LEDGER_AGAIN;
	__sync_lock_test_and_set(&entry->cookie, cookie);
	if (!kernel && !bpf_map_lookup_elem(&ledger_makers, &maker))
		note_maker(&maker, leader, total->pid_namespace);
}

/*
 * Whoever is refused, gives up or runs out of time goes from SYN_SENT to CLOSE as well, and has given its
 * port number back by then (Linux net/ipv4/tcp.c, tcp_set_state()). What stays is the source port: one that
 * never had any found none. On a socket that connects again it may be that of the time before; then it
 * counts that the call of connect() is still under way, for only later is the socket said to be connecting
 * (net/ipv4/af_inet.c, __inet_stream_connect()).
 */
static __always_inline bool found_none(const struct ledger_entry *entry, struct sock *sock)
{
	u64 socket = POINTER(inet_sock, (u64)sock, sk.sk_socket);

	if (!source_port(sock))
		return true;
	return entry->flags & LEDGER_AGAIN && socket &&
	       FIELD(socket_alloc, socket, socket.state) == SS_UNCONNECTED;
}

static __always_inline void note_no_port(struct sock *sock)
{
	u64 cookie = bpf_get_socket_cookie(sock);
	struct ledger_entry *entry = entry_of(cookie);
	struct ledger_state *total = state();

	if (!entry || !total || entry->cookie != cookie || !found_none(entry, sock))
		return;
	entry->flags |= LEDGER_NO_PORT;
	__sync_fetch_and_add(&total->no_port, 1);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(note_connection, struct sock *sock, int from, int to)
{
	if (from == TCP_CLOSE && to == TCP_SYN_SENT) {
		if (sock->sk_protocol == IPPROTO_TCP)
			note(sock);
	} else if (from == TCP_SYN_SENT && to == TCP_CLOSE) {
		if (!sock->__sk_common.skc_num && sock->sk_protocol == IPPROTO_TCP)
			note_no_port(sock);
	}
	return 0;
}
