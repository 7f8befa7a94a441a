#pragma once

#include "source/handles.h"

struct nt_route;

/* handles_read() of the machine, by that route. */
int handles_read_by(const struct nt_route *route, struct handles *handles,
		    struct snapshot *snapshot, int32_t pid, struct error *error);
