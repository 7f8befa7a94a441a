#pragma once

#include <stdint.h>

/*
 * What is to be done at regular times, in milliseconds of whatever clock: those times stay what they are, however late it is
 * done. What was missed is not made up for.
 */
struct schedule {
	int64_t next_ms, interval_ms;
};

/* It is done now, at or after next_ms: how many times were missed between that and now. The next one is behind now. */
uint64_t schedule_take(struct schedule *schedule, int64_t now_ms);
