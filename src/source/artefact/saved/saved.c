#include "source/artefact/saved/saved.h"

#include "base/language.h"
#include "source/artefact/saved/saved_reader.h"
#include "source/artefact/saved/saved_text.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA "portroom.snapshot/1"

/* ---- who else wants ports ---- */

static int take_port_rule(struct saved_reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct port_rule *rule = item;
	int here = saved_translate_netns(reader, &rule->netns);

	(void)object;
	if (here < 1)
		return here;
	if (!rule->where)
		return saved_fail(reader, "where", _("is missing"));
	array_reserve(snapshot->port_rules, snapshot->port_rule_count,
		      snapshot->port_rule_capacity);
	snapshot->port_rules[snapshot->port_rule_count++] = *rule;
	return 1;
}

static int take_boot_socket(struct saved_reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct boot_socket *socket = item;

	(void)object;
	if (!socket->unit)
		return saved_fail(reader, "unit", _("is missing"));
	array_reserve(snapshot->boot_sockets, snapshot->boot_socket_count,
		      snapshot->boot_socket_capacity);
	snapshot->boot_sockets[snapshot->boot_socket_count++] = *socket;
	return 1;
}

/* ---- what was not seen, and where from ---- */

static int take_gap(struct saved_reader *reader, size_t object, void *item)
{
	struct gap *gap = item;
	uint32_t row = (uint32_t)gap->netns;

	(void)object;
	if (!gap->what || !gap->why)
		return saved_fail(reader, "what", _("is missing"));
	if (gap->netns >= 0) {
		int here = gap->netns > UINT32_MAX ? saved_fail_value(reader, "namespace") :
						     saved_translate_netns(reader, &row);

		if (here < 1)
			return here;
		gap->netns = row;
	}
	snapshot_add_gap(reader->snapshot, gap->effect, gap->netns, gap->what, gap->why,
			 gap->remedy);
	return 1;
}

static int take_source(struct saved_reader *reader, size_t object, void *item)
{
	struct source_report *report = item;

	(void)object;
	if (!report->name)
		return saved_fail(reader, "name", _("is missing"));
	snapshot_add_source(reader->snapshot, report);
	return 1;
}

static int read_machine(struct saved_reader *reader)
{
	size_t machine = json_find(&reader->tokens, 0, saved_machine.key, 0);

	reader->table = saved_machine.key;
	if (!machine)
		return error_set(reader->error, _("%s: there is no list of %s"),
				 reader->request->name, saved_machine.key);
	return saved_read_item(reader, machine, &saved_machine, reader->snapshot);
}

static int read_all(struct saved_reader *reader)
{
	return read_machine(reader) || saved_read_namespaces(reader) ||
			       saved_read_processes(reader) || saved_read_holdings(reader) ||
			       saved_read_nat(reader) ||
			       saved_read_rows(reader, &saved_port_rule, take_port_rule) ||
			       saved_read_rows(reader, &saved_boot_socket, take_boot_socket) ||
			       saved_read_windows(reader) || saved_read_logs(reader) ||
			       saved_read_rows(reader, &saved_gap, take_gap) ||
			       saved_read_rows(reader, &saved_source, take_source) ?
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

static int read_document(struct saved_reader *reader)
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
	struct saved_reader reader = { .request = request,
				       .snapshot = snapshot,
				       .error = error };
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
