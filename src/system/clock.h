#pragma once

#include <stdint.h>

/*
 * What time it is, and waiting.
 */
int64_t clock_now_ms(void);	  /* since 1970 UTC */
int64_t clock_monotonic_ms(void); /* only goes forward; from any beginning */
int64_t clock_boot_ms(void);	  /* the same since the machine started, while it slept, too */
double clock_monotonic_s(void);	  /* the same, as fine as it is */

/* Signals do not shorten it. */
void clock_rest_ms(uint64_t milliseconds);

/* How far local time was ahead of UTC at that moment; 0 where that cannot be said. */
int clock_utc_offset_s(int64_t time_ms);

struct tm;

/* timegm(3): what the fields, taken as UTC, are in seconds since 1970. They are brought into their ranges. */
int64_t clock_of_utc(struct tm *fields);
