#include "source/linux/nat/nft_walk.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

/* ---- attributes ---- */

struct nft_attributes nft_walk_attributes(const struct nlattr *nest)
{
	struct nft_attributes found = { { NULL } };
	const struct nlattr *attribute;

	if (!nest)
		return found;
	mnl_attr_for_each_nested(attribute, nest) {
		const uint16_t type = mnl_attr_get_type(attribute);

		if (type < NFT_MOST_ATTRIBUTES)
			found.by_type[type] = attribute;
	}
	return found;
}

bool nft_walk_number(const struct nlattr *attribute, uint32_t *number)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof *number)
		return false;
	memcpy(number, mnl_attr_get_payload(attribute), sizeof *number);
	*number = ntohl(*number);
	return true;
}

bool nft_walk_is(const struct nlattr *attribute, uint32_t wanted)
{
	uint32_t number;

	return nft_walk_number(attribute, &number) && number == wanted;
}

const char *nft_walk_text(const struct nlattr *attribute)
{
	const char *text;

	if (!attribute)
		return NULL;
	text = mnl_attr_get_payload(attribute);
	return memchr(text, '\0', mnl_attr_get_payload_len(attribute)) ? text : NULL;
}

/* There are four of 16 bytes, and 16 of four bytes in the same place (Linux net/netfilter/
 * nf_tables_api.c, nft_parse_register()). */
int nft_walk_register(const struct nlattr *attribute)
{
	uint32_t number;

	if (!nft_walk_number(attribute, &number) || number == NFT_REG_VERDICT)
		return -1;
	if (number <= NFT_REG_4)
		return (int)number * (NFT_REG_SIZE / NFT_REG32_SIZE);
	if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		return (int)(number - NFT_REG32_00) + NFT_REG_SIZE / NFT_REG32_SIZE;
	return -1;
}

const uint8_t *nft_walk_value(const struct nlattr *nest, size_t *size)
{
	const struct nft_attributes data = nft_walk_attributes(nest);
	const struct nlattr *value = data.by_type[NFTA_DATA_VALUE];

	*size = value ? mnl_attr_get_payload_len(value) : 0;
	return value ? mnl_attr_get_payload(value) : NULL;
}

/* ---- registers ---- */

void nft_walk_forget(struct nft_walk *walk)
{
	memset(walk->constant, 0, sizeof walk->constant);
	walk->load = (struct nft_load){ 0 };
}

void nft_walk_set_constant(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	const int word = nft_walk_register(attributes->by_type[NFTA_IMMEDIATE_DREG]);
	size_t size;
	const uint8_t *value = nft_walk_value(attributes->by_type[NFTA_IMMEDIATE_DATA], &size);

	if (word < 0 || !value)
		return; /* a verdict */
	if (size > (size_t)(NFT_WORDS - word) * NFT_WORD_SIZE) {
		nft_walk_forget(walk);
		return;
	}
	memcpy(walk->constants + word * NFT_WORD_SIZE, value, size);
	for (size_t i = 0; i < (size + NFT_WORD_SIZE - 1) / NFT_WORD_SIZE; i++)
		walk->constant[word + (int)i] = true;
}

const uint8_t *nft_walk_constant(const struct nft_walk *walk, const struct nlattr *attribute,
				 size_t size)
{
	const int word = nft_walk_register(attribute);

	if (word < 0 || size > (size_t)(NFT_WORDS - word) * NFT_WORD_SIZE)
		return NULL;
	for (size_t i = 0; i < (size + NFT_WORD_SIZE - 1) / NFT_WORD_SIZE; i++)
		if (!walk->constant[word + (int)i])
			return NULL;
	return walk->constants + word * NFT_WORD_SIZE;
}
