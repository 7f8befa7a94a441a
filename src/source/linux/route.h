#pragma once

#include "base/error.h"
#include "source/source.h"

/*
 * Addresses and routes of the namespace this thread is in, by rtnetlink(7). Needs no privilege.
 */

/* All addresses of this host there, in an array that lives in `arena`. */
int route_local_addresses(struct arena *arena, struct address **addresses, size_t *count,
			  struct error *error);

/* The source address the kernel would choose for route->destination: asked, not guessed. */
int route_source(struct source_route *route, struct error *error);
