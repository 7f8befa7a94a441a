#include "source/linux/nat/nft_nat.h"

#include "base/arena.h"
#include "source/linux/nat/netfilter.h"
#include "source/linux/nat/nft_rule.h"
#include "source/linux/nat/nft_walk.h"
#include "source/linux/nat/xt_nat.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

/*
 * Rules that change sources: `masquerade`, `snat`, and the targets of iptables that iptables-nft wraps.
 */

static void change_ports(struct nft_walk *walk, const struct nlattr *least,
			 const struct nlattr *most)
{
	const uint8_t *first = nft_walk_constant(walk, least, 2);
	const uint8_t *last = nft_walk_constant(walk, most ? most : least, 2);

	walk->changes = true;
	if (!least)
		return;
	if (first && last)
		nat_rule_set_ports(walk->rule, (uint16_t)(first[0] << 8 | first[1]),
				   (uint16_t)(last[0] << 8 | last[1]));
	else
		walk->rule->ports_unread = true;
}

static void masquerade(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	change_ports(walk, attributes->by_type[NFTA_MASQ_REG_PROTO_MIN],
		     attributes->by_type[NFTA_MASQ_REG_PROTO_MAX]);
}

static void change_source(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	const struct nlattr *least = attributes->by_type[NFTA_NAT_REG_ADDR_MIN];
	const struct nlattr *most = attributes->by_type[NFTA_NAT_REG_ADDR_MAX];
	const bool six = nft_walk_is(attributes->by_type[NFTA_NAT_FAMILY], NFPROTO_IPV6);
	const uint8_t *first = nft_walk_constant(walk, least, six ? 16 : 4);
	const uint8_t *last = nft_walk_constant(walk, most ? most : least, six ? 16 : 4);

	if (!nft_walk_is(attributes->by_type[NFTA_NAT_TYPE], NFT_NAT_SNAT))
		return;
	walk->rule->family = six ? FAMILY_IPV6 : FAMILY_IPV4;
	if (first && last) {
		walk->rule->first = six ? address_ipv6(first) : address_ipv4(first);
		walk->rule->last = six ? address_ipv6(last) : address_ipv4(last);
	}
	change_ports(walk, attributes->by_type[NFTA_NAT_REG_PROTO_MIN],
		     attributes->by_type[NFTA_NAT_REG_PROTO_MAX]);
}

static void xt_target(struct nft_walk *walk, const struct nft_attributes *attributes)
{
	const char *name = nft_walk_text(attributes->by_type[NFTA_TARGET_NAME]);
	const struct nlattr *info = attributes->by_type[NFTA_TARGET_INFO];
	uint32_t revision;

	if (name && info && nft_walk_number(attributes->by_type[NFTA_TARGET_REV], &revision) &&
	    xt_nat_read(name, revision, walk->rule->family == FAMILY_IPV6,
			mnl_attr_get_payload(info), mnl_attr_get_payload_len(info),
			walk->rule))
		walk->changes = true;
}

static const struct expression {
	const char *name;
	void (*follow)(struct nft_walk *walk, const struct nft_attributes *attributes);
} expressions[] = {
	{ "immediate", nft_walk_set_constant },
	{ "meta", nft_match_meta },
	{ "payload", nft_match_payload },
	{ "bitwise", nft_match_mask },
	{ "cmp", nft_match_compare },
	{ "masq", masquerade },
	{ "nat", change_source },
	{ "target", xt_target },
};

static void follow(void *context, const char *name, const struct nft_attributes *attributes)
{
	struct nft_walk *walk = context;

	for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
		if (!strcmp(name, expressions[i].name)) {
			expressions[i].follow(walk, attributes);
			return;
		}
	nft_walk_forget(walk);
}

/* ---- rules ---- */

bool nft_nat_parse(struct arena *arena, const struct nlmsghdr *header, struct nat_rule *rule)
{
	struct nft_walk walk = { .rule = rule };
	struct nft_rule whole;

	/* The other families have no NAT of sources. */
	if (!nft_rule_read(&whole, header) ||
	    (whole.family != NFPROTO_IPV4 && whole.family != NFPROTO_IPV6 &&
	     whole.family != NFPROTO_INET))
		return false;
	*rule = (struct nat_rule){
		.family = whole.family == NFPROTO_IPV4 ? FAMILY_IPV4 :
			  whole.family == NFPROTO_IPV6 ? FAMILY_IPV6 :
							 FAMILY_NONE,
		.tcp = true,
		.udp = true,
	};
	nft_rule_each(&whole, follow, &walk);
	if (!walk.changes || (!rule->tcp && !rule->udp))
		return false;
	rule->chain =
		arena_print(arena, "%s %s %s", whole.family_name, whole.table, whole.chain);
	return true;
}

struct reader {
	struct arena *arena;
	nft_nat_callback callback;
	void *context;
};

static int take_message(const struct nlmsghdr *header, void *context)
{
	const struct reader *reader = context;
	struct nat_rule rule;

	if (nft_nat_parse(reader->arena, header, &rule))
		reader->callback(reader->context, &rule);
	return MNL_CB_OK;
}

int nft_nat_read(struct arena *arena, nft_nat_callback callback, void *context)
{
	char buffer[NETFILTER_REQUEST_SIZE];
	struct nlmsghdr *request = netfilter_request(buffer, NFNL_SUBSYS_NFTABLES,
						     NFT_MSG_GETRULE, NFPROTO_UNSPEC);
	struct reader reader = { arena, callback, context };

	return netfilter_dump(request, take_message, &reader);
}
