#pragma once

#include <stdbool.h>
#include <stdint.h>

struct command;
struct filter;
struct source_request;
struct view_style;

/*
 * portroom trace --on: the calls that a trace in a file saw fail, in the columns of a live one.
 */
struct trace_files {
	const struct source_request *request;
	const struct filter *filter;
	const char *
		senseless; /* an option that was given and means nothing of a file; NULL: none */
	bool all;	   /* those, too, that failed for another reason than want of a port */
	uint64_t wanted;   /* as many are told; 0: all of them */
	bool as_json;
	const struct view_style *style;
};

/* The exit status. */
int trace_files(const struct command *command, const struct trace_files *files);
