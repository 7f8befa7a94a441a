#pragma once

#include "snapshot/socket.h"

struct descriptor;
struct descriptors;
struct seen_socket;

/*
 * From what a BPF program saw (bpf/records.h) to what every source tells.
 */

/* `tw_reuse_delay_ms` of the namespace, -1: a kernel without it. Of a bound-only socket the remote end, which
 * may be a relic, is left out. */
void seen_fill(struct socket_record *record, const struct seen_socket *seen,
	       int tw_reuse_delay_ms);

/* Who had the socket open when the descriptors were read by BPF; NULL: nobody that is known. */
struct descriptor *seen_owner(const struct descriptors *descriptors,
			      const struct seen_socket *seen);
