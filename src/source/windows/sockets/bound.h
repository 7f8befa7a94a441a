#pragma once

#include "source/windows/rows.h"

#include <stdbool.h>

struct snapshot;

/*
 * TCP ports that are bound and have no connection, which are in no documented table: as rows of SOCKET_BOUND, by the first of
 * these routes that answers: the internal table of iphlpapi, the sockets of every process that may be looked into, WMI.
 * Each is told as a source of the snapshot, with what came of it and how long it took. false: none answered, and a gap says so.
 * `rows` has what the documented tables list: such ports are not bound only.
 */
bool bound_read(struct rows *rows, struct snapshot *snapshot);
