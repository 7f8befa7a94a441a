#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The value of a setting as the kernel reads it: numbers in C's notation with single blanks between them.
 */
struct sysctl_range {
	uint64_t first, last;
	bool is_half; /* only the first is given; the kernel leaves the last as it is */
};

/* Each returns what follows, which the kernel ignores; NULL: there is no such thing. */
const char *sysctl_value_number(const char *text, int64_t *number);
const char *sysctl_value_range(const char *text, struct sysctl_range *range);

/* A number that is not negative. */
bool sysctl_value_count(const char *value, uint64_t *number);

/* "8080,9000-9010". `steps` (of 65,537; NULL: only looks) is raised where listed ports begin and lowered behind them. */
bool sysctl_value_ports(const char *value, int *steps);

/* Whether the kernel reads the same from both. */
bool sysctl_value_is_same(const char *one, const char *other);
