#include "base/language.h"
#include "diagnosis/proof.h"
#include "diagnosis/remedy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Calls that portroom trace has recorded on a Linux machine: each failed for want of a port, which nothing else than the call
 * itself shows once ports are back. They are told by namespace and protocol. Who failed need not be who has the ports.
 */
struct proof {
	const struct traced_failure *most; /* of calls alike there are most of these */
	uint64_t calls;
	struct proof_time time;
	struct finding sources; /* collects them */
	uint32_t netns;	     /* index into the snapshot's; UINT32_MAX: it does not have it */
	bool is_of_snapshot; /* there is one that tells its namespaces */
};

/* Where perf tells no protocol the call is bind() or listen(), which is TCP's more often. */
static enum protocol protocol_of(const struct traced_failure *failure)
{
	return failure->protocol_known ? failure->protocol : PROTOCOL_TCP;
}

static bool is_alike(const struct traced_failure *a, const struct traced_failure *b)
{
	return b->error && a->netns == b->netns && protocol_of(a) == protocol_of(b);
}

static struct proof proof_like(const struct snapshot *snapshot,
			       const struct traced_failure *like)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	struct proof proof = {
		.most = like,
		.is_of_snapshot = snapshot->namespaces[0].inode != 0,
	};

	for (size_t i = 0; i < facts->failure_count; i++) {
		const struct traced_failure *failure = &facts->failures[i];

		if (!is_alike(like, failure))
			continue;
		proof.calls += failure->count;
		proof_widen(&proof.time, failure->first_ms, failure->last_ms);
		strength_add_source(&proof.sources, failure->artefact);
		if (failure->count > proof.most->count)
			proof.most = failure;
	}
	/* Listings do not say whose they are: their room may be that of another namespace. */
	proof.netns =
		proof.is_of_snapshot ? snapshot_find_netns(snapshot, like->netns) : UINT32_MAX;
	return proof;
}

/* ---- how it is now ---- */

static struct capacity_query query_of(const struct proof *proof)
{
	const struct traced_failure *most = proof->most;
	bool udp = protocol_of(most) == PROTOCOL_UDP;
	bool binds = most->call == FAILURE_BIND || most->call == FAILURE_LISTEN;

	return (struct capacity_query){
		.kind = udp   ? (binds ? CAPACITY_UDP_BIND : CAPACITY_UDP_CONNECT) :
			binds ? CAPACITY_BIND :
				CAPACITY_CONNECT,
		.netns = proof->netns,
		.source = most->local,
		.destination = most->remote,
		.port = most->remote_port,
	};
}

/* The call's own namespace, as the files have it; nothing is known of it else. */
static struct capacity capacity_now(const struct diagnosis *diagnosis,
				    const struct proof *proof)
{
	const struct capacity_query query = query_of(proof);

	if (proof->netns == UINT32_MAX || !diagnosis->namespaces[proof->netns].anywhere.known)
		return (struct capacity){ 0 };
	return capacity_of(diagnosis->namespaces[proof->netns].map, &query);
}

static bool has_room_since(const struct diagnosis *diagnosis, const struct proof *proof,
			   const struct capacity *now)
{
	return now->known && proof->time.last_ms &&
	       diagnosis->snapshot->time_ms > proof->time.last_ms &&
	       diagnosis_severity(diagnosis, now) == SEVERITY_OK;
}

/* ---- in words ---- */

/* "tcp"; "tcp, network namespace 4026532177" where no snapshot tells of it. */
static const char *subject(struct diagnosis *diagnosis, const struct proof *proof)
{
	const struct traced_failure *most = proof->most;
	const char *protocol = protocol_name(protocol_of(most));
	char number[24];

	if ((proof->is_of_snapshot && proof->netns != UINT32_MAX) || !most->netns)
		return protocol;
	snprintf(number, sizeof number, "%" PRIu64, most->netns);
	return arena_print(&diagnosis->arena, _("%s, network namespace %s"), protocol,
			   most->netns_name ? most->netns_name : number);
}

/* "connect() to 10.0.9.1:5432", "bind() to 10.0.0.1, port 0" */
static const char *call_text(struct diagnosis *diagnosis, const struct traced_failure *failure)
{
	const char *call = failure_call_name(failure->call);
	char address[ADDRESS_TEXT_SIZE];

	if (failure->remote.family)
		return arena_print(&diagnosis->arena, _("%s() to %s"), call,
				   address_print_endpoint(address, &failure->remote,
							  failure->remote_port));
	if (failure->local.family && failure->call == FAILURE_BIND)
		return arena_print(&diagnosis->arena, _("%s() to %s, port 0"), call,
				   address_print(address, &failure->local));
	return arena_print(&diagnosis->arena, "%s()", call);
}

static const char *reason(struct diagnosis *diagnosis, const struct proof *proof,
			  const struct capacity *now)
{
	const struct traced_failure *most = proof->most;
	const char *text = arena_print(
		&diagnosis->arena,
		_("%s no port was left for them; most often, %s times, for %s of %s, which got "
		  "%s"),
		proof_when(diagnosis, &proof->time), words_count(diagnosis, most->count),
		call_text(diagnosis, most),
		most->process >= 0 ? words_process(diagnosis, most->process) :
				     _("a process that is not told"),
		most->error);

	if (has_room_since(diagnosis, proof, now))
		return arena_print(&diagnosis->arena,
				   _("%s; the listing made since then shows %s"), text,
				   words_room(diagnosis, now));
	return text;
}

/* ---- the finding ---- */

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct proof *proof, const struct capacity *now)
{
	const struct capacity_query query = query_of(proof);

	if (!now->known) {
		rule_add_remedy(
			finding,
			remedy_aside(_("save the state of that machine while calls fail, and "
				       "give it with the trace: it tells who has the ports"),
				     "portroom save ports.json"));
		return;
	}
	remedy_wider_range(diagnosis, finding, &query);
	remedy_drop_reserved(diagnosis, finding, &query, NOTABLY_RESERVED_PERCENT);
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct proof *proof)
{
	const struct capacity now = capacity_now(diagnosis, proof);
	bool over = proof_is_old(diagnosis, &proof->time) ||
		    has_room_since(diagnosis, proof, &now);
	struct finding *finding = rule_add_finding(
		diagnosis, rule, proof->netns == UINT32_MAX ? 0 : proof->netns,
		over ? SEVERITY_WARNING : SEVERITY_CRITICAL);
	const char *calls =
		arena_print(&diagnosis->arena,
			    P_("%s call failed for want of one",
			       "%s calls failed for want of one", (unsigned long)proof->calls),
			    words_count(diagnosis, proof->calls));

	finding->subject = subject(diagnosis, proof);
	finding->title =
		over ? arena_print(&diagnosis->arena, _("%s: ports ran out, last at %s: %s"),
				   finding->subject,
				   words_time(diagnosis, proof->time.last_ms), calls) :
		       arena_print(&diagnosis->arena, _("%s: ports have run out: %s"),
				   finding->subject, calls);
	finding->reason = reason(diagnosis, proof, &now);
	finding->strength = STRENGTH_PROOF;
	for (size_t i = 0; i < proof->sources.source_count; i++)
		strength_add_source(finding, proof->sources.sources[i]);
	rule_add_evidence(finding, "failed_calls", (int64_t)proof->calls, "calls");
	add_remedies(diagnosis, finding, proof, &now);
}

/* The first of those that are alike stands for them. */
static bool is_first(const struct evidence_facts *facts, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (facts->failures[i].error &&
		    is_alike(&facts->failures[i], &facts->failures[at]))
			return false;
	return true;
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct evidence_facts *facts = &diagnosis->snapshot->evidence;

	for (size_t i = 0; i < facts->failure_count; i++) {
		struct proof proof;

		if (!facts->failures[i].error || !is_first(facts, i))
			continue;
		proof = proof_like(diagnosis->snapshot, &facts->failures[i]);
		report(rule, diagnosis, &proof);
	}
}

const struct rule rule_ran_out = {
	.id = "ran_out",
	.title = N_("Calls were recorded that failed for want of a port"),
	.systems = RULE_LINUX,
	.check = check,
};
