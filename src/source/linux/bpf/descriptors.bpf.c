// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "source/linux/bpf/ahead.h"
#include "source/linux/bpf/files.h"

/*
 * Who has which socket open: the descriptor tables of all processes, read where the kernel keeps them.
 * That sees every process of the machine, in whatever pid namespace, and needs no right to look at it.
 *
 * A walk takes several calls. A task may be gone when the next begins, so no address is kept: the place
 * is found again by when the process began, its pid, its thread and the number of the descriptor.
 * A file may be closed and its memory serve another while it is looked at; what is read then is checked
 * by the reader against what the tables of sockets say of the same socket.
 */

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
	u64 owner;	      /* the thread whose table it is */
	u64 last_files;	      /* of this process, read already: threads share one as a rule */
	u32 size;	      /* of the table */
	u32 asked;	      /* places of it that were asked for ahead end here */
	u32 opened, sockets;  /* descriptors found since the last SEEN_COUNT */
	u32 steps;	      /* that are left */
	u32 slot;	      /* the records' */
	bool told;	      /* the process has its record in this slot */
	bool only_bound;      /* of sockets, only the bound ones are wanted */
};

static struct place place;
static struct descriptor_walk descriptor_walk;
struct walk_progress descriptor_progress[DESCRIPTOR_SLOTS]; /* .next: 1 when all is read */
u64 udp_table; /* 0: not found, or each namespace has its own */

static u64 init_task_address;

/* Before Linux 6.2 a UDP socket leads to the one table of them all. */
static __always_inline u64 udp_table_of(u64 sock)
{
	return POINTER(proto, POINTER(sock_common, sock, skc_prot), h.udp_table);
}

/* Arguments: the descriptors of a socket and of a network namespace; whether the socket is UDP. */
SEC("raw_tp/never")
int learn_files(struct bpf_raw_tracepoint_args *context)
{
	u64 socket = own_file(context->args[0]), netns = own_file(context->args[1]);

	init_task_address = find_init_task();
	if (context->args[2])
		udp_table = udp_table_of(
			POINTER(socket_alloc, POINTER(file, socket, private_data), socket.sk));
	learn_kinds(socket, netns);
	place = (struct place){ 0 };
	return 0;
}

/* ---- records ---- */

static __always_inline u32 *record_count(void)
{
	return &descriptor_progress[descriptor_walk.slot & (DESCRIPTOR_SLOTS - 1)].records;
}

static __always_inline union seen *next_record(void)
{
	u32 *count = record_count();

	return *count < slot_records ? record_at(descriptor_walk.slot, (*count)++) : 0;
}

/* Called from several places: as a function of its own it is fitted to the kernel once. */
static __noinline void tell_process(struct descriptor_walk *walk)
{
	union seen *seen = next_record();

	if (!seen)
		return;
	fill_process(&seen->process, walk->leader, walk->owner);
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
	if (seen)
		fill_count(&seen->count, walk->opened, walk->sockets);
	walk->opened = 0;
	walk->sockets = 0;
}

static __always_inline void tell_socket(struct descriptor_walk *walk, u64 socket, u32 number)
{
	u64 sock = POINTER(socket_alloc, socket, socket.sk);
	u16 protocol = FIELD(inet_sock, sock, sk.sk_protocol);
	union seen *seen;
	bool bound;

	if (!holds_ports(sock, protocol))
		return;
	if (protocol == IPPROTO_UDP && !udp_table)
		udp_table = udp_table_of(sock);
	bound = is_bound(sock, protocol);
	if (!bound && walk->only_bound)
		return;
	if (!walk->told)
		tell_process(walk);
	seen = next_record();
	if (seen)
		fill_held(seen, socket, sock, bound, number);
}

static __always_inline void tell_netns(struct descriptor_walk *walk, u64 file, u32 number)
{
	union seen *seen;

	if (!walk->told)
		tell_process(walk);
	seen = next_record();
	if (seen)
		fill_netns_file(&seen->netns_file, file, number);
}

/* ---- a step: a descriptor, 64 places without any, or the way to the next table ---- */

/* From the descriptor to its file, to the socket, to the sock. */
static __always_inline void ask_for_descriptors(struct descriptor_walk *walk, u32 number)
{
	u64 ahead[AHEAD], sum = 0;

	walk->asked = number + AHEAD;
	for (u32 i = 0; i < AHEAD; i++)
		ahead[i] = word_at(walk->fds + (number + i) * sizeof(u64));
	for (u32 i = 0; i < AHEAD; i++)
		ahead[i] = POINTER(file, ahead[i], private_data) & -(u64)is_socket(ahead[i]);
	for (u32 i = 0; i < AHEAD; i++)
		ahead[i] = POINTER(socket_alloc, ahead[i], socket.sk);
	for (u32 i = 0; i < AHEAD; i++)
		sum += FIELD(sock_common, ahead[i], skc_num) +
		       FIELD(inet_sock, ahead[i], sk.sk_protocol);
	asked_for = sum;
}

static __always_inline void step_descriptor(struct descriptor_walk *walk)
{
	u32 number = place.number;
	u64 open = word_at(walk->open + number / 64 * sizeof(u64)) >> (number % 64);
	u64 file;

	if (!open) {
		place.number = (number | 63) + 1;
		return;
	}
	/* A table that is given back meanwhile may serve another process at once. */
	if (POINTER(task_struct, walk->thread, files) != walk->files) {
		place.number = walk->size;
		return;
	}
	if (ASK_AHEAD && number >= walk->asked)
		ask_for_descriptors(walk, number & -AHEAD);
	place.number++;
	file = open & 1 ? word_at(walk->fds + number * sizeof(u64)) : 0;
	if (!file)
		return;
	walk->opened++;
	if (is_socket(file)) {
		walk->sockets++;
		tell_socket(walk, POINTER(file, file, private_data), number);
	} else if (is_netns(file)) {
		tell_netns(walk, file, number);
	}
}

static __always_inline void begin_process(struct descriptor_walk *walk, u64 leader)
{
	u64 signal = POINTER(task_struct, leader, signal);

	walk->leader = leader;
	walk->thread = CONTAINER(task_struct, POINTER(signal_struct, signal, thread_head.next),
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
	u64 table = files && files != walk->last_files ? POINTER(files_struct, files, fdt) : 0;

	if (!table) {
		next_thread(walk);
		return;
	}
	tell_count(walk);
	walk->told = false;
	walk->owner = walk->thread;
	walk->files = files;
	walk->fds = TABLE(table, fd);
	walk->open = TABLE(table, open_fds);
	walk->size = (u32)TABLE(table, max_fds);
	walk->asked = 0;
}

static long step(u32 index, void *context)
{
	struct descriptor_walk *walk = &descriptor_walk;

	/* A step writes two records at most, and one call two more at its end. */
	if (!walk->leader || !walk->steps || *record_count() + 4 > slot_records)
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

struct seeking {
	u64 later; /* the first process of the list that began after the one that is sought */
};

/* The list is in the order of beginning but for processes that were begun at the same time (Linux
 * kernel/fork.c, copy_process(), notes it before it takes the lock): only the very one is the place. */
static long step_to_process(u32 index, void *context)
{
	struct descriptor_walk *walk = &descriptor_walk;
	struct seeking *seeking = context;
	u64 began;

	walk->leader =
		CONTAINER(task_struct, POINTER(task_struct, walk->leader, tasks.next), tasks);
	if (walk->leader == init_task_address) {
		walk->leader = 0;
		return 1;
	}
	began = FIELD(task_struct, walk->leader, start_boottime);
	if (began == place.began && FIELD(task_struct, walk->leader, tgid) == place.process)
		return 1;
	/* Process 1 may have begun at zero. */
	if (!seeking->later && (began > place.began || !place.process))
		seeking->later = walk->leader;
	return seeking->later && !place.process;
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
	struct seeking seeking = { 0 };
	int wanted[2] = { place.process, place.thread };
	u64 began = place.began;
	u32 number = place.number;

	walk->leader = init_task_address;
	bpf_loop(MOST_STEPS, step_to_process, &seeking, 0);
	if (!walk->leader)
		walk->leader = seeking.later;
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

/* Arguments: how many steps; whether only bound sockets are wanted; slot. */
SEC("raw_tp/never")
int walk_descriptors(struct bpf_raw_tracepoint_args *context)
{
	struct descriptor_walk *walk = &descriptor_walk;
	u32 slot = context->args[2] & (DESCRIPTOR_SLOTS - 1);

	descriptor_walk = (struct descriptor_walk){ .steps = context->args[0],
						    .only_bound = context->args[1],
						    .slot = slot };
	descriptor_progress[slot] = (struct walk_progress){ 0 };
	find_place(walk);
	bpf_loop(MOST_STEPS, step, 0, 0);
	if (walk->leader)
		tell_count(walk);
	descriptor_progress[slot].next = !walk->leader;
	return 0;
}
