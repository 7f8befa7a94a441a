#pragma once

#include "base/error.h"
#include "source/windows/rows.h"

struct nt_route;
struct snapshot;
struct tables_route;

/*
 * Bound TCP ports by what every process has open: a TCP socket whose port is in no table of the system is bound, and has no
 * connection. Needs a right on each process.
 */

/* 0, and rows of SOCKET_BOUND behind the others; -1 with why not. Rows that the tables have without a process get theirs,
 * where their port is open in one process only. Gaps of the snapshot say who could not be looked into. */
int bound_handles_read(const struct nt_route *nt, const struct tables_route *tables,
		       struct rows *rows, struct snapshot *snapshot, struct error *error);
