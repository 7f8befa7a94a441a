#pragma once

#include "base/error.h"
#include "source/source.h"

/*
 * Addresses and routes of the namespace this thread is in, by rtnetlink(7). Needs no privilege.
 */

/* All addresses of this host there, in an array that lives in `arena`. */
int route_local_addresses(struct arena *arena, struct address **addresses, size_t *count,
			  struct error *error);

/* Fills in the answers of `route`: asked of the kernel, not guessed. `nonlocal_allowed`: bind() may
 * take foreign addresses (net.ipv4.ip_nonlocal_bind). */
int route_ask(struct source_route *route, bool nonlocal_allowed, struct error *error);
