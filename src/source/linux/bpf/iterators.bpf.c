// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/files.h"

/*
 * The second choice, for kernels that do not take the walks: the kernel itself goes over the sockets of
 * the namespace that the reader is in, or over the descriptors of the processes in its pid namespace, and
 * calls a program for each (BPF iterators). The reader gets the records by read(), 32 KiB at a time.
 *
 * A program that returns 1 is called again for the same object at the next read(): so it can first look
 * whether there is room for its records (Linux kernel/bpf/bpf_iter.c, bpf_seq_read()).
 */

/* The arguments of a program, each of eight bytes. The last call has no socket or file. */
struct iteration {
	struct seq_file *seq;
};

struct socket_iteration {
	struct iteration *iteration;
	struct sock_common *socket;
};

struct file_iteration {
	struct iteration *iteration;
	struct task_struct *task;
	u32 number, nothing;
	struct file *file;
};

static __always_inline bool has_room(const struct seq_file *seq, u32 records)
{
	return seq->size - seq->count >= records * sizeof(union seen);
}

static __always_inline void put(struct seq_file *seq, const union seen *seen)
{
	bpf_seq_write(seq, seen, sizeof *seen);
}

/* ---- sockets ---- */

/*
 * A read() that ends within a bucket goes on, before Linux 6.17, at the number of sockets that came
 * before; others that come or go make it wrong, and one comes twice or not at all (net/ipv4/tcp_ipv4.c,
 * bpf_iter_tcp_batch()). So it ends before a bucket, if a bucket has no more than so many.
 */
enum { RECORDS_OF_BUCKET = 64 };

static u64 last_net;
static u32 last_hash, hash_mask;

static __always_inline bool is_in_last_bucket(u64 sock)
{
	u64 net = POINTER(sock_common, sock, skc_net.net);
	u32 hash = FIELD(sock_common, sock, skc_hash), changed = hash ^ last_hash;

	if (net != last_net) {
		u64 tables = POINTER(net, net, ipv4.tcp_death_row.hashinfo);

		hash_mask = FIELD(inet_hashinfo, tables, ehash_mask);
		last_net = net;
	}
	last_hash = hash;
	return !(changed & hash_mask);
}

static __always_inline u64 bucket_of(u64 sock)
{
	switch (FIELD(sock_common, sock, skc_state)) {
	case TCP_TIME_WAIT:
		return POINTER(tcp_timewait_sock, sock, tw_sk.tw_tb);
	case TCP_NEW_SYN_RECV:
		return 0;
	default:
		return POINTER(inet_connection_sock, sock, icsk_bind_hash);
	}
}

SEC("iter/tcp")
int see_tcp(struct socket_iteration *context)
{
	struct seq_file *seq = context->iteration->seq;
	u64 sock = (u64)context->socket;
	union seen seen = { 0 };
	struct moment now;

	if (!sock)
		return 0;
	if (!is_in_last_bucket(sock) && !has_room(seq, RECORDS_OF_BUCKET))
		return 1;
	now = moment_now();
	fill_connection(&seen.socket, sock, &now);
	seen.socket.flags |= port_owner(bucket_of(sock), seen.socket.local_port);
	put(seq, &seen);
	return 0;
}

/* This iterator counts the sockets before the place where it goes on, all of them before Linux 6.5, those
 * of the bucket before 6.16 (net/ipv4/udp.c, bpf_iter_udp_batch()): more than one read() takes may become
 * wrong. */
SEC("iter/udp")
int see_udp(struct socket_iteration *context)
{
	u64 sock = (u64)context->socket;
	union seen seen = { 0 };

	if (!sock)
		return 0;
	fill_sock(&seen.socket, sock, IPPROTO_UDP, FIELD(sock_common, sock, skc_state));
	put(context->iteration->seq, &seen);
	return 0;
}

/* ---- descriptors ---- */

/* Set by the reader: what it has open itself, see files.h; whether of sockets only the bound ones are wanted. */
u32 socket_number, netns_number;
bool only_bound;
/* Set for the reader: a kernel whose sock_diag shows bound-only sockets. Both came with Linux 6.8. */
bool shows_bound;

/* The process whose descriptors come; its record is made while it is there for certain. */
static struct holder {
	u64 task, files;
	union seen process;
	int number;
	u32 opened, sockets; /* descriptors so far */
	bool told;	     /* its record is written */
} holder;

/* For a descriptor: that many and their process, of the last process and of this; and at the end. */
enum { RECORDS_OF_FILE = 6 };

static __always_inline void learn(void)
{
	if (socket_operations)
		return;
	learn_kinds(own_file(socket_number), own_file(netns_number));
	shows_bound = HAS(inet_bind_bucket, bhash2);
}

static __always_inline void tell_process(struct seq_file *seq)
{
	if (!holder.told)
		put(seq, &holder.process);
	holder.told = true;
}

static __always_inline void tell_count(struct seq_file *seq)
{
	union seen seen = { 0 };

	if (!holder.opened)
		return;
	tell_process(seq);
	fill_count(&seen.count, holder.opened, holder.sockets);
	put(seq, &seen);
	holder.opened = 0;
}

static __always_inline void begin_process(u64 task, u64 files)
{
	u64 leader = POINTER(task_struct, task, group_leader);

	holder = (struct holder){ .task = task,
				  .files = files,
				  .number = FIELD(task_struct, task, tgid) };
	fill_process(&holder.process.process, leader, task);
}

/* False for a thread whose table of descriptors another thread has shown. The iterator leaves out only
 * those that have the process's (Linux kernel/bpf/task_iter.c, task_seq_get_next()). */
static __always_inline bool begin_task(struct seq_file *seq, u64 task)
{
	u64 files = POINTER(task_struct, task, files);

	if (task == holder.task)
		return true;
	if (FIELD(task_struct, task, tgid) == holder.number && files == holder.files)
		return false;
	tell_count(seq);
	begin_process(task, files);
	return true;
}

static __always_inline void tell_socket(struct seq_file *seq, u64 socket, u32 number)
{
	u64 sock = POINTER(socket_alloc, socket, socket.sk);
	u16 protocol = FIELD(inet_sock, sock, sk.sk_protocol);
	union seen seen = { 0 };
	bool bound;

	if (!holds_ports(sock, protocol))
		return;
	bound = is_bound(sock, protocol);
	if (!bound && only_bound)
		return;
	fill_held(&seen, socket, sock, bound, number);
	if (bound)
		seen.socket.flags |= port_owner(bucket_of(sock), seen.socket.local_port);
	tell_process(seq);
	put(seq, &seen);
}

static __always_inline void tell_netns(struct seq_file *seq, u64 file, u32 number)
{
	union seen seen = { 0 };

	fill_netns_file(&seen.netns_file, file, number);
	tell_process(seq);
	put(seq, &seen);
}

SEC("iter/task_file")
int see_descriptors(struct file_iteration *context)
{
	struct seq_file *seq = context->iteration->seq;
	u64 task = (u64)context->task, file = (u64)context->file;

	if (!task || !file) {
		tell_count(seq);
		return 0;
	}
	if (!has_room(seq, RECORDS_OF_FILE))
		return 1;
	learn();
	if (!begin_task(seq, task))
		return 0;
	holder.opened++;
	if (is_socket(file)) {
		holder.sockets++;
		tell_socket(seq, POINTER(file, file, private_data), context->number);
	} else if (is_netns(file)) {
		tell_netns(seq, file, context->number);
	}
	return 0;
}
