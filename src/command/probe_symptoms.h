#pragma once

#include "snapshot/address.h"
#include "snapshot/snapshot.h"

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * portroom probe --symptoms: what is tried where nobody names a target: the services that this machine is
 * configured to use.
 */

/* What was asked for, before names are resolved. */
struct probe_goal {
	const char *text; /* as it was given */
	const char *group;
	const char *host; /* a name; NULL: it is an address */
	struct address address;
	const char *interface; /* of a link-local address; NULL */
	uint16_t port;
	enum protocol protocol;
	const char *from; /* what names it, of --symptoms; NULL */
};

struct probe_goals {
	struct probe_goal *items; /* freed by whoever has them */
	size_t count, capacity;
};

void probe_goals_add(struct probe_goals *goals, const struct probe_goal *goal);

enum { PROBE_SYMPTOMS_NOTES = 8 }; /* those of the services besides three of ours */

/* Adds those services, whose text lives in the arena. How many notes there are: what to know of the answer. */
size_t probe_symptoms_add(struct probe_goals *goals, struct arena *arena,
			  const char *notes[PROBE_SYMPTOMS_NOTES]);
