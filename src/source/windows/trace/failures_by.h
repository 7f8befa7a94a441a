#pragma once

#include "source/failures.h"

struct etw_route;

/* failures_open(), by these functions of the system. */
struct failures *failures_open_by(const struct etw_route *route,
				  const struct failures_request *request, struct error *error);
