#pragma once

#include <stdint.h>

struct snapshot;

/*
 * What this machine's own logs say that bears on ports since that time (4227, 4231, 4266 and their companions), into
 * snapshot->evidence, as if it was read from a file called "System log". A log that cannot be read is a gap: its absence is no
 * proof of health.
 */
void logged_read(struct snapshot *snapshot, int64_t since_ms);
