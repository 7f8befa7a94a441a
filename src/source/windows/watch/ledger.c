#include "source/windows/watch/ledger.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

/* More connections than this are not remembered: then some that rest have no maker. */
enum { MOST_ENTRIES = 1 << 22 };

void ledger_free(struct ledger *ledger)
{
	index_free(&ledger->index);
	free(ledger->entries);
	*ledger = (struct ledger){ 0 };
}

static bool is_connection(const struct dossier_socket *row)
{
	return row->protocol == PROTOCOL_TCP && row->remote_port && row->remote.family &&
	       row->state != SOCKET_CLOSE;
}

/* Keys are compared as bytes. */
static struct ledger_key key_of(const struct dossier_socket *row)
{
	struct ledger_key key;

	memset(&key, 0, sizeof key);
	key.local = row->local;
	key.remote = row->remote;
	key.local_port = row->local_port;
	key.remote_port = row->remote_port;
	return key;
}

static const struct ledger_entry *find(const struct ledger *ledger,
				       const struct dossier_socket *row)
{
	const struct indexed entries = { ledger->entries, ledger->count,
					 sizeof *ledger->entries, sizeof(struct ledger_key) };
	const struct ledger_key key = key_of(row);
	size_t at;

	if (!ledger->count || !is_connection(row))
		return NULL;
	at = index_find(&ledger->index, &entries, &key);
	return at < ledger->count ? &ledger->entries[at] : NULL;
}

static struct ledger_entry *find_or_add(struct ledger *ledger,
					const struct dossier_socket *row)
{
	const struct indexed entries = { ledger->entries, ledger->count,
					 sizeof *ledger->entries, sizeof(struct ledger_key) };
	const struct ledger_key key = key_of(row);
	size_t at = index_find_or_add(&ledger->index, &entries, &key);

	if (at < ledger->count)
		return &ledger->entries[at];
	array_reserve(ledger->entries, ledger->count, ledger->capacity);
	ledger->entries[at] = (struct ledger_entry){
		.key = key,
		.state = row->state,
		.opened = ledger->looks > 0,
		.rested_before = !ledger->looks && row->state == SOCKET_TIME_WAIT,
		.created_ms = row->created_ms,
	};
	ledger->count++;
	return &ledger->entries[at];
}

/* The same ends again, but another connection: what had rested is open, or it was made at another time. Whether the time of
 * one that rests is that of its connection no document says. */
static bool is_another(const struct ledger_entry *entry, const struct dossier_socket *row)
{
	if (row->state == SOCKET_TIME_WAIT || entry->state == SOCKET_TIME_WAIT)
		return row->state != entry->state && row->state != SOCKET_TIME_WAIT;
	return entry->created_ms && row->created_ms && entry->created_ms != row->created_ms;
}

static void note_row(struct ledger *ledger, const struct dossier_socket *row)
{
	struct ledger_entry *entry = find_or_add(ledger, row);

	if (is_another(entry, row)) {
		entry->pid = 0;
		entry->opened = true;
		entry->rested_before = false;
		entry->created_ms = row->created_ms;
	}
	if (row->pid > 0)
		entry->pid = row->pid;
	entry->state = row->state;
}

bool ledger_is_ending(const struct ledger *ledger)
{
	return ledger->formers.before != NULL;
}

void ledger_note(struct ledger *ledger, const struct rows *rows, double at_s)
{
	if (!ledger->looks)
		ledger->first_s = at_s;
	ledger->seconds = at_s - ledger->first_s;
	for (size_t i = 0; i < rows->count && ledger->count < MOST_ENTRIES; i++)
		if (is_connection(&rows->items[i]))
			note_row(ledger, &rows->items[i]);
	ledger->looks++;
}

int32_t ledger_maker(const struct ledger *ledger, const struct dossier_socket *row)
{
	const struct ledger_entry *entry = find(ledger, row);

	return entry ? entry->pid : 0;
}

bool ledger_is_fresh(const struct ledger *ledger, const struct dossier_socket *row)
{
	const struct ledger_entry *entry = find(ledger, row);

	return row->state == SOCKET_TIME_WAIT && entry && !entry->rested_before;
}

/* ---- what was opened ---- */

/* Without padding, as indexes want it. */
struct flow_key {
	struct address local, remote;
	uint16_t remote_port;
	int32_t pid;
};

struct flow {
	struct flow_key key;
	uint64_t opens;
};

struct flows {
	struct index index;
	struct flow *items;
	size_t count, capacity;
};

static void count_opened(struct flows *flows, const struct ledger_entry *entry)
{
	const struct indexed items = { flows->items, flows->count, sizeof *flows->items,
				       sizeof(struct flow_key) };
	struct flow_key key;
	size_t at;

	memset(&key, 0, sizeof key);
	key.local = entry->key.local;
	key.remote = entry->key.remote;
	key.remote_port = entry->key.remote_port;
	key.pid = entry->pid;
	at = index_find_or_add(&flows->index, &items, &key);
	if (at == flows->count) {
		array_reserve(flows->items, flows->count, flows->capacity);
		flows->items[flows->count++] = (struct flow){ .key = key };
	}
	flows->items[at].opens++;
}

static void tell_flow(const struct flow *flow, struct formers *formers,
		      struct processes *processes, struct snapshot *snapshot)
{
	struct sample *sample = &snapshot->sample;
	int64_t process =
		flow->key.pid > 0 ?
			(int64_t)formers_index(formers, snapshot, processes, flow->key.pid) :
			-1;

	array_reserve(sample->flows, sample->flow_count, sample->flow_capacity);
	sample->flows[sample->flow_count++] = (struct sample_flow){
		.protocol = PROTOCOL_TCP,
		.local = flow->key.local,
		.remote = flow->key.remote,
		.remote_port = flow->key.remote_port,
		.process = process,
		.opens = flow->opens,
	};
}

void ledger_tell(struct ledger *ledger, struct processes *processes, struct snapshot *snapshot)
{
	const struct port_set *listening = &snapshot->namespaces[0].listening[PROTOCOL_TCP];
	struct flows flows = { 0 };

	for (size_t i = 0; i < ledger->count; i++)
		if (ledger->entries[i].opened &&
		    !port_set_has(listening, ledger->entries[i].key.local_port))
			count_opened(&flows, &ledger->entries[i]);
	for (size_t i = 0; i < flows.count; i++)
		tell_flow(&flows.items[i], &ledger->formers, processes, snapshot);
	formers_match(&ledger->formers, snapshot);
	index_free(&flows.index);
	free(flows.items);
}
