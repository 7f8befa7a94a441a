// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/registers.h"

#include "source/linux/bpf/failures.h"

/*
 * Calls that fail for want of a port, told while they happen, in the context of the caller.
 *
 *   TCP connect()       SYN_SENT -> CLOSE, before the socket was given a port
 *   listen() unbound    LISTEN -> CLOSE, the same
 *   UDP send            EAGAIN from a socket without port (SENDS; else at the exit of the system call)
 *   bind() to port 0    EADDRINUSE at the exit of the system call
 *   UDP connect()       EAGAIN there, from a socket without port
 *
 * The last two have no event of their own; to be told of the exit of any system call makes all of them
 * slower, so that program is attached only where it is asked for.
 *
 * What also ends in these errors and is no lack of ports: connect() by a socket with a port, whose four
 * numbers are taken; bind() to a port by its number; a send into a full buffer. Each has a port.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} events SEC(".maps");

/* Set before loading; 0: any. */
const volatile u32 wanted_netns;
const volatile int wanted_pid;

u64 lost; /* events that found no room in the buffer */

enum { AF_UNSPEC = 0, AF_INET = 2, AF_INET6 = 10 };
enum { IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_UDPLITE = 136, IPPROTO_MPTCP = 262 };
enum { TCP_SYN_SENT = 2, TCP_CLOSE = 7, TCP_LISTEN = 10 }; /* include/net/tcp_states.h */
enum { EAGAIN = 11, EADDRINUSE = 98, EADDRNOTAVAIL = 99 };
enum { PF_KTHREAD = 0x00200000, S_IFMT = 0170000, S_IFSOCK = 0140000 };

/* ---- the reader, whose pid namespace counts ---- */

static u64 reader_pid_namespace;
static u32 reader_level; /* how deep it is */

static __always_inline u64 pid_number(u64 pid, u32 level)
{
	return pid + OFFSET(pid, numbers) + level * SIZE(upid);
}

/* Run once by the reader, before the others are attached. */
SEC("raw_tp/never")
int learn_reader(void *context)
{
	u64 pid = POINTER(task_struct, bpf_get_current_task(), thread_pid);

	reader_level = FIELD(pid, pid, level);
	reader_pid_namespace = POINTER(upid, pid_number(pid, reader_level), ns);
	return 0;
}

/* ---- the record ---- */

/* The number that the process has in the reader's pid namespace. */
static __always_inline int visible_pid(u64 leader)
{
	u64 pid = POINTER(task_struct, leader, thread_pid);
	u64 number = pid_number(pid, reader_level);

	if (!pid || FIELD(pid, pid, level) < reader_level ||
	    POINTER(upid, number, ns) != reader_pid_namespace)
		return 0;
	return FIELD(upid, number, nr);
}

static __always_inline u32 netns_of(u64 sock)
{
	return FIELD(net, POINTER(sock_common, sock, skc_net.net), ns.inum);
}

/* A socket that may use this one port alone has asked for it by its number, so to speak: what it is
 * refused is that port. portroom itself asks so. */
static __always_inline u32 own_range(u64 sock)
{
	struct inet_sock *known = 0;
	struct inet_sock___pair *pair = 0;

	if (bpf_core_field_exists(known->local_port_range))
		return FIELD(inet_sock, sock, local_port_range);
	if (bpf_core_field_exists(pair->local_port_range))
		return FIELD(inet_sock___pair, sock, local_port_range.lo) |
		       (u32)FIELD(inet_sock___pair, sock, local_port_range.hi) << 16;
	return 0;
}

/* What is called from several places is a function of its own, so that it is fitted to the kernel once. */
static __noinline bool is_wanted(u64 sock)
{
	u64 leader = POINTER(task_struct, bpf_get_current_task(), group_leader);
	u32 range = own_range(sock);

	return (!wanted_netns || netns_of(sock) == wanted_netns) &&
	       (!wanted_pid || visible_pid(leader) == wanted_pid) &&
	       (!range || (range & 0xffff) != range >> 16);
}

static __noinline void fill(struct seen_failure *seen, u64 sock)
{
	u64 leader = POINTER(task_struct, bpf_get_current_task(), group_leader);
	u32 range = own_range(sock);

	__builtin_memset(seen, 0, sizeof *seen);
	seen->time_ns = bpf_ktime_get_ns();
	seen->start_ns = FIELD(task_struct, leader, start_boottime);
	seen->cgroup = bpf_get_current_cgroup_id();
	seen->netns = netns_of(sock);
	seen->pid = visible_pid(leader);
	seen->user = (u32)bpf_get_current_uid_gid();
	seen->device = (u32)FIELD(sock_common, sock, skc_bound_dev_if);
	seen->flags = SEEN_CALLER;
	if (BITS(sock_common, sock, skc_ipv6only))
		seen->flags |= SEEN_ONLY_SIX;
	seen->range_first = range & 0xffff;
	seen->range_last = range >> 16;
	((u64 *)seen->name)[0] = word_at(leader + OFFSET(task_struct, comm));
	((u64 *)seen->name)[1] = word_at(leader + OFFSET(task_struct, comm) + 8);
}

/* NULL where the call is not to be told, or is told as lost. Inline: Linux 6.1 does not understand that what
 * a function returned, and it has looked at there, is not NULL. */
static __always_inline struct seen_failure *begin(u64 sock, u8 call, u16 error)
{
	struct seen_failure *seen;

	if (!is_wanted(sock))
		return 0;
	seen = bpf_ringbuf_reserve(&events, sizeof *seen, 0);
	if (!seen) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	fill(seen, sock);
	seen->call = call;
	seen->error = error;
	return seen;
}

static __noinline void take_source(struct seen_failure *seen, u64 sock)
{
	seen->flags |= SEEN_SOURCE;
	if (FIELD(sock_common, sock, skc_family) == AF_INET6) {
		u64 address = sock + OFFSET(sock_common, skc_v6_rcv_saddr);

		seen->flags |= SEEN_FROM_IPV6;
		((u64 *)seen->source)[0] = word_at(address);
		((u64 *)seen->source)[1] = word_at(address + 8);
	} else {
		*(u32 *)seen->source = FIELD(sock_common, sock, skc_rcv_saddr);
	}
}

static __always_inline void take_destination(struct seen_failure *seen, u64 sock)
{
	seen->flags |= SEEN_DESTINATION;
	seen->destination_port = __builtin_bswap16(FIELD(sock_common, sock, skc_dport));
	if (FIELD(sock_common, sock, skc_family) == AF_INET6) {
		u64 address = sock + OFFSET(sock_common, skc_v6_daddr);

		seen->flags |= SEEN_TO_IPV6;
		((u64 *)seen->destination)[0] = word_at(address);
		((u64 *)seen->destination)[1] = word_at(address + 8);
	} else {
		*(u32 *)seen->destination = FIELD(sock_common, sock, skc_daddr);
	}
}

/* ---- what the program gave to its call ---- */

/* struct sockaddr_in, or the beginning of sockaddr_in6: the user's copy. */
struct given_address {
	u16 family;
	u16 port; /* network byte order */
	u32 ipv4;
	u8 ipv6[16];
};

static __always_inline bool read_address(struct given_address *given, u64 from)
{
	enum { IPV4_SIZE = 8 };

	return from && (!bpf_probe_read_user(given, sizeof *given, (void *)from) ||
			!bpf_probe_read_user(given, IPV4_SIZE, (void *)from));
}

static __always_inline bool take_address(u8 to[16], const struct given_address *given)
{
	if (given->family == AF_INET6)
		__builtin_memcpy(to, given->ipv6, 16);
	else
		*(u32 *)to = given->ipv4;
	return given->family == AF_INET6;
}

static __noinline void take_given_destination(struct seen_failure *seen, u64 from)
{
	struct given_address given = { 0 };

	if (!read_address(&given, from))
		return;
	seen->flags |= SEEN_DESTINATION;
	if (take_address(seen->destination, &given))
		seen->flags |= SEEN_TO_IPV6;
	seen->destination_port = __builtin_bswap16(given.port);
}

/* What the send is addressed to. sendmmsg() ends at the first message that fails, and none before that
 * can have gone: it would have got a port. */
static __noinline u64 address_of_send(u64 registers)
{
	u64 message = 0;

	switch (call_number(registers)) {
	case __NR_sendto:
		return call_argument(registers, 4);
	case __NR_sendmsg:
	case __NR_sendmmsg: /* msg_name comes first */
		bpf_probe_read_user(&message, sizeof message,
				    (void *)call_argument(registers, 1));
		return message;
	default: /* write(), io_uring */
		return 0;
	}
}

/* 0: a thread of the kernel, which made no call. */
static __always_inline u64 own_registers(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->flags & PF_KTHREAD ? 0 : (u64)bpf_task_pt_regs(task);
}

/* ---- TCP: changes of state ---- */

/*
 * A socket that was connected before, or tried to be, has its old port in inet_sport, though it has it no
 * more. Whether connect() found a new one then shows in sk_txhash: it is chosen right afterwards. Linux
 * net/ipv4/tcp_ipv4.c, tcp_v4_connect(); net/ipv6/tcp_ipv6.c, tcp_v6_connect().
 */
struct attempt {
	u64 sock;
	u32 txhash;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct attempt);
} attempts SEC(".maps");

static __always_inline void note_attempt(const struct sock *sock)
{
	struct attempt *attempt;

	if (sock->__sk_common.skc_num || !FIELD(inet_sock, (u64)sock, inet_sport))
		return;
	attempt = bpf_task_storage_get(&attempts, bpf_get_current_task_btf(), 0,
				       BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (attempt) {
		attempt->sock = (u64)sock;
		attempt->txhash = sock->sk_txhash;
	}
}

static __always_inline bool connect_got_none(const struct sock *sock)
{
	struct attempt *attempt;
	bool none;

	if (!FIELD(inet_sock, (u64)sock, inet_sport))
		return true;
	attempt = bpf_task_storage_get(&attempts, bpf_get_current_task_btf(), 0, 0);
	if (!attempt)
		return false;
	none = attempt->sock == (u64)sock && attempt->txhash == sock->sk_txhash;
	attempt->sock = 0;
	return none;
}

/* close() and shutdown() make the same change, and give the port up before it. */
static __always_inline bool listen_got_none(const struct sock *sock)
{
	u64 registers;

	if (!FIELD(inet_sock, (u64)sock, inet_sport))
		return true;
	registers = own_registers();
	return registers && call_number(registers) == __NR_listen;
}

SEC("tp_btf/inet_sock_set_state")
int on_state(u64 *context)
{
	const struct sock *sock = (const struct sock *)context[0];
	int before = (int)context[1], after = (int)context[2];
	struct seen_failure *seen;

	if (after == TCP_SYN_SENT) {
		note_attempt(sock);
		return 0;
	}
	if (after != TCP_CLOSE || (before != TCP_SYN_SENT && before != TCP_LISTEN) ||
	    sock->__sk_common.skc_num || sock->sk_protocol != IPPROTO_TCP)
		return 0;
	if (before == TCP_LISTEN ? !listen_got_none(sock) : !connect_got_none(sock))
		return 0;
	seen = begin((u64)sock, before == TCP_LISTEN ? SEEN_LISTEN : SEEN_CONNECT,
		     before == TCP_LISTEN ? EADDRINUSE : EADDRNOTAVAIL);
	if (!seen)
		return 0;
	seen->protocol = IPPROTO_TCP;
	take_source(seen, (u64)sock);
	if (before == TCP_SYN_SENT)
		take_destination(seen, (u64)sock);
	bpf_ringbuf_submit(seen, 0);
	return 0;
}

/* ---- UDP: sends ---- */

static __always_inline bool is_udp(u16 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE;
}

static __noinline void tell_udp(u64 sock, u8 call, u64 destination)
{
	struct seen_failure *seen;

	if (!is_udp(FIELD(sock, sock, sk_protocol)) || FIELD(sock_common, sock, skc_num))
		return;
	seen = begin(sock, call, EAGAIN);
	if (!seen)
		return;
	seen->protocol = IPPROTO_UDP;
	take_source(seen, sock);
	take_given_destination(seen, destination);
	bpf_ringbuf_submit(seen, 0);
}

#ifdef SENDS

SEC("tp_btf/sock_send_length")
int on_send(u64 *context)
{
	const struct sock *sock = (const struct sock *)context[0];
	int result = (int)context[1];
	u64 registers;

	if (result != -EAGAIN || sock->__sk_common.skc_num || !is_udp(sock->sk_protocol))
		return 0;
	registers = own_registers();
	tell_udp((u64)sock, SEEN_SEND, registers ? address_of_send(registers) : 0);
	return 0;
}

#endif

/* ---- the exit of system calls ---- */

/* The struct sock of an IP socket that the caller has open under this number; 0: it is none. */
static __always_inline u64 own_socket(u64 number)
{
	u64 files = POINTER(task_struct, bpf_get_current_task(), files);
	u64 table = POINTER(files_struct, files, fdt);
	u64 file, sock;
	u16 family;

	if (number >= FIELD(fdtable, table, max_fds))
		return 0;
	file = word_at(POINTER(fdtable, table, fd) + number * sizeof(u64));
	if ((FIELD(inode, POINTER(file, file, f_inode), i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	sock = POINTER(socket, POINTER(file, file, private_data), sk);
	family = FIELD(sock_common, sock, skc_family);
	return family == AF_INET || family == AF_INET6 ? sock : 0;
}

static __always_inline void tell_bind(u64 sock, u64 address)
{
	u16 protocol = FIELD(sock, sock, sk_protocol);
	struct given_address given = { 0 };
	struct seen_failure *seen;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP && !is_udp(protocol)) ||
	    FIELD(sock_common, sock, skc_num) || !read_address(&given, address) || given.port)
		return;
	seen = begin(sock, SEEN_BIND, EADDRINUSE);
	if (!seen)
		return;
	seen->protocol = is_udp(protocol) ? IPPROTO_UDP : IPPROTO_TCP;
	seen->flags |= SEEN_SOURCE;
	if (take_address(seen->source, &given))
		seen->flags |= SEEN_FROM_IPV6;
	bpf_ringbuf_submit(seen, 0);
}

static __noinline int tell_exit(u64 registers, int call, long result)
{
	u64 sock = own_socket(call_argument(registers, 0));

	if (!sock)
		return 0;
	switch (call) {
	case __NR_bind:
		if (result == -EADDRINUSE)
			tell_bind(sock, call_argument(registers, 1));
		break;
	case __NR_connect:
		if (result == -EAGAIN)
			tell_udp(sock, SEEN_CONNECT, call_argument(registers, 1));
		break;
	default:
		if (result == -EAGAIN)
			tell_udp(sock, SEEN_SEND, address_of_send(registers));
	}
	return 0;
}

/* Of all calls; only those of interest go on. */
SEC("tp_btf/sys_exit")
int on_exit(u64 *context)
{
	u64 registers = context[0];
	long result = (long)context[1];
	int call;

	if (result != -EADDRINUSE && result != -EAGAIN)
		return 0;
	call = call_number(registers);
	if (call == __NR_bind || call == __NR_connect)
		return tell_exit(registers, call, result);
#ifndef SENDS
	if (call == __NR_sendto || call == __NR_sendmsg || call == __NR_sendmmsg)
		return tell_exit(registers, call, result);
#endif
	return 0;
}

/* kernel/trace/trace_syscalls.c, perf_call_bpf_exit() */
struct exit_context {
	u64 common;
	int number;
	long result;
};

/* Of one call: for each call of interest it is attached once, to an event of its own. If it returned 0, no
 * other user of perf events on this machine would see the event. */
SEC("tracepoint/syscalls/sys_exit")
int on_exit_of_one(struct exit_context *context)
{
	long result = context->result;
	u64 registers;

	if (result != -EADDRINUSE && result != -EAGAIN)
		return 1;
	registers = own_registers();
	if (registers)
		tell_exit(registers, context->number, result);
	return 1;
}
