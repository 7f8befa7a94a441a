#include "base/language.h"
#include "diagnosis/clashes.h"
#include "diagnosis/remedy.h"

/*
 * From 95 % on, once a packet was dropped, the kernel's collector throws out entries to make room
 * (Linux net/netfilter/nf_conntrack_core.c, gc_worker()), so that a table that drops packets need
 * not look full: with drops on record, that share is critical already.
 */
enum { WARNING_PERCENT = 90, DROPPED_PERCENT = 95, CRITICAL_PERCENT = 98 };

/* Packets for which no entry could be made because the table was full: the others, which clashed,
 * are in both counters (nf_ct_resolve_clash()). */
static int64_t dropped_when_full(const struct netns_conntrack *table)
{
	return table->drops > table->insert_failed ? table->drops - table->insert_failed : 0;
}

static bool is_at(const struct netns_conntrack *table, int percent)
{
	return table->limit > 0 && table->entries * 100 >= table->limit * percent;
}

/* The limit of all namespaces is set in the first one; elsewhere it can only be read. */
static const char *raise_command(struct diagnosis *diagnosis, uint32_t netns,
				 const struct netns_conntrack *table)
{
	const char *command =
		arena_print(&diagnosis->arena, "sysctl -w net.netfilter.nf_conntrack_max=%lld",
			    (long long)table->limit * 2);

	if (diagnosis->snapshot->namespaces[netns].kind == NETNS_HOST)
		return remedy_command_in(diagnosis, netns, command);
	return arena_print(&diagnosis->arena, "nsenter --net=/proc/1/ns/net %s", command);
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct netns_conntrack *table)
{
	struct remedy raise =
		remedy_aside(_("raise nf_conntrack_max, which is set in the first network "
			       "namespace of the machine"),
			     raise_command(diagnosis, finding->netns, table));
	struct remedy shorter = remedy_aside(
		_("keep closed and idle connections for a shorter time"),
		remedy_sysctl(diagnosis, finding->netns,
			      "net.netfilter.nf_conntrack_tcp_timeout_time_wait=30 "
			      "net.netfilter.nf_conntrack_tcp_timeout_established=86400"));
	struct remedy untracked = remedy_aside(
		_("do not track what needs neither NAT nor state; here, what a DNS server is "
		  "asked"),
		remedy_command_in(diagnosis, finding->netns,
				  "nft 'add table ip untracked; "
				  "add chain ip untracked in { type filter hook prerouting "
				  "priority raw; }; "
				  "add chain ip untracked out { type filter hook output "
				  "priority raw; }; "
				  "add rule ip untracked in udp dport 53 notrack; "
				  "add rule ip untracked out udp sport 53 notrack'"));
	struct remedy who = remedy_aside(
		_("see who fills it"),
		remedy_command_in(
			diagnosis, finding->netns,
			"conntrack -L | awk '{for (i = 1; i <= NF; i++) if ($i ~ /^src=/) "
			"{print $1, $i, $(i + 1); break}}' | sort | uniq -c | sort -rn | head"));

	raise.risk = _("an entry takes about 300 bytes; raise nf_conntrack_buckets as well");
	shorter.risk = _("a connection that is idle for longer than that is cut off where a "
			 "firewall or NAT needs its entry");
	untracked.risk = _("rules with `ct state` no longer match it");
	rule_add_remedy(finding, raise);
	rule_add_remedy(finding, shorter);
	rule_add_remedy(finding, untracked);
	rule_add_remedy(finding, who);
	rule_add_useless(finding, _("a wider ip_local_port_range, tcp_tw_reuse: ports are "
				    "chosen well, the packets are dropped afterwards"));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   enum severity severity)
{
	const struct netns_conntrack *table =
		&diagnosis->snapshot->namespaces[netns].conntrack;
	int64_t dropped = dropped_when_full(table);
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, severity);

	finding->subject = "conntrack";
	finding->title = arena_print(
		&diagnosis->arena, _("connection tracking: %s of %s entries used%s"),
		words_count(diagnosis, (uint64_t)table->entries),
		words_count(diagnosis, (uint64_t)table->limit),
		dropped ? _("; packets of new connections have been dropped") : "");
	finding->reason = arena_print(
		&diagnosis->arena,
		_("this looks like port exhaustion and is none: when no entry can be made, new "
		  "connections are dropped, connect() times out (ETIMEDOUT) and UDP gets EPERM "
		  "from send(), never EADDRNOTAVAIL; since this network namespace began, %s "
		  "packets were dropped so and %s entries thrown out early to make room"),
		words_count(diagnosis, (uint64_t)dropped),
		table->early_drops < 0 ? _("an unknown number of") :
					 words_count(diagnosis, (uint64_t)table->early_drops));
	rule_add_evidence(finding, "entries", table->entries, "entries");
	rule_add_evidence(finding, "limit", table->limit, "entries");
	rule_add_evidence(finding, "dropped_when_full", dropped, "packets");
	rule_add_evidence(finding, "early_drops", table->early_drops, "entries");
	add_remedies(diagnosis, finding, table);
}

/* With room in the table, a new connection can only have clashed. Where the connections through NAT
 * were read, snat_full knows more of it. */
static void remark_clashes(const struct rule *rule, struct diagnosis *diagnosis,
			   uint32_t netns)
{
	const struct netns_conntrack *table =
		&diagnosis->snapshot->namespaces[netns].conntrack;
	struct finding *remark = clashes_remark(
		rule, diagnosis, netns, "conntrack",
		_("most often source NAT found no free port of its own towards one destination: "
		  "connect() times out, UDP gets EPERM, and the ports here have nothing to do "
		  "with it; if the number grows, give NAT more addresses or ports. A few come "
		  "from parallel DNS queries"));

	rule_add_evidence(remark, "entries", table->entries, "entries");
	rule_add_evidence(remark, "limit", table->limit, "entries");
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct netns_conntrack *table =
			&diagnosis->snapshot->namespaces[i].conntrack;

		if (is_at(table, CRITICAL_PERCENT) ||
		    (is_at(table, DROPPED_PERCENT) && dropped_when_full(table)))
			report(rule, diagnosis, i, SEVERITY_CRITICAL);
		else if (is_at(table, WARNING_PERCENT))
			report(rule, diagnosis, i, SEVERITY_WARNING);
		else if (!diagnosis->snapshot->namespaces[i].nat_read &&
			 clashes_are_many(table))
			remark_clashes(rule, diagnosis, i);
	}
}

const struct rule rule_conntrack_full = {
	.id = "conntrack_full",
	.title = N_(
		"The table of tracked connections is full, which looks like port exhaustion"),
	.systems = RULE_LINUX,
	.check = check,
};
