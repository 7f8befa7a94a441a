#pragma once

#include "action/lab.h"

/*
 * What can be rehearsed: how the shortage is made, what must be seen then, and what cures it.
 */
struct lab_rehearsal {
	const char *name, *summary;
	unsigned seconds; /* about so long */

	/* How it is made. */
	const char *setting, *value; /* of net.ipv4, before all; NULL: none */
	bool service_closes;
	struct lab_habit habit;
	unsigned
		times; /* LAB_UNTIL_FAILURE: as long as it works; 0: the setting does it alone */
	const char *made;

	struct lab_habit wants; /* what then fails */

	/* What must be seen. */
	int error; /* errno of the call */
	const char *call, *rule;

	enum lab_cure { CURE_SETTING, CURE_RESTART, CURE_LIMIT } cure;
	const char *cure_setting, *cure_value; /* CURE_SETTING: of net.ipv4 */
	unsigned rest_ms;		       /* until the cure counts for what is there */
	struct lab_habit mended; /* CURE_RESTART: how it goes about the same afterwards */
	const char *cure_text;
};

enum { LAB_UNTIL_FAILURE = 1000, LAB_RAISED_LIMIT = 256 };

/* Ended by one without a name. The first is shown to who names none. */
extern const struct lab_rehearsal lab_rehearsals[];

/* NULL: there is none of that name. */
const struct lab_rehearsal *lab_find(const char *name);
