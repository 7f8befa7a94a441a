#pragma once

#include <stdbool.h>
#include <stddef.h>

struct nat_rule;

/*
 * Rules of iptables-legacy that change sources, in the namespace this thread is in; those of
 * iptables-nft are in nftables. Needs CAP_NET_ADMIN. A table is only asked for where it is there
 * already, because the kernel would make one.
 */
typedef void (*iptables_nat_callback)(void *context, const struct nat_rule *rule);

/* 0, or -1 with errno set. `proc`: a descriptor of /proc. */
int iptables_nat_read(int proc, iptables_nat_callback callback, void *context);

/* The entries of one table, as the kernel gives them; what is not whole ends it. */
void iptables_nat_parse(const void *table, size_t size, bool six,
			iptables_nat_callback callback, void *context);
