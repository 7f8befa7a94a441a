#pragma once

#include "action/windows/range.h"

/*
 * The four rows, read and set by netsh.
 */

/* All of them, or -1 with a sentence. */
int range_rows_read(const struct netsh *netsh, struct range_rows *rows, struct error *error);

/* Tells netsh to set the chosen ones, one after the other; -1 with a sentence at the first that it refuses. What is set then
 * is for range_rows_read() to tell. */
int range_rows_set(const struct netsh *netsh, const struct range_rows *rows,
		   bool chosen[PROTOCOL_COUNT][RANGE_FAMILIES], bool persistent,
		   struct error *error);

bool range_row_is(struct port_range one, struct port_range other);

/* "tcp ipv4" */
const char *range_row_name(int protocol, int family);

#define range_each_row(protocol, i)                                                           \
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)                         \
		for (int i = 0; i < RANGE_FAMILIES; i++)
