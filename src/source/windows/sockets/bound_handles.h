#pragma once

#include "base/error.h"
#include "source/windows/rows.h"

#include <stddef.h>

struct afd_walk;
struct nt_route;
struct snapshot;

/*
 * Bound TCP ports by what every process has open: a TCP socket whose port is in no table of the system is bound, and has no
 * connection. Needs a right on each process.
 */

/* 0, and rows of SOCKET_BOUND behind the others; -1 with why not. Gaps of the snapshot say who could not be looked into. */
int bound_handles_read(const struct nt_route *route, struct rows *rows,
		       struct snapshot *snapshot, struct error *error);

/* What the walk found, as rows: its own; and rows that the tables have without a process get theirs, where their port is open
 * in one process only. */
void bound_handles_rows(const struct afd_walk *walk, struct rows *rows);
