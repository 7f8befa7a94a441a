#include "source/artefact/dossier.h"

#include "base/arena.h"
#include "snapshot/failure.h"
#include "snapshot/host_name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* More are counted, not kept: nobody reads a list of so many kinds, and a file may have been made to have them. */
enum {
	MOST_LOGS = 1024,
	MOST_EVENTS = 4096,
	MOST_FAILURES = 4096,
	MOST_COUNTED = 1 << 16,
};

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void widen(int64_t *first_ms, int64_t *last_ms, int64_t time_ms)
{
	if (!time_ms)
		return;
	if (!*first_ms || time_ms < *first_ms)
		*first_ms = time_ms;
	if (time_ms > *last_ms)
		*last_ms = time_ms;
}

void dossier_host(struct dossier *dossier, struct span name)
{
	const char *text = name.length ? dossier_text(dossier, name) : NULL;
	struct dossier_host *host = &dossier->hosts[0];

	if (!text)
		return;
	if (!dossier->snapshot->host_name)
		dossier->snapshot->host_name = text;
	if (host->name && !host_name_may_be(host->name, text))
		host++;
	if (!host->name)
		*host = (struct dossier_host){ text, dossier->file };
}

struct logged_event *dossier_add_event(struct dossier *dossier, uint32_t id,
				       const char *provider, int64_t time_ms, const char *text)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	uint32_t artefact = dossier_part(dossier);
	struct logged_event *event = NULL;

	for (size_t i = 0; i < facts->event_count && !event; i++)
		if (facts->events[i].id == id && facts->events[i].artefact == artefact &&
		    is_same_text(facts->events[i].provider, provider))
			event = &facts->events[i];
	if (!event) {
		if (facts->event_count == MOST_EVENTS)
			return NULL;
		array_reserve(facts->events, facts->event_count, facts->event_capacity);
		event = &facts->events[facts->event_count++];
		*event = (struct logged_event){ .artefact = artefact,
						.id = id,
						.provider = provider };
	}
	event->count++;
	if (text && (!event->text || time_ms >= event->last_ms))
		event->text = text;
	widen(&event->first_ms, &event->last_ms, time_ms);
	return event;
}

struct logged_log *dossier_add_log(struct dossier *dossier, const char *channel)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	uint32_t artefact = dossier_part(dossier);

	for (size_t i = 0; i < facts->log_count; i++)
		if (facts->logs[i].artefact == artefact &&
		    is_same_text(facts->logs[i].channel, channel))
			return &facts->logs[i];
	if (facts->log_count == MOST_LOGS)
		return &facts->logs[MOST_LOGS - 1];
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count] =
		(struct logged_log){ .artefact = artefact, .channel = channel };
	return &facts->logs[facts->log_count++];
}

struct traced_trace *dossier_add_trace(struct dossier *dossier)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;

	array_reserve(facts->traces, facts->trace_count, facts->trace_capacity);
	facts->traces[facts->trace_count] =
		(struct traced_trace){ .artefact = dossier_part(dossier) };
	return &facts->traces[facts->trace_count++];
}

/* What makes failures alike: a trace may have a million, of which few are. No padding. */
struct dossier_failure {
	uint64_t netns;
	const char *error; /* the same text is kept once */
	struct address local, remote;
	uint16_t remote_port;
	uint8_t protocol, ephemeral; /* 0: not known, else enum protocol and one */
	uint16_t by_transport;
	uint32_t artefact, call, status;
	int32_t process;
	uint32_t place; /* in the snapshot's list; not of the key */
};

enum { FAILURE_KEY = offsetof(struct dossier_failure, place) };

static_assert(FAILURE_KEY == sizeof(uint64_t) + sizeof(char *) + 2 * sizeof(struct address) +
				      6 + 4 * sizeof(uint32_t) &&
		      sizeof(struct address) == 17,
	      "the key has padding");

static struct dossier_failure key_of(const struct traced_failure *failure)
{
	return (struct dossier_failure){
		.netns = failure->netns,
		.error = failure->error,
		.local = failure->local,
		.remote = failure->remote,
		.remote_port = failure->remote_port,
		.protocol = failure->protocol_known ? (uint8_t)(failure->protocol + 1) : 0,
		.ephemeral = failure->ephemeral,
		.by_transport = failure->by_transport,
		.artefact = failure->artefact,
		.call = failure->call,
		.status = failure->status,
		.process = (int32_t)failure->process,
	};
}

/* NULL: it is of more kinds than are kept. */
static struct traced_failure *find_or_add_failure(struct dossier *dossier,
						  const struct traced_failure *like)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	const struct indexed items = { dossier->failure_keys, dossier->failure_key_count,
				       sizeof *dossier->failure_keys, FAILURE_KEY };
	struct dossier_failure key = key_of(like);
	bool full = facts->failure_count == MOST_FAILURES;
	size_t at = full ? index_find(&dossier->failure_index, &items, &key) :
			   index_find_or_add(&dossier->failure_index, &items, &key);

	if (at < dossier->failure_key_count)
		return &facts->failures[dossier->failure_keys[at].place];
	if (full)
		return NULL;
	key.place = (uint32_t)facts->failure_count;
	array_reserve(dossier->failure_keys, dossier->failure_key_count,
		      dossier->failure_key_capacity);
	dossier->failure_keys[dossier->failure_key_count++] = key;
	array_reserve(facts->failures, facts->failure_count, facts->failure_capacity);
	facts->failures[facts->failure_count] = *like;
	facts->failures[facts->failure_count].count = 0;
	facts->failures[facts->failure_count].first_ms = 0;
	facts->failures[facts->failure_count].last_ms = 0;
	return &facts->failures[facts->failure_count++];
}

void dossier_add_told_failure(struct dossier *dossier, struct traced_failure like,
			      const struct failure *told)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct traced_failure *failure;

	like.artefact = dossier_part(dossier);
	if (dossier->on_failure)
		dossier->on_failure(dossier->context, told);
	failure = find_or_add_failure(dossier, &like);
	if (!failure) {
		if (facts->trace_count)
			facts->traces[facts->trace_count - 1].more_failures++;
		return;
	}
	failure->count++;
	widen(&failure->first_ms, &failure->last_ms, told->time_ms);
}

void dossier_add_failure(struct dossier *dossier, struct traced_failure like,
			 uint16_t local_port, int64_t time_ms)
{
	struct failure told = traced_failure_told(&like, local_port, time_ms);

	if (like.process >= 0)
		told.process = &dossier->snapshot->processes[like.process];
	dossier_add_told_failure(dossier, like, &told);
}

void dossier_add_counted(struct dossier *dossier, int32_t pid, const char *name,
			 enum protocol protocol, enum socket_state state, uint64_t sockets)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct counted_share share = {
		.artefact = dossier_part(dossier),
		.process = -1,
		.protocol = protocol,
		.state = state,
		.sockets = sockets,
	};

	if (facts->counted_count == MOST_COUNTED)
		return;
	if (pid > 0) {
		share.process = dossier_process_index(dossier, pid);
		if (name && !dossier->snapshot->processes[share.process].name)
			dossier->snapshot->processes[share.process].name = name;
	}
	array_reserve(facts->counted, facts->counted_count, facts->counted_capacity);
	facts->counted[facts->counted_count++] = share;
}
