#pragma once

#include "source/linux/bpf/memory.h"

#include <asm/unistd.h>

/*
 * The system call that a task is in, from its registers: its number, and its arguments, which are still
 * there when it ends. 64-bit calls only: those of 32-bit programs have other numbers.
 */
#if defined(__TARGET_ARCH_x86)

static __always_inline int call_number(u64 registers)
{
	return (int)FIELD(pt_regs, registers, orig_ax);
}

static __always_inline u64 call_argument(u64 registers, int index)
{
	switch (index) {
	case 0:
		return FIELD(pt_regs, registers, di);
	case 1:
		return FIELD(pt_regs, registers, si);
	case 2:
		return FIELD(pt_regs, registers, dx);
	case 3:
		return FIELD(pt_regs, registers, r10);
	case 4:
		return FIELD(pt_regs, registers, r8);
	default:
		return FIELD(pt_regs, registers, r9);
	}
}

#elif defined(__TARGET_ARCH_arm64)

static __always_inline int call_number(u64 registers)
{
	return FIELD(pt_regs, registers, syscallno);
}

static __always_inline u64 call_argument(u64 registers, int index)
{
	if (!index) /* its register has the result by now */
		return FIELD(pt_regs, registers, orig_x0);
	return word_at(registers + OFFSET(pt_regs, regs) + (u64)index * sizeof(u64));
}

#else

/* On other processors only what needs no registers is seen. */
static __always_inline int call_number(u64 registers)
{
	return -1;
}

static __always_inline u64 call_argument(u64 registers, int index)
{
	return 0;
}

#endif
