#pragma once

#include <stdint.h>

/*
 * How Windows counts time: FILETIME, in units of 100 ns since 1601-01-01 UTC (learn.microsoft.com, "FILETIME structure").
 * Logs, dumps and copied tables have it, too, so it is read on every system. Unix time counts from 1970-01-01 UTC.
 */
#define FILETIME_UNITS_PER_MS 10000
#define FILETIME_UNITS_PER_S 10000000

/* Of the two halves it is given in. */
uint64_t filetime_join(uint32_t high, uint32_t low);

/* Rounded down; negative before 1970. Any number has one. */
int64_t filetime_to_unix_ms(uint64_t filetime);
int64_t filetime_to_unix_s(uint64_t filetime);

/* The nearest there is, of what is before 1601 or later than it can count. */
uint64_t filetime_from_unix_ms(int64_t time_ms);
