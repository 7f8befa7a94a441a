#include "source/linux/firewall/port_rules.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/nat/netfilter.h"
#include "source/linux/nat/nft_rule.h"
#include "source/linux/nat/nft_walk.h"
#include "source/linux/proc_file.h"
#include "source/linux/reading.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * `tcp dport 32768-60999` is an expression `range` with two values of two bytes, or, from an nft before 0.9 and
 * from others, two `cmp`: not less than the first, not more than the last. Of iptables it is a `match` with the
 * structure of the extension (Linux net/netfilter/xt_tcpudp.c, xt_multiport.c).
 */
struct rule {
	struct snapshot *snapshot;
	uint32_t netns;
	const char *where;
	uint16_t least; /* of a cmp; 0: none has gone before */
	bool loaded;	/* a port of the packet is in a register */
	bool unread; /* it is looked up in a set, or by an extension that is not known here */
};

static void found(const struct rule *rule, uint16_t first, uint16_t last)
{
	struct snapshot *snapshot = rule->snapshot;

	/* A single port is that of a service; from 0 or to the end means any. */
	if (first >= last || !first)
		return;
	array_reserve(snapshot->port_rules, snapshot->port_rule_count,
		      snapshot->port_rule_capacity);
	snapshot->port_rules[snapshot->port_rule_count++] = (struct port_rule){
		.netns = rule->netns,
		.where = rule->where,
		.range = { first, last },
	};
}

/* In network byte order; 0 if it is no port. */
static uint16_t port_of(const struct nlattr *nest)
{
	size_t size;
	const uint8_t *value = nest ? nft_walk_value(nest, &size) : NULL;

	return value && size == 2 ? (uint16_t)(value[0] << 8 | value[1]) : 0;
}

static void take_range(struct rule *rule, const struct nft_attributes *attributes)
{
	rule->loaded = false;
	/* "not in the range" names it, too. */
	if (attributes->by_type[NFTA_RANGE_OP])
		found(rule, port_of(attributes->by_type[NFTA_RANGE_FROM_DATA]),
		      port_of(attributes->by_type[NFTA_RANGE_TO_DATA]));
}

static void take_compare(struct rule *rule, const struct nft_attributes *attributes)
{
	uint16_t port = port_of(attributes->by_type[NFTA_CMP_DATA]);
	const struct nlattr *operation = attributes->by_type[NFTA_CMP_OP];

	rule->loaded = false;
	if (port && nft_walk_is(operation, NFT_CMP_GTE)) {
		rule->least = port;
		return;
	}
	if (port && rule->least && nft_walk_is(operation, NFT_CMP_LTE))
		found(rule, rule->least, port);
	rule->least = 0;
}

/* The first four bytes of a header of TCP or UDP are its ports; addresses may stand before them in a key of several
 * parts, so that what was loaded counts until it is compared. */
static void take_payload(struct rule *rule, const struct nft_attributes *attributes)
{
	uint32_t offset;

	if (nft_walk_is(attributes->by_type[NFTA_PAYLOAD_BASE],
			NFT_PAYLOAD_TRANSPORT_HEADER) &&
	    nft_walk_number(attributes->by_type[NFTA_PAYLOAD_OFFSET], &offset) && offset < 4)
		rule->loaded = attributes->by_type[NFTA_PAYLOAD_DREG] != NULL;
}

static void take_lookup(struct rule *rule, const struct nft_attributes *attributes)
{
	(void)attributes;
	rule->unread = rule->unread || rule->loaded;
	rule->loaded = false;
}

static void take_tcp_or_udp(struct rule *rule, const void *info, size_t size)
{
	uint16_t ports
		[4]; /* of the source, then of the destination: alike in xt_tcp and xt_udp */

	if (size < sizeof ports)
		return;
	memcpy(ports, info, sizeof ports);
	for (int i = 0; i < 4; i += 2)
		if (ports[i + 1] < UINT16_MAX || ports[i])
			found(rule, ports[i], ports[i + 1]);
}

static void take_multiport(struct rule *rule, const void *info, size_t size)
{
	struct xt_multiport_v1 multiport;

	if (size < sizeof multiport)
		return;
	memcpy(&multiport, info, sizeof multiport);
	for (unsigned i = 0; i + 1 < multiport.count && i + 1 < XT_MULTI_PORTS; i++)
		if (multiport.pflags[i])
			found(rule, multiport.ports[i], multiport.ports[i + 1]);
}

static void take_match(struct rule *rule, const struct nft_attributes *attributes)
{
	const char *name = nft_walk_text(attributes->by_type[NFTA_MATCH_NAME]);
	const struct nlattr *info = attributes->by_type[NFTA_MATCH_INFO];
	const void *bytes = info ? mnl_attr_get_payload(info) : NULL;
	size_t size = info ? mnl_attr_get_payload_len(info) : 0;

	if (!name || !info)
		return;
	if (!strcmp(name, "tcp") || !strcmp(name, "udp"))
		take_tcp_or_udp(rule, bytes, size);
	else if (!strcmp(name, "multiport") &&
		 nft_walk_is(attributes->by_type[NFTA_MATCH_REV], 1))
		take_multiport(rule, bytes, size);
	else if (!strcmp(name, "set")) /* of ipset(8) */
		rule->unread = true;
}

static const struct expression {
	const char *name;
	void (*take)(struct rule *rule, const struct nft_attributes *attributes);
} expressions[] = {
	{ "range", take_range },     { "cmp", take_compare },	{ "match", take_match },
	{ "payload", take_payload }, { "lookup", take_lookup },
};

static void take_expression(void *context, const char *name,
			    const struct nft_attributes *attributes)
{
	for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
		if (!strcmp(name, expressions[i].name))
			expressions[i].take(context, attributes);
}

bool port_rules_take(struct snapshot *snapshot, uint32_t netns, const struct nlmsghdr *header)
{
	struct rule rule = { .snapshot = snapshot, .netns = netns };
	struct nft_rule whole;

	if (!nft_rule_read(&whole, header))
		return true;
	rule.where = arena_print(&snapshot->arena, "%s %s %s handle %llu", whole.family_name,
				 whole.table, whole.chain, (unsigned long long)whole.handle);
	nft_rule_each(&whole, take_expression, &rule);
	return !rule.unread;
}

struct dump {
	struct reading *reading;
	unsigned unread;
};

static int take_message(const struct nlmsghdr *header, void *context)
{
	struct dump *dump = context;

	if (!port_rules_take(dump->reading->snapshot, dump->reading->netns, header))
		dump->unread++;
	return MNL_CB_OK;
}

/* To ask a kernel whose nf_tables is a module that is not there would load it (Linux net/netfilter/nfnetlink.c,
 * nfnetlink_rcv_msg()), and a look changes nothing. */
static bool is_loaded(void)
{
	enum { LARGEST = 4 << 20 };
	struct utsname name;
	char path[128], *built_in;
	size_t length;
	bool found;

	if (!access("/sys/module/nf_tables", F_OK) || access("/proc/modules", F_OK))
		return true;
	uname(&name);
	snprintf(path, sizeof path, "/lib/modules/%.65s/modules.builtin", name.release);
	built_in = proc_file_read_all(AT_FDCWD, path, LARGEST, &length);
	found = built_in && strstr(built_in, "/nf_tables.ko");
	free(built_in);
	return found;
}

static void add_gap(struct reading *reading, const char *what, const char *why,
		    const char *remedy)
{
	snapshot_add_gap(reading->snapshot, GAP_CLAIMS, reading->netns, what, why, remedy);
}

static void read_nftables(struct reading *reading)
{
	char buffer[NETFILTER_REQUEST_SIZE];
	struct nlmsghdr *request = netfilter_request(buffer, NFNL_SUBSYS_NFTABLES,
						     NFT_MSG_GETRULE, NFPROTO_UNSPEC);
	struct dump dump = { .reading = reading };

	if (netfilter_dump(request, take_message, &dump) && errno != EINVAL &&
	    errno != EOPNOTSUPP) /* of a kernel without nftables, which has no rule of it */
		add_gap(reading, _("firewall rules (nftables) that name the range"),
			errno == EPERM ? _("no privilege to read them (CAP_NET_ADMIN)") :
					 language_errno(errno),
			NULL);
	if (dump.unread)
		add_gap(reading,
			arena_print(&reading->snapshot->arena,
				    P_("%u firewall rule that looks ports up in a set",
				       "%u firewall rules that look ports up in sets",
				       dump.unread),
				    dump.unread),
			_("sets are not read"), _("see for yourself: nft list ruleset"));
}

/* Both files name the tables that are there, a line each; without the modules there are no files. */
static void note_legacy(struct reading *reading)
{
	static const char *const files[] = { "net/ip_tables_names", "net/ip6_tables_names" };
	enum { LARGEST = 64 << 10 };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		size_t length = 0;
		char *names = proc_file_read_all(reading->proc, files[i], LARGEST, &length);

		free(names);
		if (!names || !length)
			continue;
		add_gap(reading, _("firewall rules (iptables-legacy) that name the range"),
			_("tables of iptables-legacy are not read"),
			_("see for yourself: iptables-legacy-save, ip6tables-legacy-save"));
		return;
	}
}

void port_rules_read(struct reading *reading)
{
	if (!reading->request->port_claims || reading->request->root)
		return;
	note_legacy(reading);
	if (is_loaded())
		read_nftables(reading);
}
