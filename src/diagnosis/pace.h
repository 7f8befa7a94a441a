#pragma once

#include <stdbool.h>
#include <stdint.h>

struct diagnosis;
struct finding;

/*
 * How fast ports are used up. As far as one look can tell: what the culprit holds, over the time since
 * it started. An average, not a reading; a burst of the last minute hides in it. A sample measures how
 * much more it holds than before. -1: not known, or most of it comes back by itself.
 */
double pace_ports_per_s(const struct diagnosis *diagnosis, const struct finding *finding);

/* Whether that is what a sample measured. */
bool pace_is_measured(const struct diagnosis *diagnosis, const struct finding *finding);

/* Ports in TIME_WAIT, if most of the finding's are: they come back after 60 s. 0: most are not. */
int64_t pace_resting_ports(const struct finding *finding);

/* Seconds until that many ports are used up at this pace; -1: not known. */
int64_t pace_seconds(const struct diagnosis *diagnosis, const struct finding *finding,
		     int64_t ports);
