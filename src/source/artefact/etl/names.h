#pragma once

#include "base/index.h"

#include <stddef.h>
#include <stdint.h>

struct dossier;
struct etw_event;

/*
 * Names of processes that a trace itself tells: Microsoft-Windows-Kernel-Process, which scenarios of netsh trace have with
 * them, logs each that starts, and at the end of a trace those that run.
 */
struct names {
	struct index index;
	struct name_of {
		uint32_t pid;
		const char *name; /* the dossier's */
	} * items;
	size_t count, capacity;
};

void names_add(struct names *names, const struct etw_event *event, struct dossier *dossier);

/* NULL: it is not told. */
const char *names_of(const struct names *names, uint32_t pid);

void names_free(struct names *names);
