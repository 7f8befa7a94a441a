#pragma once

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command;
struct events_request;

/*
 * portroom events --follow, as far as it is the same everywhere: what has been told, and the last word.
 */
enum { EVENTS_MEANINGS = 256 };

struct events_follow {
	const struct events_request *request;
	struct json json; /* its lines */
	int64_t begun_ms; /* of a clock that only goes forward */
	uint64_t told;	  /* events */
	const void *explained[EVENTS_MEANINGS];
	size_t explained_count;
	bool failed; /* nothing more should be written */
};

void events_follow_begin(struct events_follow *follow);

/* Whether this is the first time that it is to be explained. Meanings are told apart by their addresses. */
bool events_follow_explains(struct events_follow *follow, const void *meaning);

/* What was told goes out. */
void events_follow_flush(struct events_follow *follow);

/* The last word, and the exit status. Whoever does not read any more gets none. */
int events_follow_end(struct events_follow *follow, const struct command *command);
