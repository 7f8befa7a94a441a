#pragma once

struct snapshot;
struct source_route;

/*
 * The one namespace that a machine with Windows is: its addresses and its counters; and the answer of `route`, NULL: none is
 * wanted.
 */
void facts_read(struct snapshot *snapshot, struct source_route *route);
