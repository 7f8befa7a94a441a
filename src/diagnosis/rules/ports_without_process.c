#include "base/language.h"
#include "diagnosis/remedy.h"
#include "diagnosis/shares.h"

#include <stdlib.h>

/*
 * As much of the range as makes the difference between low and full. Fewer than LEAST are the
 * ordinary life of connections that are closing.
 */
enum { LEAST_PERCENT = 5, LEAST = 10 };

/* What holds ports in one namespace and has no process. TIME_WAIT has none by its nature. */
struct ownerless {
	struct share_count shares;
	struct port_set all, orphans, unfound;
};

static void count(struct diagnosis *diagnosis, const struct holding *holding,
		  struct ownerless *ownerless)
{
	const struct holding_key *key = &holding->key;
	const struct port_map *map = diagnosis->namespaces[key->netns].map;
	bool nobody = key->owner_kind == OWNER_NOBODY;

	if (key->protocol != PROTOCOL_TCP || key->inbound || key->state == SOCKET_TIME_WAIT ||
	    (!nobody && key->owner_kind != OWNER_UNFOUND))
		return;
	/* Whoever waits for the peer in FIN_WAIT2 has been told of by then. */
	if (nobody && key->state == SOCKET_FIN_WAIT2 &&
	    rule_found(diagnosis, "fin_wait2_pileup", key->netns))
		return;
	shares_add(&ownerless->shares, map, holding, false);
	port_map_select(map, holding, false, &ownerless->all);
	port_map_select(map, holding, false,
			nobody ? &ownerless->orphans : &ownerless->unfound);
}

static const char *orphans_text(struct diagnosis *diagnosis, unsigned ports)
{
	return arena_print(
		&diagnosis->arena,
		_("%s by connections that their program has closed and that still wait for the "
		  "peer, to take what was sent or to close too (net.ipv4.tcp_orphan_retries and "
		  "tcp_fin_timeout limit them)"),
		words_count(diagnosis, ports));
}

static const char *unfound_text(struct diagnosis *diagnosis, unsigned ports)
{
	return arena_print(
		&diagnosis->arena,
		_("%s by sockets that are open but that no process here has: those of the "
		  "kernel itself (NFS, CIFS, Ceph, iSCSI, DRBD: look at the mounts), of "
		  "processes in another pid namespace, or on their way through a unix socket"),
		words_count(diagnosis, ports));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   struct ownerless *ownerless)
{
	unsigned orphans = ownerless->orphans.count, unfound = ownerless->unfound.count;
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);
	struct share *shares = shares_finish(&ownerless->shares, &remark->share_count);
	struct share *kept =
		arena_alloc(&diagnosis->arena, remark->share_count * sizeof *kept);

	for (size_t i = 0; i < remark->share_count; i++)
		kept[i] = shares[i];
	free(shares);
	remark->shares = kept;
	remark->subject = "tcp";
	remark->title =
		arena_print(&diagnosis->arena, _("%s of the range are held by no process"),
			    words_ports(diagnosis, ownerless->all.count));
	if (!unfound)
		remark->reason = orphans_text(diagnosis, orphans);
	else if (!orphans)
		remark->reason = unfound_text(diagnosis, unfound);
	else
		remark->reason = arena_print(&diagnosis->arena, _("%s; %s"),
					     orphans_text(diagnosis, orphans),
					     unfound_text(diagnosis, unfound));
	rule_add_remedy(remark, remedy_aside(_("see which they are and where they lead"),
					     "portroom list --by process,state,dst,dport"));
	rule_add_evidence(remark, "ports", ownerless->all.count, "ports");
	rule_add_evidence(remark, "orphans", orphans, "ports");
	rule_add_evidence(remark, "unfound", unfound, "ports");
}

static bool is_many(const struct diagnosis *diagnosis, uint32_t netns, unsigned ports)
{
	const struct capacity *anywhere = &diagnosis->namespaces[netns].anywhere;

	return anywhere->known && ports >= LEAST &&
	       ports * 100 >= LEAST_PERCENT * anywhere->eligible;
}

static void finish(struct ownerless *ownerless)
{
	size_t count;

	free(shares_finish(&ownerless->shares, &count));
	port_set_free(&ownerless->all);
	port_set_free(&ownerless->orphans);
	port_set_free(&ownerless->unfound);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	struct ownerless *counts = memory_zeroed(snapshot->namespace_count, sizeof *counts);

	for (size_t i = 0; i < snapshot->holding_count; i++)
		count(diagnosis, &snapshot->holdings[i],
		      &counts[snapshot->holdings[i].key.netns]);
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		if (is_many(diagnosis, i, counts[i].all.count))
			report(rule, diagnosis, i, &counts[i]);
		finish(&counts[i]);
	}
	free(counts);
}

const struct rule rule_ports_without_process = {
	.id = "ports_without_process",
	.title = N_("Ports that no process holds: closed connections, sockets of the kernel"),
	.systems = RULE_LINUX,
	.check = check,
};
