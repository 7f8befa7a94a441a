#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

struct nft_attributes;

/*
 * What every rule of nftables has, as a message of a dump tells it (Linux include/uapi/linux/netfilter/
 * nf_tables.h, enum nft_rule_attributes). Text is that of the message and goes with it.
 */
struct nft_rule {
	uint8_t family;		 /* NFPROTO_* */
	const char *family_name; /* as nft(8) takes it */
	const char *table, *chain;
	uint64_t handle;
	const struct nlattr *expressions;
};

/* False if it is not whole, or of a family that has no name here. */
bool nft_rule_read(struct nft_rule *rule, const struct nlmsghdr *header);

/* Calls back for each of its expressions, in their order, with what that says of itself. */
typedef void (*nft_rule_callback)(void *context, const char *name,
				  const struct nft_attributes *attributes);

void nft_rule_each(const struct nft_rule *rule, nft_rule_callback callback, void *context);
