#include "base/language.h"
#include "diagnosis/proof.h"
#include "diagnosis/remedy.h"
#include "diagnosis/windows_pool.h"

#include <stdlib.h>
#include <strings.h>

/*
 * Windows logs it itself when a port is asked for and the pool is empty, and a trace sees the call fail. STATUS_TOO_MANY_ADDRESSES
 * becomes WSAENOBUFS, 10055 (libuv, "windows: map STATUS_TOO_MANY_ADDRESSES"; grpc issue 16309).
 */
enum { TCP_POOL_EMPTY = 4231, UDP_POOL_EMPTY = 4266 };

struct proof {
	uint64_t events, calls;
	struct proof_time time;
	int64_t caller;		/* who had most failing calls; -1: not known */
	struct finding sources; /* collects them */
};

static void add_events(const struct evidence_facts *facts, enum protocol protocol,
		       struct proof *proof)
{
	const uint32_t wanted = protocol == PROTOCOL_UDP ? UDP_POOL_EMPTY : TCP_POOL_EMPTY;

	for (size_t i = 0; i < facts->event_count; i++) {
		const struct logged_event *event = &facts->events[i];

		/* Others have events of that number, too. */
		if (event->id != wanted || !event->provider ||
		    strcasecmp(event->provider, "Tcpip") != 0)
			continue;
		proof->events += event->count;
		proof_widen(&proof->time, event->first_ms, event->last_ms);
		strength_add_source(&proof->sources, event->artefact);
	}
}

/* A bind of Winsock-AFD does not tell its protocol: it is counted to TCP, which it mostly is. */
static bool is_of(const struct traced_failure *failure, enum protocol protocol)
{
	enum protocol own = failure->protocol_known ? failure->protocol : PROTOCOL_TCP;

	if (failure->error)
		return false; /* of a Linux machine */
	/* What fails to reserve a block may miss no more than free ports side by side. */
	return own == protocol && failure->ephemeral && failure->call != FAILURE_RESERVE &&
	       traced_failure_wants_port(failure);
}

static void add_calls(const struct snapshot *snapshot, enum protocol protocol,
		      struct proof *proof)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	uint64_t *by_process = memory_zeroed(snapshot->process_count, sizeof *by_process);
	uint64_t most = 0;

	for (size_t i = 0; i < facts->failure_count; i++) {
		const struct traced_failure *failure = &facts->failures[i];

		if (!is_of(failure, protocol))
			continue;
		proof->calls += failure->count;
		proof_widen(&proof->time, failure->first_ms, failure->last_ms);
		strength_add_source(&proof->sources, failure->artefact);
		if (failure->process < 0)
			continue;
		by_process[failure->process] += failure->count;
		if (by_process[failure->process] > most) {
			most = by_process[failure->process];
			proof->caller = failure->process;
		}
	}
	free(by_process);
}

/* ---- whether it is over ---- */

/* The listing was made after it, shows everything, and there is room. */
static bool has_room_since(const struct diagnosis *diagnosis, const struct proof *proof,
			   const struct pool *pool)
{
	return pool && proof->time.last_ms &&
	       diagnosis->snapshot->time_ms > proof->time.last_ms &&
	       diagnosis_severity(diagnosis, &pool->capacity) == SEVERITY_OK;
}

static bool is_over(const struct diagnosis *diagnosis, const struct proof *proof,
		    const struct pool *pool)
{
	return proof_is_old(diagnosis, &proof->time) || has_room_since(diagnosis, proof, pool);
}

/* ---- in words ---- */

static const char *events_text(struct diagnosis *diagnosis, const struct proof *proof,
			       enum protocol protocol)
{
	return arena_print(&diagnosis->arena,
			   P_("Windows logged event %d %s time",
			      "Windows logged event %d %s times",
			      (unsigned long)proof->events),
			   protocol == PROTOCOL_UDP ? UDP_POOL_EMPTY : TCP_POOL_EMPTY,
			   words_count(diagnosis, proof->events));
}

static const char *calls_text(struct diagnosis *diagnosis, const struct proof *proof)
{
	return arena_print(
		&diagnosis->arena,
		P_("%s call was traced that failed with STATUS_TOO_MANY_ADDRESSES",
		   "%s calls were traced that failed with STATUS_TOO_MANY_ADDRESSES",
		   (unsigned long)proof->calls),
		words_count(diagnosis, proof->calls));
}

static const char *what_text(struct diagnosis *diagnosis, const struct proof *proof,
			     enum protocol protocol)
{
	if (!proof->calls)
		return events_text(diagnosis, proof, protocol);
	if (!proof->events)
		return calls_text(diagnosis, proof);
	return arena_print(&diagnosis->arena, _("%s; %s"),
			   events_text(diagnosis, proof, protocol),
			   calls_text(diagnosis, proof));
}

static const char *reason(struct diagnosis *diagnosis, const struct proof *proof,
			  const struct pool *pool)
{
	const char *text = arena_print(
		&diagnosis->arena,
		_("%s a port was asked for and none of the range was left: programs got "
		  "WSAENOBUFS (10055)"),
		proof_when(diagnosis, &proof->time));

	if (has_room_since(diagnosis, proof, pool))
		return arena_print(&diagnosis->arena,
				   evidence_was_sent(&diagnosis->snapshot->evidence) ?
					   _("%s; the listing made since then shows %s") :
					   _("%s; since then some were given back: %s"),
				   text, words_room(diagnosis, &pool->capacity));
	if (proof->events)
		return arena_print(&diagnosis->arena,
				   _("%s; after the first such event Windows may log no "
				     "more, however long it goes on"),
				   text);
	return text;
}

/* ---- the finding ---- */

/* Most of the ports have no connection that could be used again. */
static bool is_bound_only(const struct pool *pool)
{
	return pool &&
	       2 * pool->bind_made >= pool->capacity.eligible - pool->capacity.room_max;
}

static void add_remedies(struct diagnosis *diagnosis, struct finding *finding,
			 const struct pool *pool, enum protocol protocol)
{
	const struct capacity_query anyone = {
		.kind = protocol == PROTOCOL_UDP ? CAPACITY_UDP_CONNECT : CAPACITY_BIND,
		.source = { .family = FAMILY_IPV4 },
	};
	const struct capacity_query query = pool ? windows_pool_query(pool) : anyone;
	bool rests = pool && 2 * windows_pool_count(pool, SOCKET_TIME_WAIT) >
				     pool->capacity.eligible - pool->capacity.room_max;

	remedy_windows_end(diagnosis, finding, pool ? &query : NULL, finding->culprit);
	remedy_windows_close(finding);
	if (protocol == PROTOCOL_TCP && !is_bound_only(pool))
		remedy_windows_pooling(finding);
	remedy_windows_range(diagnosis, finding, &query);
	if (rests)
		remedy_windows_wait(diagnosis, finding);
	if (finding->culprit < 0)
		remedy_windows_dump(finding);
	remedy_windows_useless(finding, rests || protocol == PROTOCOL_TCP);
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   enum protocol protocol, const struct proof *proof)
{
	const struct pool *pool = windows_pool_fullest(diagnosis, protocol);
	bool over = is_over(diagnosis, proof, pool);
	struct finding *finding = rule_add_finding(
		diagnosis, rule, 0, over ? SEVERITY_WARNING : SEVERITY_CRITICAL);
	const char *what = what_text(diagnosis, proof, protocol);

	finding->subject = protocol_name(protocol);
	finding->title =
		over ? arena_print(&diagnosis->arena, _("%s: ports ran out, last at %s: %s"),
				   finding->subject,
				   words_time(diagnosis, proof->time.last_ms), what) :
		       arena_print(&diagnosis->arena, _("%s: ports have run out: %s"),
				   finding->subject, what);
	finding->reason = reason(diagnosis, proof, pool);
	finding->strength = STRENGTH_PROOF;
	for (size_t i = 0; i < proof->sources.source_count; i++)
		strength_add_source(finding, proof->sources.sources[i]);
	finding->culprit = proof->caller;
	if (pool) {
		finding->shares = pool->shares;
		finding->share_count = pool->share_count;
		if (finding->culprit < 0)
			finding->culprit = rule_culprit(pool->shares, pool->share_count,
							SOCKET_STATE_COUNT);
		strength_add_listing(diagnosis, finding, protocol);
	}
	rule_add_evidence(finding, "events", (int64_t)proof->events, "events");
	rule_add_evidence(finding, "failed_calls", (int64_t)proof->calls, "calls");
	add_remedies(diagnosis, finding, pool, protocol);
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
		struct proof proof = { .caller = -1 };

		add_events(&diagnosis->snapshot->evidence, protocol, &proof);
		add_calls(diagnosis->snapshot, protocol, &proof);
		if (proof.events || proof.calls)
			report(rule, diagnosis, protocol, &proof);
	}
}

const struct rule rule_windows_ran_out = {
	.id = "windows_ran_out",
	.title = N_("Windows itself says that ports ran out"),
	.systems = RULE_WINDOWS,
	.check = check,
};
