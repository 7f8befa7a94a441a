#pragma once

#include "command/filter.h"
#include "command/options.h"

#include <stdbool.h>
#include <stdint.h>

struct command;

/*
 * portroom events: what is asked for is the same everywhere, and so is what files tell. What this machine has noted each
 * system keeps in its own way: the command itself, command_events, is in linux/ and windows/.
 */
struct events_request {
	struct common_options common;
	struct filter filter;
	int64_t now_ms, since_ms;
	uint64_t limit; /* kinds of events that are shown */
	const char *journal;
	bool follow, since_given;
};

/* What runs it. */
int events_run(const struct command *command, int argc, char **argv);

/* ---- of each system ---- */

/* Whether this machine can be asked so: -1 with a sentence. */
int events_check_machine(const struct events_request *request, struct error *error);

/* What it has noted; the exit status. */
int events_of_machine(const struct events_request *request, const struct command *command);

#define EVENTS_SINCE_OPTION                                                                   \
	{                                                                                     \
		"since", "TIME",                                                              \
			N_("from then on: 1h, 7d, 2026-11-28, '2026-11-28 03:00' (default "   \
			   "24h)")                                                            \
	}
#define EVENTS_FOLLOW_OPTION                                                                  \
	{                                                                                     \
		"follow", NULL, N_("then go on and tell what happens, until Ctrl-C")          \
	}
#define EVENTS_LIMIT_OPTION                                                                   \
	{                                                                                     \
		"limit", "N",                                                                 \
			N_("kinds of events shown, the latest: a number (default 20) or all") \
	}
