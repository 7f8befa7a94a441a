#include "source/linux/nat/xt_nat.h"

#include "snapshot/nat.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <string.h>

/*
 * Which structure a target has depends on its name, its revision and the family: Linux
 * net/netfilter/xt_nat.c, xt_MASQUERADE.c and xt_NETMAP.c.
 */

enum form { FORM_UNKNOWN, FORM_IPV4, FORM_RANGE };

static enum form form_of(const char *target, unsigned revision, bool six)
{
	if (strcmp(target, "SNAT") != 0)
		return revision ? FORM_UNKNOWN : six ? FORM_RANGE : FORM_IPV4;
	/* The third revision has one member more, at its end. */
	return revision == 1 || revision == 2 ? FORM_RANGE :
	       revision || six		      ? FORM_UNKNOWN :
						FORM_IPV4;
}

static void read_ports(struct nat_rule *rule, unsigned flags,
		       const union nf_conntrack_man_proto *least,
		       const union nf_conntrack_man_proto *most)
{
	if (flags & NF_NAT_RANGE_PROTO_SPECIFIED)
		nat_rule_set_ports(rule, ntohs(least->all), ntohs(most->all));
}

static bool read_ipv4(struct nat_rule *rule, const void *info, size_t size)
{
	struct nf_nat_ipv4_multi_range_compat several;
	const struct nf_nat_ipv4_range *range = &several.range[0];

	if (size < sizeof several)
		return false;
	memcpy(&several, info, sizeof several);
	if (range->flags & NF_NAT_RANGE_MAP_IPS) {
		rule->first = address_ipv4(&range->min_ip);
		rule->last = address_ipv4(&range->max_ip);
	}
	read_ports(rule, range->flags, &range->min, &range->max);
	return true;
}

static bool read_range(struct nat_rule *rule, bool six, const void *info, size_t size)
{
	struct nf_nat_range range;

	if (size < sizeof range)
		return false;
	memcpy(&range, info, sizeof range);
	if (range.flags & NF_NAT_RANGE_MAP_IPS) {
		rule->first =
			six ? address_ipv6(&range.min_addr) : address_ipv4(&range.min_addr);
		rule->last =
			six ? address_ipv6(&range.max_addr) : address_ipv4(&range.max_addr);
	}
	read_ports(rule, range.flags, &range.min_proto, &range.max_proto);
	return true;
}

bool xt_nat_read(const char *target, unsigned revision, bool six, const void *info,
		 size_t size, struct nat_rule *rule)
{
	const enum form form = form_of(target, revision, six);

	/* Addresses one to one, each with all its ports. */
	if (!strcmp(target, "NETMAP"))
		return true;
	if (strcmp(target, "MASQUERADE") != 0 && strcmp(target, "SNAT") != 0)
		return false;
	if ((form != FORM_IPV4 || !read_ipv4(rule, info, size)) &&
	    (form != FORM_RANGE || !read_range(rule, six, info, size)))
		rule->ports_unread = true;
	return true;
}
