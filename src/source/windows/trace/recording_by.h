#pragma once

#include "source/recording.h"

struct etw_route;

/* recording_start(), by these functions of the system. */
struct recording *recording_start_by(const struct etw_route *route, const char *path,
				     unsigned most_mib, struct error *error);
