#pragma once

#include "source/linux/bpf/sockets.h"

/*
 * What a process has open: sockets and network namespaces are told from other files by comparing them
 * with two that the reader has open itself, under numbers that it tells. The reader is the task that
 * runs the program.
 */
static u64 socket_operations; /* f_op of every socket */
static u64 nsfs_operations;   /* f_op of every namespace file */
static u64 netns_operations;  /* ns->ops of every network namespace */
static u64 reader_pid_namespace;
static u32 reader_level; /* depth of the reader's pid namespace */

/* ---- which kind of file ---- */

/* A member of a struct fdtable, found by the one that is part of every files_struct: a type less to look
 * for. Little-endian: a smaller number is the beginning of eight bytes. */
#define TABLE(table, member)                                                                  \
	word_at((table) + OFFSET(files_struct, fdtab.member) - OFFSET(files_struct, fdtab))

/* What the reader has open under this number. */
static __always_inline u64 own_file(u32 number)
{
	u64 files = POINTER(task_struct, bpf_get_current_task(), files);
	u64 fds = TABLE(POINTER(files_struct, files, fdt), fd);

	return word_at(fds + number * sizeof(u64));
}

/* A namespace file's inode leads to the namespace. What is taken for a struct net may be another kind of
 * namespace, of which only the part that all have in common is read. */
static __always_inline u64 namespace_of(u64 file)
{
	u64 inode = POINTER(file, file, f_inode);
	u64 part = word_at(inode + OFFSET(socket_alloc, vfs_inode.i_private) -
			   OFFSET(socket_alloc, vfs_inode));

	return CONTAINER(net, part, ns);
}

/* From the reader's files of a socket and of a network namespace. */
static __always_inline void learn_kinds(u64 socket, u64 netns)
{
	u64 pid = POINTER(task_struct, bpf_get_current_task(), thread_pid);

	socket_operations = POINTER(file, socket, f_op);
	nsfs_operations = POINTER(file, netns, f_op);
	netns_operations = POINTER(net, namespace_of(netns), ns.ops);
	reader_level = FIELD(pid, pid, level);
	reader_pid_namespace =
		POINTER(upid, pid + OFFSET(pid, numbers) + reader_level * SIZE(upid), ns);
}

static __always_inline bool is_socket(u64 file)
{
	return POINTER(file, file, f_op) == socket_operations;
}

static __always_inline bool is_netns(u64 file)
{
	return POINTER(file, file, f_op) == nsfs_operations &&
	       POINTER(net, namespace_of(file), ns.ops) == netns_operations;
}

/* ---- records ---- */

/* The number that the process has in the reader's pid namespace. */
static __always_inline int visible_pid(u64 leader)
{
	u64 pid = POINTER(task_struct, leader, thread_pid);
	u64 number = pid + OFFSET(pid, numbers) + reader_level * SIZE(upid);

	if (!pid || FIELD(pid, pid, level) < reader_level ||
	    POINTER(upid, number, ns) != reader_pid_namespace)
		return 0;
	return FIELD(upid, number, nr);
}

/* Of a process's main thread, and the one whose descriptors follow. */
static __always_inline void fill_process(struct seen_process *seen, u64 leader, u64 thread)
{
	u64 name = leader + OFFSET(task_struct, comm);

	seen->kind = SEEN_PROCESS;
	seen->thread = thread == leader ? 0 : FIELD(task_struct, thread, pid);
	seen->pid = visible_pid(leader);
	seen->start_ns = FIELD(task_struct, leader, start_boottime);
	((u64 *)seen->name)[0] = word_at(name);
	((u64 *)seen->name)[1] = word_at(name + 8);
}

static __always_inline void fill_count(struct seen_count *seen, u32 descriptors, u32 sockets)
{
	seen->kind = SEEN_COUNT;
	seen->descriptors = descriptors;
	seen->sockets = sockets;
}

static __always_inline void fill_netns_file(struct seen_netns_file *seen, u64 file, u32 number)
{
	seen->kind = SEEN_NETNS_FILE;
	seen->number = number;
	seen->netns = FIELD(net, namespace_of(file), ns.inum);
}

/* Whether it is a socket of TCP, UDP or MPTCP at all; the others are only counted. */
static __always_inline bool holds_ports(u64 sock, u16 protocol)
{
	u16 family = FIELD(sock_common, sock, skc_family);

	return sock && (family == AF_INET || family == AF_INET6) &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
		protocol == IPPROTO_MPTCP);
}

/* A TCP socket holds a port without being in a table of connections: bound only, or closed with a port
 * that was asked for by number. */
static __always_inline bool is_bound(u64 sock, u16 protocol)
{
	return protocol == IPPROTO_TCP && FIELD(inet_sock, sock, sk.sk_type) == SOCK_STREAM &&
	       FIELD(sock_common, sock, skc_state) == TCP_CLOSE &&
	       FIELD(sock_common, sock, skc_num) &&
	       POINTER(tcp_sock, sock, inet_conn.icsk_bind_hash);
}

/* SEEN_BOUND or SEEN_DESCRIPTOR. MPTCP's connections are of TCP, and belong to its socket. */
static __always_inline void fill_held(union seen *seen, u64 socket, u64 sock, bool bound,
				      u32 number)
{
	if (bound) {
		fill_sock(&seen->socket, sock, IPPROTO_TCP, TCP_CLOSE);
		seen->socket.kind = SEEN_BOUND;
		return;
	}
	seen->descriptor.kind = SEEN_DESCRIPTOR;
	seen->descriptor.state = FIELD(sock_common, sock, skc_state);
	seen->descriptor.protocol = (u8)FIELD(inet_sock, sock, sk.sk_protocol);
	seen->descriptor.shared = FIELD(inet_sock, sock, sk.sk_protocol) == IPPROTO_MPTCP;
	seen->descriptor.number = number;
	seen->descriptor.socket = socket;
	seen->descriptor.local_port = FIELD(sock_common, sock, skc_num);
	seen->descriptor.remote_port = __builtin_bswap16(FIELD(sock_common, sock, skc_dport));
}
