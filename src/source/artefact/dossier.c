#include "source/artefact/dossier.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/failure.h"
#include "source/artefact/series.h"
#include "source/artefact/stamps.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More are counted, not kept: nobody reads a list of so many kinds, and a file may have been made to have them. */
enum {
	MOST_PARTS = 4096,
	MOST_NAMES = 1 << 20,
	MOST_NAME_BYTES = 64 << 20,
	MOST_PIDS = 1 << 17,
	MOST_LOGS = 1024,
	MOST_EVENTS = 4096,
	MOST_FAILURES = 4096,
	MOST_COUNTED = 1 << 16,
	MOST_ROWS = 1 << 23,
	MOST_TEXT = 1024,
};

void dossier_init(struct dossier *dossier, struct snapshot *snapshot)
{
	*dossier = (struct dossier){ .snapshot = snapshot, .part = -1, .crowd = -1 };
	dossier->netns.settings = (struct netns_settings){
		.tw_reuse = -1,
		.tw_reuse_delay_ms = -1,
		.timestamps = -1,
		.max_tw_buckets = -1,
		.autobind_reuse = -1,
		.unprivileged_start = -1,
		.bindv6only = -1,
		.fin_timeout_s = -1,
		.syn_retries = -1,
		.syn_linear_timeouts = -1,
		.fastopen = -1,
	};
	dossier->netns.counters = (struct netns_counters){ -1, -1, -1, -1, -1, -1 };
	dossier->netns.conntrack = (struct netns_conntrack){ -1, -1, -1, -1, -1, -1 };
	dossier->netns.unseen_most = -1;
	snapshot->descriptor_ceiling = -1;
}

static void free_table(struct dossier_table *table)
{
	free(table->sockets);
	*table = (struct dossier_table){ 0 };
}

void dossier_free(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->table_count; i++)
		free_table(&dossier->tables[i]);
	free_table(&dossier->open_table);
	free(dossier->tables);
	free(dossier->names);
	free(dossier->pids);
	series_free(dossier->series);
	index_free(&dossier->name_index);
	index_free(&dossier->pid_index);
	index_free(&dossier->failure_index);
	free(dossier->failure_keys);
	port_set_free(
		&dossier->netns.settings.reserved); /* the snapshot's, once it was joined */
}

/* ---- about the file ---- */

/* What it notes belongs to the listing's part of the file, whichever is named now. */
static void finish_table(struct dossier *dossier, struct dossier_table *table)
{
	const int64_t part = dossier->part;

	if (!table->finish)
		return;
	dossier->part = table->artefact;
	table->finish(dossier, table, table->state);
	dossier->part = part;
}

static void end_open_table(struct dossier *dossier)
{
	struct dossier_table *table = &dossier->open_table;

	if (!dossier->table_is_open)
		return;
	dossier->table_is_open = false;
	finish_table(dossier, table);
	dossier->snapshot->evidence.artefacts[table->artefact].records += table->count;
	dossier->snapshot->evidence.artefacts[table->artefact].used_for = N_("sockets");
	dossier_speaks_for(dossier, table->system);
	dossier_take_table(dossier, table);
	*table = (struct dossier_table){ 0 };
}

void dossier_open(struct dossier *dossier, const char *file, int64_t modified_ms)
{
	dossier->file = arena_copy(&dossier->snapshot->arena, file);
	dossier->modified_ms = modified_ms;
	dossier_name_part(dossier, NULL);
}

void dossier_close(struct dossier *dossier)
{
	end_open_table(dossier);
	stamps_settle(dossier);
}

void dossier_name_part(struct dossier *dossier, const char *kind)
{
	dossier->part_name = kind;
	dossier->part = -1;
}

static bool is_part(const struct dossier *dossier, const struct artefact *artefact)
{
	const char *kind = dossier->part_name;

	return artefact->file == dossier->file &&
	       (kind ? artefact->kind && !strcmp(artefact->kind, kind) : !artefact->kind);
}

uint32_t dossier_part(struct dossier *dossier)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;

	if (dossier->part >= 0)
		return (uint32_t)dossier->part;
	for (size_t i = facts->artefact_count;
	     i-- && facts->artefacts[i].file == dossier->file;)
		if (is_part(dossier, &facts->artefacts[i])) {
			dossier->part = (int64_t)i;
			return (uint32_t)i;
		}
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count] =
		(struct artefact){ .file = dossier->file, .kind = dossier->part_name };
	dossier->part = (int64_t)facts->artefact_count;
	return (uint32_t)facts->artefact_count++;
}

static struct artefact *current_part(struct dossier *dossier)
{
	uint32_t part = dossier_part(dossier); /* may move them */

	return &dossier->snapshot->evidence.artefacts[part];
}

void dossier_count_records(struct dossier *dossier, uint64_t records)
{
	current_part(dossier)->records += records;
}

void dossier_used_for(struct dossier *dossier, const char *what)
{
	current_part(dossier)->used_for = what;
}

void dossier_note(struct dossier *dossier, const char *format, ...)
{
	struct artefact *artefact = current_part(dossier);
	char text[512];
	va_list arguments;

	if (artefact->partial)
		return; /* the first tells where it began */
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	artefact->partial = arena_copy(&dossier->snapshot->arena, text);
}

void dossier_refuse(struct dossier *dossier, const char *why)
{
	current_part(dossier)->why_not = arena_copy(&dossier->snapshot->arena, why);
}

/* ---- names and processes ---- */

void dossier_speaks_for(struct dossier *dossier, enum dossier_system system)
{
	dossier->systems[system]++;
}

/* FNV-1a. Where two texts have the same, the second is not shared: somebody may have made them so. */
static uint64_t hash_text(struct span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (uint8_t)text.text[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* More names are not told: they would be nothing but memory. */
static const char *keep_text(struct dossier *dossier, struct span text)
{
	if (dossier->name_count == MOST_NAMES ||
	    dossier->name_bytes + text.length > MOST_NAME_BYTES)
		return NULL;
	dossier->name_bytes += text.length;
	return arena_copy_length(&dossier->snapshot->arena, text.text, text.length);
}

const char *dossier_text(struct dossier *dossier, struct span text)
{
	const struct indexed names = { dossier->names, dossier->name_count,
				       sizeof *dossier->names, sizeof(uint64_t) };
	const char *kept;
	uint64_t hash;
	size_t at;

	if (text.length > MOST_TEXT)
		text.length = MOST_TEXT;
	hash = hash_text(text);
	at = index_find(&dossier->name_index, &names, &hash);
	if (at < dossier->name_count && strlen(dossier->names[at].text) == text.length &&
	    !memcmp(dossier->names[at].text, text.text, text.length))
		return dossier->names[at].text;
	kept = keep_text(dossier, text);
	if (!kept)
		return "?";
	if (at < dossier->name_count)
		return kept;
	index_find_or_add(&dossier->name_index, &names, &hash);
	array_reserve(dossier->names, dossier->name_count, dossier->name_capacity);
	dossier->names[dossier->name_count++] =
		(struct dossier_name){ .hash = hash, .text = kept };
	return kept;
}

static const struct process unknown_process = {
	.is_told_by_pid = true,
	.user = -1,
	.descriptors = -1,
	.descriptor_limit = -1,
	.descriptor_hard_limit = -1,
	.socket_descriptors = -1,
};

/* Of more processes than any machine has, nobody is taken for another: they are one without a number. */
static uint32_t crowd_of(struct dossier *dossier)
{
	if (dossier->crowd < 0)
		dossier->crowd = snapshot_add_process(dossier->snapshot, &unknown_process);
	return (uint32_t)dossier->crowd;
}

uint32_t dossier_process_index(struct dossier *dossier, int32_t pid)
{
	const struct indexed pids = { dossier->pids, dossier->pid_count, sizeof *dossier->pids,
				      sizeof(int32_t) };
	bool is_full = dossier->pid_count == MOST_PIDS;
	size_t at = is_full ? index_find(&dossier->pid_index, &pids, &pid) :
			      index_find_or_add(&dossier->pid_index, &pids, &pid);
	struct process process = unknown_process;

	if (at < dossier->pid_count)
		return dossier->pids[at].process;
	if (is_full)
		return crowd_of(dossier);
	process.pid = pid;
	array_reserve(dossier->pids, dossier->pid_count, dossier->pid_capacity);
	dossier->pids[dossier->pid_count] =
		(struct dossier_pid){ pid, snapshot_add_process(dossier->snapshot, &process) };
	return dossier->pids[dossier->pid_count++].process;
}

struct process *dossier_process(struct dossier *dossier, int32_t pid)
{
	uint32_t index = dossier_process_index(dossier, pid); /* may move them */

	return &dossier->snapshot->processes[index];
}

struct windows *dossier_windows(struct dossier *dossier)
{
	struct snapshot *snapshot = dossier->snapshot;

	dossier_speaks_for(dossier, FROM_WINDOWS);
	if (!snapshot->windows) {
		snapshot->windows = arena_alloc(&snapshot->arena, sizeof *snapshot->windows);
		snapshot->windows->timed_wait_delay_s = -1;
		snapshot->windows->max_user_port = -1;
		snapshot->windows->build = -1;
	}
	return snapshot->windows;
}

/* ---- listings ---- */

struct dossier_table *dossier_begin_table(struct dossier *dossier, const char *what,
					  enum dossier_system system)
{
	struct dossier_table *table = &dossier->open_table;

	end_open_table(dossier);
	*table = (struct dossier_table){
		.what = what,
		.system = system,
		.artefact = dossier_part(dossier),
		.order = dossier->tables_begun++,
	};
	dossier->table_is_open = true;
	return table;
}

void dossier_add_socket(struct dossier *dossier, const struct dossier_socket *socket)
{
	struct dossier_table *table = &dossier->open_table;

	if (table->count == MOST_ROWS) {
		table->unread_rows++;
		return;
	}
	array_reserve(table->sockets, table->count, table->capacity);
	table->sockets[table->count++] = *socket;
}

/* A form of text may have begun one before the last form's end is told. */
void dossier_end_table(struct dossier *dossier)
{
	if (dossier->table_is_open && dossier->open_table.artefact == dossier_part(dossier))
		end_open_table(dossier);
}

/* ---- events, traces, counts ---- */

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
	struct address local, remote;
	uint16_t remote_port;
	uint8_t protocol, ephemeral; /* 0: not known, else enum protocol and one */
	uint16_t by_transport;
	uint32_t artefact, call, status;
	int32_t process;
	uint32_t place; /* in the snapshot's list; not of the key */
};

enum { FAILURE_KEY = offsetof(struct dossier_failure, place) };

static_assert(FAILURE_KEY == 2 * sizeof(struct address) + 6 + 4 * sizeof(uint32_t) &&
		      sizeof(struct address) == 17,
	      "the key has padding");

static struct dossier_failure key_of(const struct traced_failure *failure)
{
	return (struct dossier_failure){
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

static void hand_on(const struct dossier *dossier, const struct traced_failure *failure,
		    uint16_t local_port, int64_t time_ms)
{
	static const struct process nobody = { .user = -1 };
	const struct failure one = {
		.time_ms = time_ms,
		.call = failure->call,
		.protocol_known = failure->protocol_known,
		.protocol = failure->protocol,
		.ntstatus = failure->status,
		.other_reason = !traced_failure_wants_port(failure),
		.source = failure->local,
		.source_port = local_port,
		.destination = failure->remote,
		.port = failure->remote_port,
		.process = failure->process < 0 ?
				   &nobody :
				   &dossier->snapshot->processes[failure->process],
	};

	if (dossier->on_failure)
		dossier->on_failure(dossier->context, &one);
}

void dossier_add_failure(struct dossier *dossier, struct traced_failure like,
			 uint16_t local_port, int64_t time_ms)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct traced_failure *failure;

	like.artefact = dossier_part(dossier);
	hand_on(dossier, &like, local_port, time_ms);
	failure = find_or_add_failure(dossier, &like);
	if (!failure) {
		if (facts->trace_count)
			facts->traces[facts->trace_count - 1].more_failures++;
		return;
	}
	failure->count++;
	widen(&failure->first_ms, &failure->last_ms, time_ms);
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
