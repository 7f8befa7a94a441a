// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/walk.h"

/*
 * Who has which socket open: the descriptor tables of all processes, read where the kernel keeps them.
 * That sees every process of the machine, in whatever pid namespace, and needs no right to look at it.
 *
 * A walk takes several calls. A task may be gone when the next begins, so no address is kept: the place
 * is found again by when the process began, its pid, its thread and the number of the descriptor.
 * A file may be closed and its memory serve another while it is looked at; what is read then is checked
 * by the reader against what the tables of sockets say of the same socket.
 */
enum { TCP_CLOSE = 7 }; /* include/net/tcp_states.h */

/* Where the walk is: kept from call to call. */
struct place {
	u64 began; /* start_boottime of the process */
	int process, thread;
	u32 number; /* of the descriptor that is next */
};

/* One call. */
struct descriptor_walk {
	u64 leader, thread;   /* tasks; leader 0: no process is left */
	u64 files, fds, open; /* the descriptor table being read; files 0: none is */
	u64 last_files;	      /* of this process, read already: threads share one as a rule */
	u32 size;	      /* of the table */
	u32 opened, sockets;  /* descriptors found since the last SEEN_COUNT */
	u32 steps;	      /* that are left */
	bool told;	      /* the process has its record in this slot */
	bool only_bound;      /* of sockets, only the bound ones are wanted */
};

static struct place place;
static struct descriptor_walk descriptor_walk;
struct walk_progress descriptor_progress; /* .next: 1 while there is more */
u64 udp_table; /* 0: not found, or each namespace has its own */

static u64 init_task_address;
static u64 socket_operations; /* f_op of every socket */
static u64 nsfs_operations;   /* f_op of every namespace file */
static u64 netns_operations;  /* ns->ops of every network namespace */
static u64 reader_pid_namespace;
static u32 reader_level; /* depth of the reader's pid namespace */

/* A member of a struct fdtable, found by the one that is part of every files_struct: a type less to look
 * for. Little-endian: a smaller number is the beginning of eight bytes. */
#define TABLE(table, member)                                                                  \
	word_at((table) + OFFSET(files_struct, fdtab.member) - OFFSET(files_struct, fdtab))

/* ---- what is looked for: learned from two files that the reader has open ---- */

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

/* Before Linux 6.2 a UDP socket leads to the one table of them all. */
static __always_inline u64 udp_table_of(u64 sock)
{
	return POINTER(proto, POINTER(sock_common, sock, skc_prot), h.udp_table);
}

/* Arguments: the descriptors of a socket and of a network namespace; whether the socket is UDP. */
SEC("raw_tp/never")
int learn_files(struct bpf_raw_tracepoint_args *context)
{
	u64 pid = POINTER(task_struct, bpf_get_current_task(), thread_pid);
	u64 socket = own_file(context->args[0]), netns = own_file(context->args[1]);

	init_task_address = find_init_task();
	if (context->args[2])
		udp_table = udp_table_of(
			POINTER(socket_alloc, POINTER(file, socket, private_data), socket.sk));
	socket_operations = POINTER(file, socket, f_op);
	nsfs_operations = POINTER(file, netns, f_op);
	netns_operations = POINTER(net, namespace_of(netns), ns.ops);
	reader_level = FIELD(pid, pid, level);
	reader_pid_namespace = POINTER(
		upid, pid + OFFSET(pid, numbers) + reader_level * SIZE(upid), ns);
	place = (struct place){ 0 };
	return 0;
}

/* ---- records ---- */

static __always_inline union seen *next_record(void)
{
	if (descriptor_progress.records >= slot_records)
		return 0;
	return record_at(0, descriptor_progress.records++);
}

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

/* Called from several places: as a function of its own it is fitted to the kernel once. */
static __noinline void tell_process(struct descriptor_walk *walk)
{
	union seen *seen = next_record();
	u64 name = walk->leader + OFFSET(task_struct, comm);

	if (!seen)
		return;
	seen->process.kind = SEEN_PROCESS;
	seen->process.pid = visible_pid(walk->leader);
	seen->process.start_ns = FIELD(task_struct, walk->leader, start_boottime);
	((u64 *)seen->process.name)[0] = word_at(name);
	((u64 *)seen->process.name)[1] = word_at(name + 8);
	walk->told = true;
}

static __always_inline void tell_count(struct descriptor_walk *walk)
{
	union seen *seen;

	if (!walk->opened)
		return;
	if (!walk->told)
		tell_process(walk);
	seen = next_record();
	if (seen) {
		seen->count.kind = SEEN_COUNT;
		seen->count.descriptors = walk->opened;
		seen->count.sockets = walk->sockets;
	}
	walk->opened = 0;
	walk->sockets = 0;
}

/* A TCP socket holds a port without being in a table of connections: bound only, or closed with a port
 * that was asked for by number. */
static __always_inline bool is_bound(u64 sock, u16 protocol)
{
	return protocol == IPPROTO_TCP &&
	       FIELD(sock_common, sock, skc_state) == TCP_CLOSE &&
	       FIELD(sock_common, sock, skc_num) &&
	       POINTER(tcp_sock, sock, inet_conn.icsk_bind_hash);
}

static __always_inline void tell_socket(struct descriptor_walk *walk, u64 socket, u32 number)
{
	u64 sock = POINTER(socket_alloc, socket, socket.sk);
	u16 family = FIELD(sock_common, sock, skc_family);
	u16 protocol = FIELD(inet_sock, sock, sk.sk_protocol);
	union seen *seen;
	bool bound;

	if (!sock || (family != AF_INET && family != AF_INET6) ||
	    (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP && protocol != IPPROTO_MPTCP))
		return;
	if (protocol == IPPROTO_UDP && !udp_table)
		udp_table = udp_table_of(sock);
	bound = is_bound(sock, protocol);
	if (!bound && walk->only_bound)
		return;
	if (!walk->told)
		tell_process(walk);
	seen = next_record();
	if (!seen)
		return;
	if (bound) {
		fill_sock(&seen->socket, sock, IPPROTO_TCP, TCP_CLOSE);
		seen->socket.kind = SEEN_BOUND;
		return;
	}
	seen->descriptor.kind = SEEN_DESCRIPTOR;
	seen->descriptor.state = FIELD(sock_common, sock, skc_state);
	seen->descriptor.protocol = (u8)protocol; /* MPTCP becomes 6, as its connections are */
	seen->descriptor.shared = protocol == IPPROTO_MPTCP;
	seen->descriptor.number = number;
	seen->descriptor.socket = socket;
	seen->descriptor.local_port = FIELD(sock_common, sock, skc_num);
	seen->descriptor.remote_port =
		__builtin_bswap16(FIELD(sock_common, sock, skc_dport));
}

static __always_inline void tell_netns(struct descriptor_walk *walk, u64 file, u32 number)
{
	union seen *seen;

	if (!walk->told)
		tell_process(walk);
	seen = next_record();
	if (!seen)
		return;
	seen->netns_file.kind = SEEN_NETNS_FILE;
	seen->netns_file.number = number;
	seen->netns_file.netns = FIELD(net, namespace_of(file), ns.inum);
}

/* ---- a step: a descriptor, 64 places without any, or the way to the next table ---- */

static __always_inline void step_descriptor(struct descriptor_walk *walk)
{
	u32 number = place.number;
	u64 open = word_at(walk->open + number / 64 * sizeof(u64)) >> (number % 64);
	u64 file, operations;

	if (!open) {
		place.number = (number | 63) + 1;
		return;
	}
	place.number++;
	file = open & 1 ? word_at(walk->fds + number * sizeof(u64)) : 0;
	if (!file)
		return;
	walk->opened++;
	operations = POINTER(file, file, f_op);
	if (operations == socket_operations) {
		walk->sockets++;
		tell_socket(walk, POINTER(file, file, private_data), number);
	} else if (operations == nsfs_operations &&
		   POINTER(net, namespace_of(file), ns.ops) == netns_operations) {
		tell_netns(walk, file, number);
	}
}

static __always_inline void begin_process(struct descriptor_walk *walk, u64 leader)
{
	u64 signal = POINTER(task_struct, leader, signal);

	walk->leader = leader;
	walk->thread =
		CONTAINER(task_struct, POINTER(signal_struct, signal, thread_head.next),
			  thread_node);
	walk->last_files = 0;
	walk->told = false;
	place.began = FIELD(task_struct, leader, start_boottime);
	place.process = FIELD(task_struct, leader, tgid);
	place.thread = FIELD(task_struct, walk->thread, pid);
	place.number = 0;
}

/* The list of all processes begins and ends in init_task, which has none of it. */
static __always_inline void next_process(struct descriptor_walk *walk)
{
	u64 node = POINTER(task_struct, walk->leader, tasks.next);
	u64 leader = CONTAINER(task_struct, node, tasks);

	tell_count(walk);
	if (!node || leader == init_task_address)
		walk->leader = 0;
	else
		begin_process(walk, leader);
}

static __always_inline void next_thread(struct descriptor_walk *walk)
{
	u64 node = POINTER(task_struct, walk->thread, thread_node.next);
	u64 signal = POINTER(task_struct, walk->leader, signal);

	walk->files = 0;
	if (!node || node == signal + OFFSET(signal_struct, thread_head)) {
		next_process(walk);
		return;
	}
	walk->thread = CONTAINER(task_struct, node, thread_node);
	place.thread = FIELD(task_struct, walk->thread, pid);
	place.number = 0;
}

static __always_inline void begin_table(struct descriptor_walk *walk)
{
	u64 files = POINTER(task_struct, walk->thread, files);
	u64 table = files && files != walk->last_files ?
			    POINTER(files_struct, files, fdt) :
			    0;

	if (!table) {
		next_thread(walk);
		return;
	}
	walk->files = files;
	walk->fds = TABLE(table, fd);
	walk->open = TABLE(table, open_fds);
	walk->size = (u32)TABLE(table, max_fds);
}

static long step(u32 index, void *context)
{
	struct descriptor_walk *walk = &descriptor_walk;

	/* A step writes two records at most, and one call two more at its end. */
	if (!walk->leader || !walk->steps ||
	    descriptor_progress.records + 4 > slot_records)
		return 1;
	walk->steps--;
	if (!walk->files) {
		begin_table(walk);
	} else if (place.number < walk->size) {
		step_descriptor(walk);
	} else {
		walk->last_files = walk->files;
		next_thread(walk);
	}
	return 0;
}

/* ---- the place where the call before left off ---- */

static __always_inline bool is_place(u64 leader)
{
	u64 began = FIELD(task_struct, leader, start_boottime);

	return began > place.began ||
	       (began == place.began && FIELD(task_struct, leader, tgid) == place.process);
}

static long step_to_process(u32 index, void *context)
{
	struct descriptor_walk *walk = &descriptor_walk;
	u64 node = POINTER(task_struct, walk->leader, tasks.next);

	walk->leader = CONTAINER(task_struct, node, tasks);
	if (!node || walk->leader == init_task_address) {
		walk->leader = 0;
		return 1;
	}
	return is_place(walk->leader);
}

static long step_to_thread(u32 index, void *context)
{
	struct descriptor_walk *walk = &descriptor_walk;
	int *wanted = context;

	if (!walk->leader || place.process != wanted[0] || place.thread == wanted[1])
		return 1;
	next_thread(walk);
	return 0;
}

/* If the process is gone, the walk goes on with the one that was begun after it; if just the thread is, with
 * the process after. */
static __always_inline void find_place(struct descriptor_walk *walk)
{
	int wanted[2] = { place.process, place.thread };
	u64 began = place.began;
	u32 number = place.number;

	walk->leader = init_task_address;
	bpf_loop(MOST_STEPS, step_to_process, 0, 0);
	if (!walk->leader)
		return;
	begin_process(walk, walk->leader);
	if (place.began != began || place.process != wanted[0])
		return;
	bpf_loop(MOST_STEPS, step_to_thread, wanted, 0);
	if (!walk->leader || place.process != wanted[0])
		return;
	place.number = number;
	/* Another thread's: the main one's has been read. */
	if (wanted[0] != wanted[1])
		walk->last_files = POINTER(task_struct, walk->leader, files);
}

/* Arguments: how many steps; whether only bound sockets are wanted. */
SEC("raw_tp/never")
int walk_descriptors(struct bpf_raw_tracepoint_args *context)
{
	struct descriptor_walk *walk = &descriptor_walk;

	descriptor_walk = (struct descriptor_walk){ .steps = context->args[0],
						    .only_bound = context->args[1] };
	descriptor_progress = (struct walk_progress){ 0 };
	find_place(walk);
	bpf_loop(MOST_STEPS, step, 0, 0);
	if (walk->leader)
		tell_count(walk);
	descriptor_progress.next = walk->leader != 0;
	return 0;
}
