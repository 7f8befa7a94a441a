#pragma once

#include "snapshot/nat.h"

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A rule of nftables is a row of expressions that work on registers. `masquerade to :40000-40009` is
 * two that put a constant into a register and one that names these registers; `ip saddr 10.1.0.0/24`
 * is one that loads from the packet, perhaps one that masks, and one that compares. These few are
 * followed. Whatever else there is may have written into any register, so nothing is known of them
 * after it; as a condition it is passed over: then the rule may be for a connection that it is not for.
 */

/* ---- attributes: nft_walk.c ---- */

enum { NFT_MOST_ATTRIBUTES = 16 };

/* Those of a nest by type; of one that comes twice the last. NULL: it is not there. */
struct nft_attributes {
	const struct nlattr *by_type[NFT_MOST_ATTRIBUTES];
};

struct nft_attributes nft_walk_attributes(const struct nlattr *nest);

/* Each takes NULL for an attribute that is not there. */
bool nft_walk_number(const struct nlattr *attribute, uint32_t *number);
bool nft_walk_is(const struct nlattr *attribute, uint32_t wanted);
const char *nft_walk_text(const struct nlattr *attribute); /* NULL: it does not end in it */
const uint8_t *nft_walk_value(const struct nlattr *nest, size_t *size); /* NULL: none */

/* ---- registers ---- */

enum { NFT_WORDS = 20, NFT_WORD_SIZE = 4 };

/* What was last loaded from the packet, and is to be compared. */
struct nft_load {
	enum nft_field {
		NFT_FIELD_NONE,
		NFT_FIELD_FAMILY,
		NFT_FIELD_PROTOCOL,
		NFT_FIELD_SOURCE,
		NFT_FIELD_DESTINATION,
		NFT_FIELD_PORT,
	} field;
	int word; /* where it begins in the registers */
	unsigned size;
	unsigned bits; /* of an address: the leading ones that are looked at */
};

struct nft_walk {
	struct nat_rule *rule;
	struct nft_load load;
	uint8_t constants[NFT_WORDS * NFT_WORD_SIZE];
	bool constant[NFT_WORDS];
	bool changes; /* an expression that changes sources was met */
};

/* Where the register begins, in words; -1 if the attribute names none. */
int nft_walk_register(const struct nlattr *attribute);

/* Nothing is known of any register any more. */
void nft_walk_forget(struct nft_walk *walk);

/* immediate */
void nft_walk_set_constant(struct nft_walk *walk, const struct nft_attributes *attributes);

/* The constant in the register that the attribute names; NULL if it is not known. */
const uint8_t *nft_walk_constant(const struct nft_walk *walk, const struct nlattr *attribute,
				 size_t size);

/* ---- conditions: nft_match.c ---- */

/* meta, payload, bitwise, cmp: what they mean for the rule. */
void nft_match_meta(struct nft_walk *walk, const struct nft_attributes *attributes);
void nft_match_payload(struct nft_walk *walk, const struct nft_attributes *attributes);
void nft_match_mask(struct nft_walk *walk, const struct nft_attributes *attributes);
void nft_match_compare(struct nft_walk *walk, const struct nft_attributes *attributes);
