#include "base/language.h"
#include "diagnosis/clashes.h"
#include "diagnosis/nat.h"
#include "diagnosis/remedy.h"

#include <string.h>

enum { FULL_TABLE_PERCENT = 90 }; /* as conntrack_full */

/* What a shorter TIME_WAIT is lowered to: late packets of a connection seldom come after that. */
enum { TIME_WAIT_S = 30 };

/* A part of what is used that is worth a remedy of its own. */
enum { NOTABLY_RESTING_PERCENT = 10 };

/* Letters that mean nothing to a shell: names of tables and chains are whatever somebody chose. */
static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789_- ";

static const char *subject(struct diagnosis *diagnosis, const struct nat_tuple_key *key)
{
	char address[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	return arena_print(&diagnosis->arena, "source NAT %s %s -> %s",
			   protocol_name(key->protocol), address_print(address, &key->address),
			   address_print_endpoint(target, &key->destination, key->port));
}

/* How many ports are used of how many; both ends where that is not certain. */
static const char *title(struct diagnosis *diagnosis, const struct nat_use *use,
			 const char *about)
{
	const char *lost = use->least.room_max ? "" : _("; new connections are dropped");

	if (use->least.eligible == use->most.eligible)
		return arena_print(&diagnosis->arena, _("%s: %s. %s of %s NAT ports used%s"),
				   about, words_room(diagnosis, &use->least),
				   words_count(diagnosis, use->used),
				   words_count(diagnosis, use->least.eligible), lost);
	return arena_print(&diagnosis->arena,
			   _("%s: %s NAT ports used, of %s or of %s: it is not certain which "
			     "rule gives them"),
			   about, words_count(diagnosis, use->used),
			   words_count(diagnosis, use->least.eligible),
			   words_count(diagnosis, use->most.eligible));
}

/* "50000-50009, by a rule in chain ip nat post" */
static const char *ports_text(struct diagnosis *diagnosis, const struct nat_use *use)
{
	const char *range =
		arena_print(&diagnosis->arena, "%u-%u", use->range.first, use->range.last);

	if (!port_range_known(use->range))
		return _("one of several ranges");
	if (!use->rule)
		return arena_print(&diagnosis->arena, _("%s, as no rule names a range"),
				   range);
	if (!use->rule->chain)
		return arena_print(&diagnosis->arena, _("%s, by a rule of iptables-legacy"),
				   range);
	return arena_print(&diagnosis->arena, _("%s, by a rule in chain %s"), range,
			   use->rule->chain);
}

/* Packets are lost although ports are left. */
static const char *misses(struct diagnosis *diagnosis, const struct nat_use *use)
{
	enum { PER_MILLE = 1000 };
	unsigned missed;

	if (!port_range_known(use->range) || !use->least.room_min || !use->least.exact)
		return "";
	missed = (unsigned)(nat_miss(use->tuple, use->range) * PER_MILLE + 0.5);
	if (!missed)
		return "";
	return arena_print(&diagnosis->arena,
			   _("; it looks at 240 of them at most, so that already about %u of "
			     "1,000 first packets find none"),
			   missed);
}

static const char *dropped(struct diagnosis *diagnosis, const struct netns_conntrack *table)
{
	if (table->insert_failed <= 0)
		return "";
	return arena_print(&diagnosis->arena,
			   _("; since this network namespace began, %s packets were dropped "
			     "with insert_failed, most often for want of a NAT port"),
			   words_count(diagnosis, (uint64_t)table->insert_failed));
}

static const char *resting(struct diagnosis *diagnosis, const struct nat_use *use,
			   const struct netns_conntrack *table)
{
	if (!use->resting)
		return "";
	if (table->time_wait_s <= 0)
		return arena_print(&diagnosis->arena,
				   _("; %s are of connections that are over"),
				   words_ports(diagnosis, use->resting));
	return arena_print(&diagnosis->arena,
			   _("; %s are of connections that are over, and kept for %d s"),
			   words_ports(diagnosis, use->resting), (int)table->time_wait_s);
}

static const char *reason(struct diagnosis *diagnosis, const struct nat_use *use,
			  enum severity severity)
{
	const struct netns_conntrack *table =
		&diagnosis->snapshot->namespaces[use->tuple->key.netns].conntrack;

	if (severity == SEVERITY_UNKNOWN)
		return arena_print(&diagnosis->arena, "%s%s%s", use->least.why_not_exact,
				   resting(diagnosis, use, table), dropped(diagnosis, table));
	return arena_print(
		&diagnosis->arena,
		_("towards one address and port every connection through NAT needs a NAT port "
		  "of its own (%s)%s%s%s. When there is none, connect() times out, UDP gets "
		  "no answer (EPERM on this host), and the ports of whoever connects have "
		  "nothing to do with it"),
		ports_text(diagnosis, use), misses(diagnosis, use),
		resting(diagnosis, use, table), dropped(diagnosis, table));
}

static void add_evidence(struct finding *finding, const struct nat_use *use,
			 const struct netns_conntrack *table)
{
	rule_add_evidence(finding, "room_min", use->least.room_min, "ports");
	rule_add_evidence(finding, "room_max", use->most.room_max, "ports");
	rule_add_evidence(finding, "used", use->used, "ports");
	rule_add_evidence(finding, "capacity_min", use->least.eligible, "ports");
	rule_add_evidence(finding, "capacity_max", use->most.eligible, "ports");
	rule_add_evidence(finding, "resting", use->resting, "ports");
	if (table->insert_failed >= 0)
		rule_add_evidence(finding, "insert_failed", table->insert_failed, "packets");
	if (table->drops >= 0)
		rule_add_evidence(finding, "drops", table->drops, "packets");
}

/* ---- remedies ---- */

static struct remedy with_room(const char *text, const char *command, unsigned before,
			       unsigned least, unsigned most)
{
	return (struct remedy){
		.text = text,
		.command = command,
		.room_before = before,
		.room_after_min = least,
		.room_after_max = most,
	};
}

/* What is used of the wider range counts against it. */
static void remedy_wider(struct diagnosis *diagnosis, struct finding *finding,
			 const struct nat_use *use)
{
	const struct capacity wider =
		nat_room(&diagnosis->snapshot->nat, use->tuple, nat_ordinary_ports);
	const char *chain = use->rule ? use->rule->chain : NULL;
	const char *command = NULL;

	if (!use->rule || wider.room_min <= use->least.room_max)
		return;
	if (chain && strspn(chain, harmless) == strlen(chain))
		command = remedy_command_in(
			diagnosis, finding->netns,
			arena_print(&diagnosis->arena, "nft -a list chain %s", chain));
	rule_add_remedy(
		finding,
		with_room(_("give NAT a wider range of ports, or name none in its rule, "
			    "which is 1024-65535"),
			  command, use->least.room_min, wider.room_min, wider.room_max));
}

/* Entries that were reset are over, too, but not in TIME_WAIT. */
static void remedy_drop_resting(struct diagnosis *diagnosis, struct finding *finding,
				const struct nat_use *use)
{
	const struct nat_tuple *tuple = use->tuple;
	const struct nat_tuple_key *key = &tuple->key;
	const unsigned reset = tuple->states[NAT_CLOSE];
	const unsigned sure = use->resting > reset ? use->resting - reset : 0;
	const unsigned left = use->least.free;
	char address[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];
	struct remedy remedy;

	if (!sure || use->least.eligible != use->most.eligible ||
	    left + sure <= use->least.room_min)
		return;
	remedy = with_room(
		_("drop the entries of connections that are over, now"),
		remedy_command_in(
			diagnosis, finding->netns,
			arena_print(&diagnosis->arena,
				    "conntrack -D -p tcp --state TIME_WAIT --reply-src %s "
				    "--reply-dst %s --reply-port-src %u",
				    address_print(target, &key->destination),
				    address_print(address, &key->address), key->port)),
		use->least.room_min, left + sure, left + use->resting);
	remedy.lasts = _("until they are taken again");
	remedy.risk = _("what is still on its way of these connections is lost");
	rule_add_remedy(finding, remedy);
}

/* Entries that are there keep the time they were given. */
static void remedy_shorter(struct diagnosis *diagnosis, struct finding *finding,
			   const struct nat_use *use)
{
	const struct netns_conntrack *table =
		&diagnosis->snapshot->namespaces[finding->netns].conntrack;
	struct remedy remedy;

	if (use->resting * 100 < NOTABLY_RESTING_PERCENT * use->used ||
	    table->time_wait_s <= TIME_WAIT_S)
		return;
	remedy = remedy_aside(
		arena_print(&diagnosis->arena,
			    _("keep the ports of closed connections for %d s instead of %d s"),
			    TIME_WAIT_S, (int)table->time_wait_s),
		remedy_sysctl(
			diagnosis, finding->netns,
			arena_print(&diagnosis->arena,
				    "net.netfilter.nf_conntrack_tcp_timeout_time_wait=%d",
				    TIME_WAIT_S)));
	remedy.risk =
		_("it counts for connections that are closed from now on; packets that come "
		  "later than that are lost");
	rule_add_remedy(finding, remedy);
}

/* By its source and destination the kernel always gives a connection the same of several NAT
 * addresses (net/netfilter/nf_nat_core.c, find_best_ips_proto()): it may be the old one. */
static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct nat_use *use)
{
	const unsigned room = use->least.room_min;
	struct remedy address = with_room(
		_("give NAT more addresses (snat to A-B): as many ports again on each"), NULL,
		room, use->most.room_max, use->most.room_max + use->most.eligible);

	address.risk = _("each source keeps to one of the addresses towards one destination: "
			 "a single client may not gain");
	remedy_drop_resting(diagnosis, finding, use);
	remedy_wider(diagnosis, finding, use);
	remedy_shorter(diagnosis, finding, use);
	rule_add_remedy(finding, address);
	rule_add_remedy(finding, with_room(_("a second address or port of the service"), NULL,
					   room, use->least.eligible, use->most.eligible));
	remedy_advise(diagnosis, finding, ADVICE_KEEP_ALIVE,
		      _("keep connections open and use them again (connection pool, HTTP "
			"keep-alive)"),
		      room);
	rule_add_useless(finding, _("a wider ip_local_port_range or tcp_tw_reuse where the "
				    "connections are made: NAT chooses the port again"));
	rule_add_useless(finding,
			 _("raising nf_conntrack_max: the table is not what is full"));
	rule_add_useless(finding, _("random, fully-random: the same ports in another order"));
}

/* ---- findings ---- */

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct nat_use *use, enum severity severity)
{
	const uint32_t netns = use->tuple->key.netns;
	struct finding *finding = rule_add_finding(diagnosis, rule, netns, severity);

	finding->subject = subject(diagnosis, &use->tuple->key);
	finding->title = title(diagnosis, use, finding->subject);
	finding->shares = use->shares;
	finding->share_count = use->share_count;
	/* Only who has most of them is to blame. */
	finding->culprit =
		rule_culprit(use->shares, use->share_count ? 1 : 0, SOCKET_STATE_COUNT);
	finding->reason = reason(diagnosis, use, severity);
	add_evidence(finding, use, &diagnosis->snapshot->namespaces[netns].conntrack);
	add_remedies(diagnosis, finding, use);
}

/* A table that is nearly full is conntrack_full's finding, which counts other packets. */
static bool has_clashed(const struct netns *netns)
{
	const struct netns_conntrack *table = &netns->conntrack;

	return netns->nat_read && clashes_are_many(table) &&
	       table->entries * 100 < table->limit * FULL_TABLE_PERCENT;
}

/* Towards some destination it is not known how many ports NAT has. */
static bool is_open(const struct diagnosis *diagnosis, uint32_t netns)
{
	for (size_t i = 0; i < diagnosis->nat_count; i++)
		if (diagnosis->nats[i].tuple->key.netns == netns &&
		    !diagnosis->nats[i].least.known)
			return true;
	return false;
}

/* With room in the table, a new connection can only have clashed. */
static void remark_clashes(const struct rule *rule, struct diagnosis *diagnosis,
			   uint32_t netns)
{
	clashes_remark(
		rule, diagnosis, netns, "source NAT",
		is_open(diagnosis, netns) ?
			_("source NAT may be out of ports: how many there are towards some "
			  "destinations cannot be told, as no rule that was read says which "
			  "(a map is not read; nft list ruleset); or packets of one flow met. "
			  "If the number grows, look there") :
			_("source NAT is out of ports towards no destination now, but may have "
			  "been; or packets of one flow met, as of parallel DNS queries. If the "
			  "number grows, look again while it does"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->nat_count; i++) {
		const enum severity severity = nat_severity(diagnosis, &diagnosis->nats[i]);

		if (severity != SEVERITY_OK)
			report(rule, diagnosis, &diagnosis->nats[i], severity);
	}
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++)
		if (has_clashed(&diagnosis->snapshot->namespaces[i]) &&
		    !rule_found(diagnosis, rule->id, i))
			remark_clashes(rule, diagnosis, i);
}

const struct rule rule_snat_full = {
	.id = "snat_full",
	.title = N_("Source NAT has used up its ports towards one destination"),
	.systems = RULE_LINUX,
	.check = check,
};
