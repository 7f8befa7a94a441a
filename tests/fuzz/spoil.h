#pragma once

#include <stddef.h>
#include <stdint.h>

/* What is longer is cut. */
enum { SPOIL_MOST_BYTES = 1 << 20 };

/*
 * A good file, spoilt in a few places: bits, bytes, numbers, whole stretches. The changes follow from the number alone, so
 * that what a run found is found again.
 */
struct spoilt {
	uint8_t data[SPOIL_MOST_BYTES];
	size_t size;
	uint64_t random; /* spoil.c's own */
};

void spoil(struct spoilt *spoilt, const uint8_t *good, size_t size, unsigned long number);

/* Bytes without any sense, up to some thousands of them; none at all for number 0. */
void spoil_noise(struct spoilt *spoilt, unsigned long number);
