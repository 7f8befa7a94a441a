#pragma once

#include "base/error.h"
#include "diagnosis/diagnosis.h"

/*
 * Another ephemeral port range, thought through before it is set: what the kernel and Microsoft's
 * article on port exhaustion ask of it, which services it would swallow, what room it gives.
 * Pure: nothing is changed here.
 */

/* What is wanted. Numbers as they were given, so that a bad one can be told. */
struct range_wish {
	uint32_t netns; /* index */
	unsigned first, last;
	bool force;   /* a beginning of 1024, an odd size */
	bool shrink;  /* fewer usable ports than now */
	bool reserve; /* ports of services that would come to lie in the range */
};

enum { RANGE_PLAN_ROOMS = 5, RANGE_PLAN_RULES = 64 };

/* Towards one of the fullest destinations. */
struct range_room {
	const struct destination *destination;
	struct capacity before, after;
};

struct range_plan {
	uint32_t netns;
	struct port_range before, after;
	unsigned usable_before, usable_after;
	struct port_set services; /* of listeners and bound sockets that come to lie in it */
	struct port_set reserved_before, reserved_after;
	bool changes_reserved;
	/* How many ports of the old range the new one leaves out that are in use now: they stay with
	 * their sockets until these close. */
	unsigned left_outside;
	/* Firewall rules that name the old range and not all of the new one: the first of so many. */
	const struct port_rule *rules[RANGE_PLAN_RULES];
	size_t rule_count;
	struct range_room rooms[RANGE_PLAN_ROOMS]; /* fullest first */
	size_t room_count;
	struct capacity anywhere_before, anywhere_after;
};

/*
 * 0, or -1 with a sentence that says why the range is refused and what would be accepted. The diagnosis must
 * outlive the plan; range_plan_free() in both cases.
 */
int range_plan_make(struct range_plan *plan, struct diagnosis *diagnosis,
		    const struct range_wish *wish, struct error *error);
void range_plan_free(struct range_plan *plan);

/* Whether anything would be different. */
bool range_plan_changes(const struct range_plan *plan);
