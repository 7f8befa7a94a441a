#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A count at each of some points, and when they were. */
struct growth {
	const uint32_t *values;
	const int64_t *at_ms;
	size_t count;
};

/* Where the latest run begins: behind the last fall by half, or at the first point. */
size_t growth_run(const struct growth *growth);

/* The usual slope, per millisecond, from `begin` to the end; whether it is steady. Memory of `count` doubles is lent. */
bool growth_slope(const struct growth *growth, size_t begin, double *slopes, double *per_ms);
