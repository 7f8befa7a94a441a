#pragma once

#include "source/artefact/windows/afd_endpoint.h"
#include "source/windows/process/nt.h"

#include <stdbool.h>

/*
 * Whether a handle of our own, which is a file, is a socket, and of what ports. No call here is safe from waiting for ever but
 * by the limit for requests: who calls it minds that (afd.h).
 */
struct afd_query {
	struct nt_route route;
	unsigned limit_ms; /* for a request that is under way, and once more to take it back */
	struct afd_room *room; /* where answers go */
	bool is_late;	       /* a request was not answered in time: nothing more is asked */
	unsigned unanswered;   /* handles with such a request */
};

void afd_query_init(struct afd_query *query, const struct nt_route *route, unsigned limit_ms);
void afd_query_free(struct afd_query *query);

/* false: it is no socket. */
bool afd_query_endpoint(struct afd_query *query, HANDLE handle, struct afd_endpoint *endpoint);
