#pragma once

#include <stdint.h>

/*
 * What the kernel's programs write (bpf/records.h), and how one that is not attached is run.
 */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#include "source/linux/bpf/records.h"

/* CONFIG_HZ of this kernel. */
u32 bpf_ticks_per_second(void);

/* Runs a program of type raw_tp, which sees the numbers as arguments of a tracepoint (BPF_PROG_TEST_RUN).
 * 0, or -1 with errno set. */
int bpf_run(int program, const u64 arguments[4]);
