#pragma once

#include "base/error.h"

#include <stdint.h>

struct common_options;
struct filter;

/*
 * portroom handles --on: what files tell of processes. A listing of sockets has no handles, and one of handles no ports; what
 * nobody told is unknown, and said to be.
 */
struct handles_files {
	const struct common_options *common;
	const struct filter *filter;
	int32_t pid; /* 0: all */
	uint64_t limit;
};

/* 0, or -1 with a sentence. */
int handles_files_show(const struct handles_files *wanted, struct error *error);
