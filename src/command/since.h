#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * A point in time as it is typed: so long ago ("90s", "1h", "7d"), or a date with or without a time of day, in local
 * time, as journalctl(1) takes it: "2026-11-28", "2026-11-28 03:00", "2026-11-28 03:00:30"; a T between
 * them and a Z behind (UTC) are understood, too, as JSON has them.
 *
 * Milliseconds since 1970 UTC. -1 with a sentence if it is none, there is no such time, or it is yet to come.
 */
int since_parse(const char *value, int64_t now_ms, int64_t *since_ms, struct error *error);
