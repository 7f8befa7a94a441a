#pragma once

#include "diagnosis/rule.h"

/*
 * Packets of new connections that connection tracking has dropped because an entry like theirs was there
 * (insert_failed): with room in the table, most often because source NAT found no free port.
 */

/* Whether there are more than races between two packets of one flow explain (parallel DNS queries). */
bool clashes_are_many(const struct netns_conntrack *table);

/* A remark that tells how many, with what to do to see more. */
struct finding *clashes_remark(const struct rule *rule, struct diagnosis *diagnosis,
			       uint32_t netns, const char *subject, const char *reason);
