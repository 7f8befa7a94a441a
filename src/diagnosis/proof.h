#pragma once

#include <stdbool.h>
#include <stdint.h>

struct diagnosis;

/*
 * Proof that ports ran out, which the system has logged or a trace has seen: when that was, and whether it lies behind.
 */
struct proof_time {
	int64_t first_ms, last_ms; /* 0: not told */
};

void proof_widen(struct proof_time *time, int64_t first_ms, int64_t last_ms);

/* Whether the last of it is more than an hour older than anything else that is told of the machine. */
bool proof_is_old(const struct diagnosis *diagnosis, const struct proof_time *time);

/* "from 2026-11-22 13:05:09 UTC to ...", in the diagnosis's arena. */
const char *proof_when(struct diagnosis *diagnosis, const struct proof_time *time);
