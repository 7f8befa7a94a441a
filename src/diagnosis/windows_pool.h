#pragma once

#include "diagnosis/rule.h"
#include "snapshot/socket.h"

#include <stdint.h>

/*
 * The four pools of a Windows machine, as its rules speak of them.
 */
enum protocol windows_pool_protocol(const struct pool *pool);
const char *windows_pool_name(const struct pool *pool); /* "tcp IPv4" */

/* NULL: no listing tells of it. `family` as in struct address. */
const struct pool *windows_pool_find(const struct diagnosis *diagnosis, enum protocol protocol,
				     uint8_t family);

/* That of the protocol with the smallest share of its range left; NULL: as above. */
const struct pool *windows_pool_fullest(const struct diagnosis *diagnosis,
					enum protocol protocol);

/* How bad it is at least: if nothing has a port but what was listed. */
enum severity windows_pool_severity(const struct diagnosis *diagnosis,
				    const struct pool *pool);

/* What the severity of so many ports out of so many would be. */
enum severity windows_pool_severity_of(const struct diagnosis *diagnosis, uint64_t used,
				       uint64_t eligible);

/* What a remedy asks the model about it. */
struct capacity_query windows_pool_query(const struct pool *pool);

/* Ports of the pool in that state, of whoever has them. */
unsigned windows_pool_count(const struct pool *pool, enum socket_state state);

/* A finding about a pool that rests on the listing: subject, shares, figures, sources; strong. */
struct finding *windows_pool_finding(struct diagnosis *diagnosis, const struct rule *rule,
				     const struct pool *pool, enum severity severity);
