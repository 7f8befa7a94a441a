#pragma once

#include "source/source.h"

struct arena;
struct route_route;

/*
 * The addresses of this machine, into the arena; -1: they are not to be had, and a sentence.
 */
int route_local_addresses(const struct route_route *functions, struct arena *arena,
			  struct address **addresses, size_t *count, struct error *error);

/*
 * Fills the answers of a source_route: which source address Windows would choose, and what is in the way. What cannot be
 * found out is left unknown, and no reason why the call would fail. `local` are the machine's addresses.
 */
void route_ask(const struct route_route *functions, struct source_route *route,
	       const struct address *local, size_t local_count);
