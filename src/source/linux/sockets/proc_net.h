#pragma once

#include "base/error.h"
#include "source/linux/sockets/sock_diag.h"

/*
 * Sockets from /proc/net/{tcp,tcp6,udp,udp6}: for a copied /proc, and where netlink is refused.
 * Shows neither bound-only sockets nor whether an IPv6 socket serves IPv4 too. Format: Linux net/ipv4/tcp_ipv4.c, get_tcp4_sock() and get_timewait4_sock().
 */
int proc_net_read(int proc, enum protocol protocol, const struct time_wait_rule *rule,
		  sock_diag_callback callback, void *context, int64_t *sockets,
		  struct error *error);
