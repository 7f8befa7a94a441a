#pragma once

#include <stdbool.h>
#include <stddef.h>

struct nat_rule;

/*
 * Targets of iptables that change sources: MASQUERADE, SNAT, NETMAP. `info` is what the kernel keeps of
 * one, the same in tables of iptables-legacy and, wrapped, in those of iptables-nft. False if the
 * target changes no sources; else the addresses and ports of the rule are filled in.
 */
bool xt_nat_read(const char *target, unsigned revision, bool six, const void *info,
		 size_t size, struct nat_rule *rule);
