#pragma once

#include <stdbool.h>

struct probe_attempt;

/*
 * portroom probe: what stands behind the ways to fail that each system has its own words for: descriptors, memory, what forbids
 * it. NULL: the outcome says it all.
 */
const char *probe_words(const struct probe_attempt *attempt);

/* Whether connect() to a wildcard address reaches this host, or fails. */
bool probe_reaches_wildcard(void);
