#include "source/artefact/saved/saved.h"

#include "base/language.h"
#include "snapshot/saved.h"
#include "source/artefact/saved/saved_text.h"
#include "source/artefact/saved/saved_value.h"
#include "source/artefact/text/json_tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "portroom.snapshot/1"

struct reader {
	const struct saved_request *request;
	struct json_tokens tokens;
	struct snapshot *snapshot;
	struct error *error;
	const char *names; /* of the first namespaces, for a sentence */
	const char *table; /* where it is, for another */
	size_t row;

	/* By row of the file, what it is here; LEFT_OUT: it is of another namespace. */
	uint32_t *namespaces, *processes, *tuples;
	size_t namespace_rows, process_rows, tuple_rows;

	uint32_t sockets, ports; /* so far */
};

#define LEFT_OUT UINT32_MAX

/* Of a whole file; a set of ports needs two bytes for each at most. */
enum { MOST_SOCKETS = 1 << 24, MOST_PORTS = 1 << 26, NAMES_TOLD = 5 };

static int fail(struct reader *reader, const char *key, const char *what)
{
	return error_set(reader->error, _("%s: %s, row %zu, %s: %s"), reader->request->name,
			 reader->table, reader->row + 1, key, what);
}

static int fail_value(struct reader *reader, const char *key)
{
	return fail(reader, key, _("has no value that it may have"));
}

static struct arena *arena_of(struct reader *reader)
{
	return &reader->snapshot->arena;
}

/* ---- rows ---- */

static int count_ports(struct reader *reader, const struct saved_field *field,
		       const void *item)
{
	const struct port_set *ports = (const void *)((const char *)item + field->offset);

	if (ports->count > MOST_PORTS - reader->ports)
		return -1;
	reader->ports += ports->count;
	return 0;
}

static int read_item(struct reader *reader, size_t object, const struct saved_table *table,
		     void *item)
{
	size_t hint = object + 1;

	if (json_kind_of(&reader->tokens, object) != JSON_OBJECT)
		return fail(reader, "row", _("is no object"));
	for (size_t i = 0; i < table->field_count; i++) {
		const struct saved_field *field = &table->fields[i];
		size_t at = json_find(&reader->tokens, object, field->key, hint);

		if (!at)
			return fail(reader, field->key, _("is missing"));
		if (!saved_value_read(&reader->tokens, at, field, item, arena_of(reader)))
			return fail_value(reader, field->key);
		if (field->type == SAVED_PORTS && count_ports(reader, field, item))
			return fail(reader, field->key, _("is too much for one file"));
		hint = json_behind(&reader->tokens, at);
	}
	return 0;
}

/* Sets of a row that is not taken go with it. */
static void drop(const struct saved_table *table, void *item)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (table->fields[i].type == SAVED_PORTS)
			port_set_free((struct port_set *)(void *)((char *)item +
								  table->fields[i].offset));
}

/* The list of that table; 0: there is none, or it is too long. */
static size_t find_rows(struct reader *reader, const struct saved_table *table)
{
	size_t array = json_find(&reader->tokens, 0, table->key, 0);

	reader->table = table->key;
	reader->row = 0;
	if (!array || json_kind_of(&reader->tokens, array) != JSON_ARRAY)
		error_set(reader->error, _("%s: there is no list of %s"),
			  reader->request->name, table->key);
	else if (json_size_of(&reader->tokens, array) > table->most)
		error_set(reader->error, _("%s: too many rows in %s"), reader->request->name,
			  table->key);
	else
		return array;
	return 0;
}

/* Takes over what it keeps and returns 1; 0: the row is left out; -1 with a sentence. */
typedef int take_row(struct reader *reader, size_t object, void *item);

static int read_rows(struct reader *reader, const struct saved_table *table, take_row *take)
{
	size_t array = find_rows(reader, table), at = array + 1;
	void *item = memory_zeroed(1, table->size);
	int taken = array ? 0 : -1;

	for (size_t i = 0; taken >= 0 && i < json_size_of(&reader->tokens, array) &&
			   at < reader->tokens.count;
	     i++) {
		memset(item, 0, table->size);
		reader->row = i;
		taken = read_item(reader, at, table, item) ? -1 : take(reader, at, item);
		if (taken < 1)
			drop(table, item);
		at = json_behind(&reader->tokens, at);
	}
	free(item);
	return taken < 0 ? -1 : 0;
}

/* From a row of the file to what it is here. */
static int translate(struct reader *reader, const char *key, uint32_t *index,
		     const uint32_t *rows, size_t count)
{
	if (*index >= count)
		return fail(reader, key, _("names no row"));
	*index = rows[*index];
	return *index == LEFT_OUT ? 0 : 1;
}

static int translate_netns(struct reader *reader, uint32_t *index)
{
	return translate(reader, "namespace", index, reader->namespaces,
			 reader->namespace_rows);
}

/* ---- namespaces ---- */

/* "pid 812 (nginx)" is by what it was found, and perhaps asked for when it was saved. */
static bool is_named_by_pid(const struct netns *netns, const char *pid)
{
	size_t length = strlen(pid);
	char path[64];

	snprintf(path, sizeof path, "/proc/%.20s/ns/net", pid);
	if (!strcmp(netns->name, path))
		return true;
	return !strncmp(netns->name, "pid ", 4) && !strncmp(netns->name + 4, pid, length) &&
	       netns->name[4 + length] == ' ';
}

static bool is_asked_for(const struct reader *reader, const struct netns *netns)
{
	const struct saved_request *request = reader->request;
	char number[24];

	switch (request->scope) {
	case SCOPE_OWN:
		/* One that was saved alone is what is meant, whoever's it was. */
		return netns->kind == NETNS_OWN || reader->namespace_rows == 1;
	case SCOPE_HOST:
		return netns->kind == NETNS_HOST || netns->of_init;
	case SCOPE_ONE:
		snprintf(number, sizeof number, "%llu", (unsigned long long)netns->inode);
		return (netns->name && !strcmp(netns->name, request->netns)) ||
		       !strcmp(number, request->netns) ||
		       is_named_by_pid(netns, request->netns);
	default:
		return true;
	}
}

static int read_addresses(struct reader *reader, size_t object, struct netns *netns)
{
	size_t array = json_find(&reader->tokens, object, "addresses", 0);

	if (!array || json_kind_of(&reader->tokens, array) != JSON_ARRAY)
		return fail(reader, "addresses", _("is missing"));
	netns->local_addresses =
		arena_alloc(arena_of(reader), (json_size_of(&reader->tokens, array) + 1) *
						      sizeof *netns->local_addresses);
	for (size_t at = array + 1;
	     netns->local_address_count < json_size_of(&reader->tokens, array) &&
	     at < reader->tokens.count;
	     at++)
		if (json_kind_of(&reader->tokens, at) != JSON_STRING ||
		    !saved_value_address(&reader->tokens, at,
					 &netns->local_addresses[netns->local_address_count++],
					 arena_of(reader)))
			return fail_value(reader, "addresses");
	return 0;
}

static int take_netns(struct reader *reader, size_t object, void *item)
{
	struct netns *netns = item;

	/* The one of Windows has none. */
	if (!netns->name && netns->inode)
		return fail(reader, "name", _("is missing"));
	if (read_addresses(reader, object, netns))
		return -1;
	reader->namespaces[reader->row] = LEFT_OUT;
	if (reader->row < NAMES_TOLD && netns->name)
		reader->names = arena_print(arena_of(reader), "%s%s%s",
					    reader->names ? reader->names : "",
					    reader->names ? ", " : "", netns->name);
	if (!is_asked_for(reader, netns))
		return 0;
	if (snapshot_find_netns(reader->snapshot, netns->inode) != UINT32_MAX)
		return fail(reader, "inode", _("is there twice"));
	reader->namespaces[reader->row] = snapshot_add_netns(reader->snapshot, netns);
	return 1;
}

static int read_namespaces(struct reader *reader)
{
	size_t array = find_rows(reader, &saved_netns);

	if (!array)
		return -1;
	reader->namespace_rows = json_size_of(&reader->tokens, array);
	reader->namespaces =
		memory_zeroed(reader->namespace_rows + 1, sizeof *reader->namespaces);
	if (read_rows(reader, &saved_netns, take_netns))
		return -1;
	if (reader->snapshot->namespace_count)
		return 0;
	if (reader->request->scope == SCOPE_ONE)
		return error_set(
			reader->error,
			_("--netns '%s': %s has no such network namespace; it has: %s"),
			reader->request->netns, reader->request->name,
			reader->names ? reader->names : "-");
	return error_set(reader->error,
			 _("%s: it was not saved in its own network namespace; choose one of "
			   "those that it has by --netns: %s"),
			 reader->request->name, reader->names ? reader->names : "-");
}

/* ---- processes ---- */

static bool names_process(const struct json_tokens *tokens, size_t kind)
{
	return json_is_text(tokens, kind, "process") ||
	       json_is_text(tokens, kind, "recorded") ||
	       json_is_text(tokens, kind, "inferred");
}

/* Those that have something in a namespace asked for: the others would be judged without what they have. */
static void find_holders(struct reader *reader, size_t holdings)
{
	const struct json_tokens *tokens = &reader->tokens;
	size_t at = holdings + 1;

	for (size_t i = 0; i < json_size_of(tokens, holdings) && at < tokens->count; i++) {
		size_t owner = json_find(tokens, at, "owner", 0);
		size_t netns = json_find(tokens, at, "namespace", 0);
		size_t kind = json_find(tokens, at, "owner_kind", 0);
		int64_t process, row;

		if (owner && netns && kind && names_process(tokens, kind) &&
		    json_take_number(tokens, owner, 0, (int64_t)reader->process_rows - 1,
				     &process) &&
		    json_take_number(tokens, netns, 0, (int64_t)reader->namespace_rows - 1,
				     &row) &&
		    reader->namespaces[row] != LEFT_OUT)
			reader->processes[process] = 0;
		at = json_behind(tokens, at);
	}
}

static int take_process(struct reader *reader, size_t object, void *item)
{
	uint32_t *index = &reader->processes[reader->row];

	(void)object;
	if (*index == LEFT_OUT)
		return 0;
	*index = snapshot_add_process(reader->snapshot, item);
	return 1;
}

static int read_processes(struct reader *reader)
{
	size_t array = find_rows(reader, &saved_process);
	size_t holdings = array ? find_rows(reader, &saved_holding) : 0;
	bool all = reader->snapshot->namespace_count == reader->namespace_rows;

	if (!array || !holdings)
		return -1;
	reader->process_rows = json_size_of(&reader->tokens, array);
	reader->processes = memory_zeroed(reader->process_rows + 1, sizeof *reader->processes);
	for (size_t i = 0; !all && i < reader->process_rows; i++)
		reader->processes[i] = LEFT_OUT;
	if (!all)
		find_holders(reader, holdings);
	return read_rows(reader, &saved_process, take_process);
}

/* ---- the others ---- */

static int take_holding(struct reader *reader, size_t object, void *item)
{
	struct holding *holding = item;
	int here = translate_netns(reader, &holding->key.netns);

	(void)object;
	if (here < 1)
		return here;
	if (owner_is_process(holding->key.owner_kind) &&
	    translate(reader, "owner", &holding->key.owner, reader->processes,
		      reader->process_rows) < 1)
		return fail(reader, "owner", _("names no row"));
	if (holding->key.inbound > 1 || !holding->ports.count ||
	    holding->sockets < holding->ports.count ||
	    holding->sockets > MOST_SOCKETS - reader->sockets)
		return fail_value(reader, "sockets");
	reader->sockets += holding->sockets;
	if (snapshot_adopt_holding(reader->snapshot, holding))
		return fail(reader, "row", _("is there twice"));
	return 1;
}

static int take_nat_tuple(struct reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_tuple *tuple = item;
	int here = translate_netns(reader, &tuple->key.netns);

	(void)object;
	reader->tuples[reader->row] = LEFT_OUT;
	if (here < 1)
		return here;
	reader->tuples[reader->row] = (uint32_t)nat->tuple_count;
	tuple->sources = 0; /* counted as they come: offsets are made of it */
	array_reserve(nat->tuples, nat->tuple_count, nat->tuple_capacity);
	nat->tuples[nat->tuple_count++] = *tuple;
	return 1;
}

static int take_nat_source(struct reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_source *source = item;
	int here = translate(reader, "tuple", &source->key.tuple, reader->tuples,
			     reader->tuple_rows);

	(void)object;
	if (here < 1)
		return here;
	nat->tuples[source->key.tuple].sources++;
	array_reserve(nat->sources, nat->source_count, nat->source_capacity);
	nat->sources[nat->source_count++] = *source;
	return 1;
}

static int take_nat_rule(struct reader *reader, size_t object, void *item)
{
	struct nat_rule *rule = item;
	int here = translate_netns(reader, &rule->netns);

	(void)object;
	if (here < 1)
		return here;
	if (rule->source.bits > 128 || rule->destination.bits > 128)
		return fail_value(reader, "source_bits");
	nat_add_rule(&reader->snapshot->nat, rule);
	return 1;
}

static int read_nat(struct reader *reader)
{
	size_t array = find_rows(reader, &saved_nat_tuple);

	if (!array)
		return -1;
	reader->tuple_rows = json_size_of(&reader->tokens, array);
	reader->tuples = memory_zeroed(reader->tuple_rows + 1, sizeof *reader->tuples);
	return read_rows(reader, &saved_nat_tuple, take_nat_tuple) ||
			       read_rows(reader, &saved_nat_source, take_nat_source) ||
			       read_rows(reader, &saved_nat_rule, take_nat_rule) ?
		       -1 :
		       0;
}

static int take_port_rule(struct reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct port_rule *rule = item;
	int here = translate_netns(reader, &rule->netns);

	(void)object;
	if (here < 1)
		return here;
	if (!rule->where)
		return fail(reader, "where", _("is missing"));
	array_reserve(snapshot->port_rules, snapshot->port_rule_count,
		      snapshot->port_rule_capacity);
	snapshot->port_rules[snapshot->port_rule_count++] = *rule;
	return 1;
}

static int take_boot_socket(struct reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct boot_socket *socket = item;

	(void)object;
	if (!socket->unit)
		return fail(reader, "unit", _("is missing"));
	array_reserve(snapshot->boot_sockets, snapshot->boot_socket_count,
		      snapshot->boot_socket_capacity);
	snapshot->boot_sockets[snapshot->boot_socket_count++] = *socket;
	return 1;
}

/* ---- Windows ---- */

static int take_windows(struct reader *reader, size_t object, void *item)
{
	(void)object;
	*reader->snapshot->windows = *(const struct windows *)item;
	return 1;
}

static int take_windows_range(struct reader *reader, size_t object, void *item)
{
	struct windows_range *ranges = &reader->snapshot->windows->ranges[0][0];

	(void)object;
	ranges[reader->row] = *(const struct windows_range *)item;
	return 1;
}

static bool has_all_rows(struct reader *reader, const struct saved_table *table)
{
	size_t array = find_rows(reader, table);

	if (!array)
		return false;
	if (json_size_of(&reader->tokens, array) == table->most)
		return true;
	fail(reader, "row", _("is missing"));
	return false;
}

/* Files of Linux have no such lists. */
static int read_windows(struct reader *reader)
{
	struct snapshot *snapshot = reader->snapshot;

	if (!json_find(&reader->tokens, 0, saved_windows.key, 0))
		return 0;
	snapshot->windows = arena_alloc(arena_of(reader), sizeof *snapshot->windows);
	if (!has_all_rows(reader, &saved_windows) ||
	    read_rows(reader, &saved_windows, take_windows) ||
	    !has_all_rows(reader, &saved_windows_range))
		return -1;
	if (snapshot->namespace_count != 1)
		return fail(reader, "row", _("is for one namespace only"));
	return read_rows(reader, &saved_windows_range, take_windows_range);
}

/* ---- its own logs ---- */

static int take_log_read(struct reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct artefact *artefact = item;

	(void)object;
	if (!artefact->file)
		return fail(reader, "file", _("is missing"));
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count++] = *artefact;
	return 1;
}

static int take_log(struct reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct logged_log *log = item;

	(void)object;
	if (log->artefact >= facts->artefact_count)
		return fail_value(reader, "read");
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = *log;
	return 1;
}

static int take_event(struct reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct logged_event *event = item;

	(void)object;
	if (event->artefact >= facts->artefact_count)
		return fail_value(reader, "read");
	array_reserve(facts->events, facts->event_count, facts->event_capacity);
	facts->events[facts->event_count++] = *event;
	return 1;
}

/* Only where logs were read is there anything of them. */
static int read_logs(struct reader *reader)
{
	if (!json_find(&reader->tokens, 0, saved_log_read.key, 0))
		return 0;
	reader->snapshot->evidence.own = true;
	return read_rows(reader, &saved_log_read, take_log_read) ||
			       read_rows(reader, &saved_log, take_log) ||
			       read_rows(reader, &saved_event, take_event) ?
		       -1 :
		       0;
}

/* ---- what was not seen, and where from ---- */

static int take_gap(struct reader *reader, size_t object, void *item)
{
	struct gap *gap = item;
	uint32_t row = (uint32_t)gap->netns;

	(void)object;
	if (!gap->what || !gap->why)
		return fail(reader, "what", _("is missing"));
	if (gap->netns >= 0) {
		int here = gap->netns > UINT32_MAX ? fail_value(reader, "namespace") :
						     translate_netns(reader, &row);

		if (here < 1)
			return here;
		gap->netns = row;
	}
	snapshot_add_gap(reader->snapshot, gap->effect, gap->netns, gap->what, gap->why,
			 gap->remedy);
	return 1;
}

static int take_source(struct reader *reader, size_t object, void *item)
{
	struct source_report *report = item;

	(void)object;
	if (!report->name)
		return fail(reader, "name", _("is missing"));
	snapshot_add_source(reader->snapshot, report);
	return 1;
}

static int read_machine(struct reader *reader)
{
	size_t machine = json_find(&reader->tokens, 0, saved_machine.key, 0);

	reader->table = saved_machine.key;
	if (!machine)
		return error_set(reader->error, _("%s: there is no list of %s"),
				 reader->request->name, saved_machine.key);
	return read_item(reader, machine, &saved_machine, reader->snapshot);
}

static int read_all(struct reader *reader)
{
	return read_machine(reader) || read_namespaces(reader) || read_processes(reader) ||
			       read_rows(reader, &saved_holding, take_holding) ||
			       read_nat(reader) ||
			       read_rows(reader, &saved_port_rule, take_port_rule) ||
			       read_rows(reader, &saved_boot_socket, take_boot_socket) ||
			       read_windows(reader) || read_logs(reader) ||
			       read_rows(reader, &saved_gap, take_gap) ||
			       read_rows(reader, &saved_source, take_source) ?
		       -1 :
		       0;
}

/* ---- the file ---- */

bool saved_is(const char *text, size_t size)
{
	enum { HEAD = 512, LOOKED_AT = 2 * HEAD + 2 };
	char head[HEAD + 1] = "";
	struct saved_text decoded;

	if (!size) /* an empty file has no bytes anywhere */
		return false;
	saved_text_make(&decoded, text, size < LOOKED_AT ? size : LOOKED_AT);
	memcpy(head, decoded.text, decoded.size < HEAD ? decoded.size : HEAD);
	saved_text_free(&decoded);
	return strstr(head, "\"" SCHEMA "\"") != NULL;
}

static int read_document(struct reader *reader)
{
	size_t schema = json_find(&reader->tokens, 0, "schema", 0);

	if (!schema || !json_is_text(&reader->tokens, schema, SCHEMA))
		return error_set(reader->error,
				 _("%s: it is no snapshot of portroom (%s), as portroom save "
				   "writes"),
				 reader->request->name, SCHEMA);
	return read_all(reader);
}

int saved_read(const struct saved_request *request, const char *text, size_t size,
	       struct snapshot *snapshot, struct error *error)
{
	struct reader reader = { .request = request, .snapshot = snapshot, .error = error };
	struct saved_text decoded;
	struct error why;
	int result;

	saved_text_make(&decoded, text, size);
	if (json_tokens_make(&reader.tokens, decoded.text, decoded.size, &why))
		result = error_set(error, "%s: %s", request->name, why.text);
	else
		result = read_document(&reader);
	json_tokens_free(&reader.tokens);
	saved_text_free(&decoded);
	free(reader.namespaces);
	free(reader.processes);
	free(reader.tuples);
	return result;
}
