#pragma once

#include "snapshot/nat.h"

#include <stdbool.h>

struct nlmsghdr;

/*
 * Entries of connection tracking in the namespace this thread is in (Linux net/netfilter/
 * nf_conntrack_netlink.c). Needs CAP_NET_ADMIN. Both return 0, or -1 with errno set. An entry that
 * is there all the time comes at least once; one that comes or goes meanwhile may be missing.
 */
typedef void (*ctnetlink_callback)(void *context, const struct nat_flow *flow);

/* TCP and UDP whose source is changed. */
int ctnetlink_read_changed(ctnetlink_callback callback, void *context);

/* TCP and UDP made from that address (NULL: from any) that leave as they were made. */
int ctnetlink_read_unchanged(const struct address *from, ctnetlink_callback callback,
			     void *context);

/* One message of a dump. False if it is of another protocol, or not whole. */
bool ctnetlink_parse(const struct nlmsghdr *header, struct nat_flow *flow);
