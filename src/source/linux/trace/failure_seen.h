#pragma once

#include "snapshot/failure.h"

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#include "source/linux/bpf/failures.h"

/*
 * What failures.c has in common with the two ways of watching: by BPF and by perf events.
 */
struct failures_wanted {
	uint64_t netns; /* inode number; 0: any */
	int32_t pid;	/* 0: any */
	bool cheap;
};

/* False: no more for now. */
typedef bool (*failures_take)(void *context, const struct seen_failure *seen);
