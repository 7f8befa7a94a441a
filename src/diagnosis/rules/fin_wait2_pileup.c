#include "base/language.h"
#include "diagnosis/remedy.h"

/*
 * Two cases look the same in a dump. A connection that was closed is an orphan: the kernel waits for
 * the peer, for tcp_fin_timeout. One that a process has only half closed, by shutdown(), is still
 * open to it and has no time limit.
 */

/* Without a full destination, this share of the range half closed is a leak. */
enum { LEAK_PERCENT = 20, LEAK_LEAST = 10 };

static unsigned half_closed(const struct destination *destination)
{
	unsigned ports = 0;

	for (size_t i = 0; i < destination->share_count; i++)
		if (destination->shares[i].state == SOCKET_FIN_WAIT2 &&
		    destination->shares[i].owner_kind != OWNER_NOBODY)
			ports += destination->shares[i].ports;
	return ports;
}

static bool is_leak(const struct destination *destination)
{
	const struct capacity *capacity = &destination->capacity;
	unsigned ports = half_closed(destination);

	return capacity->known && ports >= LEAK_LEAST &&
	       ports * 100 >= LEAK_PERCENT * capacity->eligible;
}

/* How sure a holding of this namespace is the peer's end: its connections at the service's port in
 * CLOSE_WAIT, or else the listener, which has not even accepted them. 0: it is not. */
static unsigned is_peer(const struct holding *holding, const struct destination *destination)
{
	const struct holding_key *key = &holding->key;
	bool here = address_equal(&key->local, &destination->destination);

	if (key->protocol != PROTOCOL_TCP || key->owner_kind != OWNER_PROCESS ||
	    !port_set_has(&holding->ports, destination->port))
		return 0;
	if (key->state == SOCKET_CLOSE_WAIT && key->inbound && here)
		return 2;
	return key->state == SOCKET_LISTEN && (here || address_is_any(&key->local));
}

/* The peer's process, where it is one of this namespace; -1: not found. */
static int64_t local_peer(const struct diagnosis *diagnosis,
			  const struct destination *destination)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	unsigned best = 0;
	int64_t peer = -1;

	if (!netns_has_address(&snapshot->namespaces[destination->netns],
			       &destination->destination))
		return -1;
	snapshot_each_holding(holding, snapshot, destination->netns) {
		unsigned likely = is_peer(holding, destination);

		if (likely > best) {
			best = likely;
			peer = holding->key.owner;
		}
	}
	return peer;
}

static const char *peer_text(struct diagnosis *diagnosis,
			     const struct destination *destination)
{
	int64_t process = local_peer(diagnosis, destination);
	char target[ADDRESS_TEXT_SIZE];

	address_print_endpoint(target, &destination->destination, destination->port);
	if (process < 0)
		return arena_copy(&diagnosis->arena, target);
	return arena_print(&diagnosis->arena, _("%s (here: %s)"), target,
			   words_process(diagnosis, process));
}

static const char *reason(struct diagnosis *diagnosis, const struct destination *destination,
			  const struct finding *finding, unsigned held)
{
	const struct netns *netns = &diagnosis->snapshot->namespaces[destination->netns];
	unsigned orphans = destination->states[SOCKET_FIN_WAIT2] - held;
	const char *peer = peer_text(diagnosis, destination);
	const char *who = finding->culprit >= 0 ? words_process(diagnosis, finding->culprit) :
						  _("the program");
	const char *wait =
		netns->settings.fin_timeout_s < 0 ?
			"net.ipv4.tcp_fin_timeout" :
			arena_print(&diagnosis->arena, _("%d s (net.ipv4.tcp_fin_timeout)"),
				    netns->settings.fin_timeout_s);

	if (finding->severity == SEVERITY_UNKNOWN)
		return destination->capacity.why_not_exact;
	if (!held)
		return arena_print(
			&diagnosis->arena,
			_("the peer %s does not close its end: %s are closed here and wait for "
			  "it, each for %s"),
			peer, words_ports(diagnosis, orphans), wait);
	if (!orphans)
		return arena_print(
			&diagnosis->arena,
			_("the peer %s does not close its end: on %s, %s has only shut down its "
			  "own side, which has no time limit as long as the socket is open"),
			peer, words_ports(diagnosis, held), who);
	return arena_print(
		&diagnosis->arena,
		_("the peer %s does not close its end: on %s, %s has only shut down its own "
		  "side, which has no time limit; %s are closed here and wait for it, each for %s"),
		peer, words_ports(diagnosis, held), who, words_ports(diagnosis, orphans),
		wait);
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct destination *destination, unsigned held, bool low)
{
	struct capacity_query query = remedy_query(destination);

	remedy_mend(
		finding,
		_("mend the peer: it has to close when it has read to the end of what it got"),
		destination->capacity.room_min);
	if (destination->states[SOCKET_FIN_WAIT2] > held)
		remedy_fin_timeout(diagnosis, finding, destination);
	if (held) {
		remedy_mend(finding,
			    _("mend the program: after shutdown(), wait for the peer only so "
			      "long, then close()"),
			    destination->capacity.room_min);
		remedy_end_process(diagnosis, finding, &query, finding->culprit);
	}
	if (low) {
		remedy_second_source(diagnosis, finding, destination);
		remedy_wider_range(diagnosis, finding, &query);
	}
	if (destination->states[SOCKET_FIN_WAIT2] == held)
		rule_add_useless(finding,
				 _("tcp_fin_timeout: does not end what a process has open"));
	rule_add_useless(finding,
			 _("tcp_tw_reuse: FIN_WAIT2 is not TIME_WAIT and never reused"));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];
		unsigned held = half_closed(destination);
		enum severity severity;
		struct finding *finding;
		bool low = rule_cause(diagnosis, destination, &severity) == CAUSE_FIN_WAIT2;

		if (!low) {
			if (!is_leak(destination))
				continue;
			severity = SEVERITY_WARNING;
		}
		finding = rule_destination_finding(diagnosis, rule, destination, severity);
		finding->culprit = rule_culprit(destination->shares, destination->share_count,
						SOCKET_FIN_WAIT2);
		rule_add_evidence(finding, "fin_wait2", destination->states[SOCKET_FIN_WAIT2],
				  "ports");
		rule_add_evidence(finding, "half_closed", held, "ports");
		finding->reason = reason(diagnosis, destination, finding, held);
		add_remedies(diagnosis, finding, destination, held, low);
	}
}

const struct rule rule_fin_wait2_pileup = {
	.id = "fin_wait2_pileup",
	.title = N_("A peer does not close connections that were closed here"),
	.systems = RULE_LINUX,
	.check = check,
};
