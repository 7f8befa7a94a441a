#pragma once

#include "base/error.h"
#include "snapshot/port_range.h"

#include <stdint.h>

/*
 * What is said of a trial that is not over, or is, on every system.
 */

/* Another change has to wait for it: -1 with a sentence. `left_ms` until it is rolled back. */
int range_trial_refuse_other(struct port_range after, int64_t left_ms, struct error *error);

/* One that is not to be confirmed: -1 with a sentence. deadline_ms 0: the change is no trial. */
int range_trial_refuse_confirming(int64_t deadline_ms, int64_t left_ms,
				  struct port_range before, struct port_range after,
				  struct error *error);

/* That it was not confirmed in time, and what became of that: result 0, or what is in `error`. */
void range_trial_tell(void (*tell)(const char *sentence), struct port_range before,
		      struct port_range after, int result, const struct error *error);
