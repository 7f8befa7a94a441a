#include "source/linux/nat/nft_rule.h"

#include "source/linux/nat/nft_walk.h"

#include <endian.h>
#include <string.h>
/* The kernel's own headers come after those of the C library. */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_NETDEV:
		return "netdev";
	}
	return NULL;
}

static uint64_t handle_of(const struct nlattr *attribute)
{
	uint64_t handle = 0;

	if (mnl_attr_get_payload_len(attribute) >= sizeof handle)
		memcpy(&handle, mnl_attr_get_payload(attribute), sizeof handle);
	return be64toh(handle);
}

bool nft_rule_read(struct nft_rule *rule, const struct nlmsghdr *header)
{
	const struct nfgenmsg *body = mnl_nlmsg_get_payload(header);
	const struct nlattr *attribute;

	*rule = (struct nft_rule){ 0 };
	if (mnl_nlmsg_get_payload_len(header) < sizeof *body)
		return false;
	rule->family = body->nfgen_family;
	rule->family_name = family_name(rule->family);
	mnl_attr_for_each(attribute, header, sizeof *body)
		switch (mnl_attr_get_type(attribute)) {
		case NFTA_RULE_TABLE:
			rule->table = nft_walk_text(attribute);
			break;
		case NFTA_RULE_CHAIN:
			rule->chain = nft_walk_text(attribute);
			break;
		case NFTA_RULE_HANDLE:
			rule->handle = handle_of(attribute);
			break;
		case NFTA_RULE_EXPRESSIONS:
			rule->expressions = attribute;
			break;
		}
	return rule->family_name && rule->table && rule->chain && rule->expressions;
}

void nft_rule_each(const struct nft_rule *rule, nft_rule_callback callback, void *context)
{
	const struct nlattr *element;

	mnl_attr_for_each_nested(element, rule->expressions) {
		const struct nft_attributes expression = nft_walk_attributes(element);
		const struct nft_attributes data =
			nft_walk_attributes(expression.by_type[NFTA_EXPR_DATA]);
		const char *name = nft_walk_text(expression.by_type[NFTA_EXPR_NAME]);

		callback(context, name ? name : "", &data);
	}
}
