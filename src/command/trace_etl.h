#pragma once

#include <stdbool.h>
#include <stdint.h>

struct command;

/*
 * portroom trace --save FILE.etl: the system's own trace into a file, for a vendor or another machine, until it is asked to end.
 */
struct trace_etl {
	const char *path;
	uint64_t bytes;	 /* --size; 0: what is usual */
	uint64_t for_ms; /* 0: no end */
	const char
		*senseless; /* an option that was given and means nothing of it; NULL: none */
};

/* Whether the name of a file asks for it. */
bool trace_etl_is_meant(const char *path);

/* The exit status. */
int trace_etl(const struct command *command, const struct trace_etl *etl);
