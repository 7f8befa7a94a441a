#include "source/linux/nat/nat.h"

#include "base/language.h"
#include "source/linux/nat/ctnetlink.h"
#include "source/linux/nat/iptables_nat.h"
#include "source/linux/nat/nat_trial.h"
#include "source/linux/nat/nft_nat.h"
#include "source/linux/reading.h"

#include <errno.h>

/*
 * Rules first, because that is cheap and tells where to look: a dump of connections walks a table
 * that all namespaces share. The caller's own namespace and the host's are looked at in any case:
 * sources can also be changed without such a rule (Open vSwitch, IPVS, tc).
 *
 * Then the connections whose source is changed. What this host itself makes from a NAT address takes
 * ports from it, too, even if it leaves unchanged; it is asked for only where there is NAT.
 */

enum { TRIES = 3, ADDRESSES_MOST = 4 };

static void take_rule(void *context, const struct nat_rule *rule)
{
	struct reading *reading = context;
	struct nat_rule here = *rule;

	here.netns = reading->netns;
	nat_add_rule(&reading->snapshot->nat, &here);
}

static void take_flow(void *context, const struct nat_flow *flow)
{
	struct reading *reading = context;

	nat_add_flow(&reading->snapshot->nat, reading->netns, flow);
}

/* A kernel without nftables has no such rules; the answer then is EINVAL, or EOPNOTSUPP. */
static int read_nftables(struct reading *reading)
{
	struct nat *nat = &reading->snapshot->nat;
	const size_t before = nat->rule_count;
	int result = -1;

	for (int tries = 0; tries < TRIES && result; tries++) {
		nat->rule_count = before;
		result = nft_nat_read(&reading->snapshot->arena, take_rule, reading);
		if (result && errno != EINTR)
			break;
	}
	return result && (errno == EINVAL || errno == EOPNOTSUPP) ? 0 : result;
}

static bool is_refused(int failed)
{
	return failed == EPERM || failed == EACCES;
}

/* Every rule of this namespace that changes sources. 0, or why they are not complete. */
static int read_rules(struct reading *reading)
{
	int failed = 0;

	if (read_nftables(reading))
		failed = errno;
	if (iptables_nat_read(reading->proc, take_rule, reading))
		failed = errno;
	reading->snapshot->namespaces[reading->netns].nat_rules_read = !failed;
	return failed;
}

/* Sources may be changed without a rule, but is it worth a walk of the table? */
static bool is_looked_at_anyway(const struct reading *reading)
{
	return reading->snapshot->namespaces[reading->netns].kind == NETNS_HOST ||
	       reading->request->scope == SCOPE_ONE ||
	       reading->entry->inode == reading->namespaces.own_inode;
}

static bool is_nat_address(const struct reading *reading, const struct address *address)
{
	const struct nat *nat = &reading->snapshot->nat;

	for (size_t i = 0; i < nat->tuple_count; i++)
		if (nat->tuples[i].key.netns == reading->netns &&
		    address_equal(&nat->tuples[i].key.address, address))
			return true;
	return false;
}

/* What this host itself makes from its NAT addresses. Each question is a walk of the table; one for
 * all addresses brings every entry that is unchanged. */
static int read_own(struct reading *reading)
{
	const struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	const struct address *found[ADDRESSES_MOST];
	size_t count = 0;

	for (size_t i = 0; i < netns->local_address_count; i++) {
		if (!is_nat_address(reading, &netns->local_addresses[i]))
			continue;
		if (count == ADDRESSES_MOST)
			return ctnetlink_read_unchanged(NULL, take_flow, reading);
		found[count++] = &netns->local_addresses[i];
	}
	for (size_t i = 0; i < count; i++)
		if (ctnetlink_read_unchanged(found[i], take_flow, reading))
			return -1;
	return 0;
}

/* Below that even the ports of a rule that names none are far from used up. */
enum { MANY_PORTS = 16384 };

/* Whether it matters what becomes of the ports of connections that are over; and nftables is there,
 * which the trial would else bring into the kernel. */
static bool is_worth_a_trial(const struct reading *reading)
{
	const struct nat *nat = &reading->snapshot->nat;
	bool named = false, nftables = false;

	for (size_t i = 0; i < nat->rule_count; i++) {
		nftables |= nat->rules[i].chain != NULL;
		named |= port_range_known(nat->rules[i].ports);
	}
	for (size_t i = 0; nftables && i < nat->tuple_count; i++)
		if (nat->tuples[i].resting.count &&
		    (named || nat->tuples[i].ports.count > MANY_PORTS))
			return true;
	return false;
}

static void try_takeover(struct reading *reading)
{
	struct nat *nat = &reading->snapshot->nat;
	int result;

	if (reading->nat_tried || !is_worth_a_trial(reading))
		return;
	reading->nat_tried = true;
	result = nat_trial();
	if (result >= 0)
		nat->takeover = result ? NAT_TAKEOVER_YES : NAT_TAKEOVER_NO;
}

static const char *reason(int failed)
{
	return is_refused(failed) ? _("no privilege to read them (CAP_NET_ADMIN)") :
	       failed == EINVAL || failed == EOPNOTSUPP ?
				    _("this kernel does not tell (no nf_conntrack_netlink)") :
				    language_errno(failed);
}

static void add_gap(struct reading *reading, const char *what, int failed)
{
	snapshot_add_gap(reading->snapshot, GAP_ROOM, reading->netns, what, reason(failed),
			 is_refused(failed) ? reading_unless_root(_("run as root")) : NULL);
}

/* Without rules there is probably nothing that is missed. */
static void read_connections(struct reading *reading, bool has_rules)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	if (ctnetlink_read_changed(take_flow, reading) || read_own(reading)) {
		const int failed = errno;

		reading->ctnetlink.why_not = reason(failed);
		if (has_rules)
			add_gap(reading, _("connections through source NAT"), failed);
		return;
	}
	netns->nat_read = true;
	reading->ctnetlink.used = true;
	try_takeover(reading);
}

static void look_for_nat(struct reading *reading)
{
	const size_t before = reading->snapshot->nat.rule_count;
	const int failed = read_rules(reading);
	const bool has_rules = failed || reading->snapshot->nat.rule_count > before;

	if (has_rules || is_looked_at_anyway(reading))
		read_connections(reading, has_rules);
	else
		reading->ctnetlink.why_not = _("no rule changes sources");
	/* If the connections are not seen either, that is the greater gap. */
	if (failed && reading->snapshot->namespaces[reading->netns].nat_read)
		add_gap(reading, _("rules of source NAT"), failed);
}

void nat_read(struct reading *reading)
{
	const double start = reading_now_ms();

	if (!reading->request->nat || reading->request->root ||
	    !reading->snapshot->namespaces[reading->netns].conntrack.entries)
		return;
	look_for_nat(reading);
	reading->ctnetlink.milliseconds += reading_now_ms() - start;
}

void nat_report(struct reading *reading)
{
	struct source_report *report = &reading->ctnetlink;

	if (!reading->request->nat)
		return;
	if (reading->request->root)
		report->why_not = _("a copied /proc is read");
	else if (!report->why_not)
		report->why_not = _("no connection is tracked");
	snapshot_add_source(reading->snapshot, report);
}
