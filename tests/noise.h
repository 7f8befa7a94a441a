#pragma once

#include <stdint.h>

/*
 * Noise that is the same in every run (xorshift64*), so that a failure can be looked at again.
 * The seed must not be 0.
 */
struct noise {
	uint64_t state;
};

static inline uint64_t noise_next(struct noise *noise)
{
	noise->state ^= noise->state >> 12;
	noise->state ^= noise->state << 25;
	noise->state ^= noise->state >> 27;
	return noise->state * UINT64_C(2685821657736338717);
}

/* From 0 to limit - 1. */
static inline unsigned noise_below(struct noise *noise, unsigned limit)
{
	return (unsigned)((noise_next(noise) >> 33) % limit);
}
