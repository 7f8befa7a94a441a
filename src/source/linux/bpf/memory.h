#pragma once

#include "source/linux/bpf/kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/* One of the two licences of the programs; the helpers they call want it. */
char license_of_programs[] SEC("license") = "GPL";

/*
 * Reading the kernel's memory. Addresses are plain numbers; what cannot be read is zero.
 *
 * bpf_rdonly_cast() (Linux 6.2) gives a pointer that programs may read through directly, which costs
 * a load; bpf_probe_read_kernel() costs a call, twice the time for a whole walk. The same sources are
 * built both ways, the second with READ_BY_PROBE.
 *
 * The kernel searches all its types for the name of each that is used here, and remembers few (Linux
 * kernel/bpf/btf.c, vmlinux_cand_cache): the fewer a file uses, the sooner it is loaded.
 *
 * A pointer that is read through a cast stays a pointer for the verifier, which then forbids arithmetic:
 * POINTER() reads it as a number.
 */
#ifndef READ_BY_PROBE

extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym;

#define KERNEL(type, address)                                                                 \
	((struct type *)bpf_rdonly_cast((const void *)(address),                              \
					bpf_core_type_id_kernel(struct type)))

#define FIELD(type, address, member) (KERNEL(type, address)->member)
#define BITS(type, address, member) BPF_CORE_READ_BITFIELD(KERNEL(type, address), member)

static __always_inline u64 word_at(u64 address)
{
	return (u64)KERNEL(timespec64, address)->tv_sec;
}

#else

#define FIELD(type, address, member)                                                          \
	({                                                                                    \
		u64 address_ = (address); /* nothing of ours may be in what is relocated */   \
		typeof(((struct type *)0)->member) value_ = 0;                                \
		bpf_core_read((void *)&value_, sizeof value_,                                 \
			      &((struct type *)address_)->member);                            \
		value_;                                                                       \
	})
#define BITS(type, address, member)                                                           \
	BPF_CORE_READ_BITFIELD_PROBED((struct type *)(address), member)

static __always_inline u64 word_at(u64 address)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof word, (const void *)address);
	return word;
}

#endif

/* Every kind of list node begins with the pointer to the next. */
static __always_inline u64 next_node(u64 node)
{
	return word_at(node);
}

#define OFFSET(type, member) ((u64)bpf_core_field_offset(struct type, member))
#define SIZE(type) ((u64)bpf_core_type_size(struct type))
#define HAS(type, member) bpf_core_field_exists(struct type, member) /* this kernel */
#define POINTER(type, address, member) word_at((address) + OFFSET(type, member))

/* The structure that a member at this address belongs to. */
#define CONTAINER(type, address, member) ((address)-OFFSET(type, member))
