#pragma once

#include <stdbool.h>

struct arena;
struct nat_rule;
struct nlmsghdr;

/*
 * Rules of nftables that change sources, in the namespace this thread is in; those that iptables-nft
 * made are among them. Needs CAP_NET_ADMIN. 0, or -1 with errno set. Text lives in the arena.
 */
typedef void (*nft_nat_callback)(void *context, const struct nat_rule *rule);

int nft_nat_read(struct arena *arena, nft_nat_callback callback, void *context);

/* One message of a dump of rules. False if it changes no sources of TCP or UDP, or is not whole. */
bool nft_nat_parse(struct arena *arena, const struct nlmsghdr *header, struct nat_rule *rule);
