#pragma once

#include <libmnl/libmnl.h>
#include <stdint.h>

/*
 * The kernel's netfilter, asked over NETLINK_NETFILTER (Linux include/uapi/linux/netfilter/
 * nfnetlink.h) about the namespace this thread is in. Every question needs CAP_NET_ADMIN there.
 */

enum { NETFILTER_REQUEST_SIZE = 512 };

/* Begins a dump of that message of a subsystem in a buffer of NETFILTER_REQUEST_SIZE; family is
 * NFPROTO_*, 0 for all. Attributes are added by the caller. */
struct nlmsghdr *netfilter_request(void *buffer, uint8_t subsystem, uint8_t message,
				   uint8_t family);

/* Calls back for each message of the answer. 0, or -1 with errno set; EINTR: what is dumped changed
 * meanwhile, so that something may be missing. */
int netfilter_dump(struct nlmsghdr *request, mnl_cb_t callback, void *context);
