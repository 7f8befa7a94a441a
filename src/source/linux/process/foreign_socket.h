#pragma once

#include "snapshot/snapshot.h"

#include <stdint.h>

struct descriptors;

/*
 * Sockets of other processes, looked at through a duplicate of their descriptor (pidfd_getfd(2),
 * needs the right to trace the process). The duplicate is closed at once: while it lives, a
 * close() by its owner does not end the connection.
 */

/*
 * TCP sockets that no dump showed but a descriptor holds, in the namespace this thread is in: the
 * bound-only ones, where the kernel does not show them, and closed ones, whose port number may be
 * a relic. Calls back for each that names a port, as SOCKET_BOUND. Returns how many could be looked
 * into, in any namespace: what could not stays hidden.
 */
int64_t foreign_socket_unseen(struct descriptors *descriptors,
			      void (*callback)(void *context, uint32_t process,
					       const struct socket_record *record),
			      void *context);

/* IPV6_V6ONLY of the socket behind a process's descriptor. */
enum ipv6_only foreign_socket_ipv6_only(int32_t pid, uint32_t number);

/*
 * Reads IP_LOCAL_PORT_RANGE of a few connected sockets of every process that has many.
 * `process_of` maps the walk's processes to the snapshot's (UINT32_MAX: not in it).
 */
void foreign_socket_ranges(struct snapshot *snapshot, const struct descriptors *descriptors,
			   const uint32_t *process_of);
