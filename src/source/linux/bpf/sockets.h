#pragma once

#include "source/linux/bpf/memory.h"
#include "source/linux/bpf/records.h"

/*
 * From the kernel's socket to its record: what the walks and the iterators have in common. Nothing here
 * needs a helper that is younger than BPF iterators.
 */
enum { AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1 };
enum { IPPROTO_TCP = 6, IPPROTO_UDP = 17, IPPROTO_MPTCP = 262 };

/* include/net/tcp_states.h */
enum { TCP_TIME_WAIT = 6, TCP_CLOSE = 7, TCP_LISTEN = 10, TCP_NEW_SYN_RECV = 12 };

/* By two of the kernel's clocks. */
struct moment {
	u64 ms; /* of CLOCK_MONOTONIC */
	u64 jiffies;
};

/* The kernel counts the time that is left to TIME_WAIT in ticks: CONFIG_HZ, set by
 * the reader of such entries. */
const volatile u32 ticks_per_second;

static __always_inline struct moment moment_now(void)
{
	return (struct moment){ .ms = bpf_ktime_get_ns() / 1000000,
				.jiffies = bpf_jiffies64() };
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
	if (HAS(inet_sock, sk.sk_ino))
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

static __always_inline void fill_sock(struct seen_socket *seen, u64 sock, u8 protocol,
				      u8 state)
{
	fill_common(seen, sock);
	seen->kind = SEEN_SOCKET;
	seen->protocol = protocol;
	seen->state = state;
	fill_owner(seen, sock);
}

static __always_inline void fill_time_wait(struct seen_socket *seen, u64 sock,
					   const struct moment *now)
{
	s64 left =
		(s64)(FIELD(tcp_timewait_sock, sock, tw_sk.tw_timer.expires) - now->jiffies);
	int stamp = FIELD(tcp_timewait_sock, sock, tw_ts_recent_stamp);

	seen->state = FIELD(tcp_timewait_sock, sock, tw_sk.tw_substate);
	seen->socket = (u64)FIELD(sock_common, sock, skc_cookie.counter);
	seen->user = left > 0 ? (u32)left * 1000 / ticks_per_second : 0;
	seen->flags |= SEEN_TIME_WAIT;
	if (stamp)
		seen->flags |= SEEN_TIMESTAMPS;
	if ((s64)(now->ms / 1000) > stamp)
		seen->flags |= SEEN_SECOND_OVER;
	if (HAS(tcp_timewait_sock, tw_sk.tw_entry_stamp)) {
		seen->age_ms =
			(u32)now->ms - FIELD(tcp_timewait_sock, sock, tw_sk.tw_entry_stamp);
		seen->flags |= SEEN_AGE_MS;
	}
}

static __always_inline void fill_connection(struct seen_socket *seen, u64 sock,
					    const struct moment *now)
{
	u8 state = FIELD(sock_common, sock, skc_state);

	fill_common(seen, sock);
	seen->kind = SEEN_SOCKET;
	seen->protocol = IPPROTO_TCP;
	seen->state = state;
	seen->socket = 0;
	seen->user = 0;
	seen->inode = 0;
	if (state == TCP_TIME_WAIT)
		fill_time_wait(seen, sock, now);
	else if (state != TCP_NEW_SYN_RECV)
		fill_owner(seen, sock);
}

/*
 * A bind bucket says who owns a TCP port: connect() leaves the port alone if one of fastreuse and
 * fastreuseport is not -1, for then somebody got it by bind(). Linux net/ipv4/inet_hashtables.c,
 * __inet_hash_connect(). Ports of a VRF are not met by sockets outside it.
 */
static __always_inline bool is_bind_owned(u64 bucket)
{
	return !FIELD(inet_bind_bucket, bucket, l3mdev) &&
	       (FIELD(inet_bind_bucket, bucket, fastreuse) != -1 ||
		FIELD(inet_bind_bucket, bucket, fastreuseport) != -1);
}

/* Where a socket's pointer leads. In passing it may be null, or lead to what was freed: not known. */
static __always_inline u8 port_owner(u64 bucket, u16 port)
{
	if (!bucket || FIELD(inet_bind_bucket, bucket, port) != port)
		return 0;
	return is_bind_owned(bucket) ? SEEN_BIND_OWNED : SEEN_CONNECT_OWNED;
}
