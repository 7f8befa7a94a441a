#pragma once

#include "base/error.h"

#include <stdbool.h>

struct reading;
struct pass;

/*
 * All sockets of all namespaces in one pass over the kernel's own tables, by BPF; with them who owns
 * each port, connect() or bind(), read from where connect() itself looks.
 *
 * What a pass guarantees: a socket that is there from its beginning to its end, in one state, is counted
 * exactly once, and so is every port with its kind. It is no picture of one moment: what comes or goes
 * meanwhile may or may not be in it, and a connection that goes to TIME_WAIT may be missed or, by its
 * two entries, seen twice. The tables' chains are checked while they are read; one that could not be
 * read is a gap.
 */

/* Loads the programs and reads who has which socket open into reading->descriptors. NULL with the reason
 * where that cannot be had, and nothing is changed. */
struct pass *pass_begin(struct reading *reading, struct error *error);

/* Whether it can read the table of UDP sockets; else another source must, namespace by namespace. */
bool pass_reads_udp(const struct pass *pass);

/* When all namespaces are described: their sockets and the kinds of their ports. -1 with the reason where
 * nothing was handed on, so that another source can do it. */
int pass_read(struct pass *pass, struct error *error);

void pass_end(struct pass *pass);
