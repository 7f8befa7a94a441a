#pragma once

#include "action/windows/range.h"

/*
 * The four rows of both stores, read and set by netsh.
 */

/* What is set now; -1 with a sentence if a row cannot be read. */
int range_rows_read(const struct netsh *netsh, struct range_rows *rows, struct error *error);

/* That and, if it is wanted, what will be set at the next start; of a row of that which netsh does not tell 0-0 is left. */
int range_stores_read(const struct netsh *netsh, bool persistent, struct range_stores *stores,
		      struct error *error);

/* Rows of each store. */
struct range_choice {
	bool active[PROTOCOL_COUNT][RANGE_FAMILIES],
		persistent[PROTOCOL_COUNT][RANGE_FAMILIES];
};

/*
 * Tells netsh to set the chosen ones, one after the other; -1 with a sentence at the first that it refuses. What it sets for
 * the next start it sets at once, too: a row of which only that is chosen is set to what it is `now` after it. What is set
 * then is for range_stores_read() to tell.
 */
int range_stores_set(const struct netsh *netsh, const struct range_stores *to,
		     const struct range_choice *choice, const struct range_rows *now,
		     struct error *error);

bool range_row_is(struct port_range one, struct port_range other);

/* The first row in `rows` that is another in `before`: what a sentence tells of a change of several. */
struct port_range range_row_changed(const struct range_rows *before,
				    const struct range_rows *rows);

/* "tcp ipv4" */
const char *range_row_name(int protocol, int family);

#define range_each_row(protocol, i)                                                           \
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)                         \
		for (int i = 0; i < RANGE_FAMILIES; i++)
