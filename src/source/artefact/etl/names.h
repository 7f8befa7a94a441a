#pragma once

#include "base/arena.h"
#include "base/index.h"

#include <stddef.h>
#include <stdint.h>

struct etw_event;

/*
 * Names of processes that a trace itself tells: Microsoft-Windows-Kernel-Process, which scenarios of netsh trace have with
 * them, logs each that starts, and at the end of a trace those that run.
 */
struct names {
	struct index index;
	struct name_of {
		uint32_t pid;
		const char *name;
	} * items;
	size_t count, capacity;
	struct arena arena; /* of the names */
};

/* Of a trace that is longer than any is, or of a live one that goes on for months, the earlier names are forgotten. */
void names_add(struct names *names, const struct etw_event *event);

/* NULL: it is not told. Valid until the next is added. */
const char *names_of(const struct names *names, uint32_t pid);

void names_free(struct names *names);
