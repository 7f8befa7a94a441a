#pragma once

#include "base/index.h"

#include <stddef.h>

struct dossier;
struct network_event;
struct traced_trace;

/*
 * What Kernel-Network tells, by process.
 */
struct flows {
	struct index index;
	struct flow *items;
	size_t count, capacity;
};

void flows_add(struct flows *flows, const struct network_event *event);

/* Into trace->processes, and frees the rest. */
void flows_finish(struct flows *flows, struct dossier *dossier, struct traced_trace *trace);
