#pragma once

#include "base/error.h"
#include "snapshot/socket.h"

#include <stdint.h>

/*
 * Sockets of the namespace this thread is in, by NETLINK_SOCK_DIAG (sock_diag(7)). Needs no
 * privilege. Listeners come before the sockets they serve.
 */
typedef void (*sock_diag_callback)(void *context, const struct socket_record *record);

struct time_wait_rule;

/* All TCP sockets of both families, bound-only ones included where the kernel shows them. Each of these
 * comes as SOCKET_CLOSE first, and so does a connection that is closed meanwhile; it is then told again
 * as SOCKET_BOUND, unless it was closed or connected. */
int sock_diag_read_tcp(const struct time_wait_rule *rule, sock_diag_callback callback,
		       void *context, int64_t *sockets, struct error *error);

/* Only the bound-only ones, where the kernel shows them. */
int sock_diag_read_bound(sock_diag_callback callback, void *context, int64_t *sockets,
			 struct error *error);

int sock_diag_read_udp(sock_diag_callback callback, void *context, int64_t *sockets,
		       struct error *error);

/*
 * Whether this kernel shows bound-only sockets (since 6.8; older ones ignore the wish silently), by
 * trying it in a private namespace. 1 yes, 0 no, -1 could not be tried.
 */
int sock_diag_shows_bound(void);
