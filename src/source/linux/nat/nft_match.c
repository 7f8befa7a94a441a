#include "source/linux/nat/nft_walk.h"

#include <netinet/in.h>
#include <string.h>
/* The kernel's own headers come after those of the C library. */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

/*
 * Conditions. A value is loaded from the packet, perhaps masked, and compared with a constant; only if
 * all of that is understood does it say something of the rule.
 */

enum { ADDRESS_SIZE = 16 };

static void begin_load(struct nft_walk *walk, enum nft_field field, const struct nlattr *to,
		       unsigned size)
{
	nft_walk_forget(walk);
	walk->load = (struct nft_load){ field, nft_walk_register(to), size, 8 * size };
}

void nft_match_meta(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	const struct nlattr *key = attributes->by_type[NFTA_META_KEY];

	if (attributes->by_type[NFTA_META_SREG])
		return; /* it writes to the packet */
	begin_load(walk,
		   nft_walk_is(key, NFT_META_NFPROTO) ? NFT_FIELD_FAMILY :
		   nft_walk_is(key, NFT_META_L4PROTO) ? NFT_FIELD_PROTOCOL :
							NFT_FIELD_NONE,
		   attributes->by_type[NFTA_META_DREG], 1);
}

/* Where a field begins in a header; its first bytes may be all that is loaded of an address. */
static const struct position {
	enum nft_field field;
	uint8_t family; /* enum family; FAMILY_NONE: both */
	uint32_t base, offset, most;
	bool whole;
} positions[] = {
	{ NFT_FIELD_PROTOCOL, FAMILY_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 9, 1, true },
	{ NFT_FIELD_SOURCE, FAMILY_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 12, 4, false },
	{ NFT_FIELD_DESTINATION, FAMILY_IPV4, NFT_PAYLOAD_NETWORK_HEADER, 16, 4, false },
	{ NFT_FIELD_PROTOCOL, FAMILY_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 6, 1, true },
	{ NFT_FIELD_SOURCE, FAMILY_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 8, 16, false },
	{ NFT_FIELD_DESTINATION, FAMILY_IPV6, NFT_PAYLOAD_NETWORK_HEADER, 24, 16, false },
	{ NFT_FIELD_PORT, FAMILY_NONE, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, true },
};

void nft_match_payload(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	uint32_t base, offset, size;
	enum nft_field field = NFT_FIELD_NONE;

	if (attributes->by_type[NFTA_PAYLOAD_SREG])
		return; /* it writes to the packet */
	if (!nft_walk_number(attributes->by_type[NFTA_PAYLOAD_BASE], &base) ||
	    !nft_walk_number(attributes->by_type[NFTA_PAYLOAD_OFFSET], &offset) ||
	    !nft_walk_number(attributes->by_type[NFTA_PAYLOAD_LEN], &size)) {
		nft_walk_forget(walk);
		return;
	}
	for (size_t i = 0; i < sizeof positions / sizeof positions[0]; i++) {
		const struct position *at = &positions[i];

		if (base == at->base && offset == at->offset &&
		    (at->whole ? size == at->most : size && size <= at->most) &&
		    (!at->family || at->family == walk->rule->family))
			field = at->field;
	}
	begin_load(walk, field, attributes->by_type[NFTA_PAYLOAD_DREG], size);
}

void nft_match_mask(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	struct nft_load load = walk->load;
	size_t mask_size, xor_size;
	const uint8_t *mask =
		nft_walk_value(attributes->by_type[NFTA_BITWISE_MASK], &mask_size);
	const uint8_t *flip = nft_walk_value(attributes->by_type[NFTA_BITWISE_XOR], &xor_size);
	int bits = -1;

	if ((load.field == NFT_FIELD_SOURCE || load.field == NFT_FIELD_DESTINATION) && mask &&
	    flip && mask_size == load.size && address_mask_bits(flip, xor_size) == 0 &&
	    nft_walk_register(attributes->by_type[NFTA_BITWISE_SREG]) == load.word)
		bits = address_mask_bits(mask, mask_size);
	nft_walk_forget(walk);
	if (bits < 0)
		return;
	load.word = nft_walk_register(attributes->by_type[NFTA_BITWISE_DREG]);
	load.bits = (unsigned)bits;
	walk->load = load;
}

static struct nat_match match_of(const struct nft_walk *walk, const uint8_t *value,
				 size_t size, bool except)
{
	struct nat_match match = { .bits = (uint8_t)walk->load.bits, .except = except };
	uint8_t bytes[ADDRESS_SIZE] = { 0 };

	memcpy(bytes, value, size < sizeof bytes ? size : sizeof bytes);
	match.address.family = walk->rule->family;
	memcpy(match.address.bytes, bytes, sizeof bytes);
	return match;
}

static void match_protocol(struct nat_rule *rule, uint8_t protocol, bool except)
{
	rule->tcp = rule->tcp && (protocol == IPPROTO_TCP) != except;
	rule->udp = rule->udp && (protocol == IPPROTO_UDP) != except;
}

void nft_match_compare(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	const struct nft_load *load = &walk->load;
	const bool except = nft_walk_is(attributes->by_type[NFTA_CMP_OP], NFT_CMP_NEQ);
	struct nat_rule *rule = walk->rule;
	size_t size;
	const uint8_t *value = nft_walk_value(attributes->by_type[NFTA_CMP_DATA], &size);

	if ((!except && !nft_walk_is(attributes->by_type[NFTA_CMP_OP], NFT_CMP_EQ)) ||
	    !value || !size || size != load->size || load->word < 0 ||
	    nft_walk_register(attributes->by_type[NFTA_CMP_SREG]) != load->word)
		return;
	switch (load->field) {
	case NFT_FIELD_FAMILY:
		if (!except && !rule->family)
			rule->family = *value == NFPROTO_IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
		break;
	case NFT_FIELD_PROTOCOL:
		match_protocol(rule, *value, except);
		break;
	case NFT_FIELD_SOURCE:
		rule->source = match_of(walk, value, size, except);
		break;
	case NFT_FIELD_DESTINATION:
		rule->destination = match_of(walk, value, size, except);
		break;
	case NFT_FIELD_PORT:
		if (!except)
			rule->port = (uint16_t)(value[0] << 8 | value[1]);
		break;
	case NFT_FIELD_NONE:
		break;
	}
}
