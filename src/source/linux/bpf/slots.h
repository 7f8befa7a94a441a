#pragma once

#include "source/linux/bpf/sockets.h"

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

const volatile u32 slot_records = WALK_SLOT_MOST; /* set by the reader */

/* bpf_loop() refuses more (kernel/bpf/bpf_iter.c, BPF_MAX_LOOPS). */
enum { MOST_STEPS = 1 << 23 };

/* The next free record of a slot; the caller has seen that there is one. */
static __always_inline union seen *record_at(u32 slot, u32 index)
{
	u32 key = slot * slot_records + index;

	return bpf_map_lookup_elem(&records, &key);
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
