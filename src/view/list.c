#include "view/list.h"

#include "base/json.h"
#include "base/text.h"
#include "view/view.h"

#include <assert.h>
#include <string.h>

/* One table serves --by, the headings and the JSON keys. */
static const struct {
	const char *word, *heading, *json;
	int width;
} keys_of[] = {
	[LIST_NETNS] = { "netns", "NETNS", "namespace", 11 },
	[LIST_PROTOCOL] = { "protocol", "PROTO", "protocol", 5 },
	[LIST_STATE] = { "state", "STATE", "state", 12 },
	[LIST_PROCESS] = { "process", "PROCESS", "process", 24 },
	[LIST_PID] = { "pid", "PID", "pid", 8 },
	[LIST_USER] = { "user", "USER", "user", 12 },
	[LIST_UNIT] = { "unit", "UNIT", "unit", 24 },
	[LIST_CONTAINER] = { "container", "CONTAINER", "container", 12 },
	[LIST_LOCAL] = { "src", "LOCAL", "local", 24 },
	[LIST_PORT] = { "port", "PORT", "local_port", 5 },
	[LIST_REMOTE] = { "dst", "REMOTE", "remote", 24 },
	[LIST_REMOTE_PORT] = { "dport", "RPORT", "remote_port", 5 },
};

static_assert(sizeof keys_of / sizeof keys_of[0] == LIST_KEY_COUNT, "every key has its words");

const char *list_key_word(enum list_key key)
{
	return keys_of[key].word;
}

static bool has_remote(const struct socket_record *record)
{
	return record->remote_port != 0;
}

static const char *owner_text(const struct list_row *row, char buffer[64])
{
	switch (row->owner_kind) {
	case OWNER_PROCESS:
		snprintf(buffer, 64, "%.40s,%d",
			 row->process->name ? row->process->name : "(ended)",
			 row->process->pid);
		return buffer;
	case OWNER_NOBODY:
		return "-";
	case OWNER_UNFOUND:
		return "(no process)";
	default:
		return "(not visible)";
	}
}

/* Why no process is named, where none is. */
static void write_owner_json(const struct list_row *row, struct json *json)
{
	static const char *const kinds[] = {
		[OWNER_PROCESS] = "process",
		[OWNER_NOBODY] = "nobody",
		[OWNER_UNFOUND] = "not_found",
		[OWNER_HIDDEN] = "not_visible",
	};

	json_text(json, "owner", kinds[row->owner_kind]);
	json_text(json, "how", row->process ? "observed" : "unknown");
}

/* The kernel tells the user of a socket even where its process is not visible. */
static int64_t list_user_id(const struct list_row *row)
{
	if (row->process)
		return row->process->user;
	return row->record->inode ? (int64_t)row->record->user : -1;
}

/* ---- single sockets ---- */

void list_heading_text(FILE *out)
{
	fprintf(out, "%-5s %-12s %-28s %-28s %-24s %s\n", "PROTO", "STATE", "LOCAL", "REMOTE",
		"PROCESS", "UNIT OR CONTAINER");
}

void list_row_text(const struct list_row *row, FILE *out)
{
	const struct socket_record *record = row->record;
	char local[ADDRESS_TEXT_SIZE], remote[ADDRESS_TEXT_SIZE], owner[64];
	const char *name = owner_text(row, owner);

	fprintf(out, "%-5s %-12s %-28s %-28s ", protocol_name(record->protocol),
		socket_state_title(record->state),
		address_print_endpoint(local, &record->local, record->local_port),
		has_remote(record) ?
			address_print_endpoint(remote, &record->remote, record->remote_port) :
			"-");
	text_write_safe(out, name);
	if (row->process && (row->process->container || row->process->unit)) {
		fprintf(out, "%*s ", strlen(name) < 24 ? (int)(24 - strlen(name)) : 0, "");
		text_write_safe(out, row->process->container ? row->process->container :
							       row->process->unit);
	}
	fputc('\n', out);
}

void list_row_json(const struct list_row *row, struct json *json)
{
	const struct socket_record *record = row->record;
	const struct process *process = row->process;

	json_row(json, NULL);
	view_json_netns(json, "namespace", row->snapshot, row->netns);
	json_text(json, "protocol", protocol_name(record->protocol));
	json_text(json, "state", socket_state_name(record->state));
	view_json_address(json, "local", &record->local);
	json_number(json, "local_port", record->local_port);
	if (has_remote(record))
		view_json_address(json, "remote", &record->remote);
	else
		json_null(json, "remote");
	json_known(json, "remote_port", has_remote(record) ? record->remote_port : -1);
	json_known(json, "pid", process ? process->pid : -1);
	json_text(json, "name", process ? process->name : NULL);
	json_text(json, "user", process ? process->user_name : NULL);
	json_known(json, "user_id", list_user_id(row));
	json_text(json, "unit", process ? process->unit : NULL);
	json_text(json, "container", process ? process->container : NULL);
	write_owner_json(row, json);
	json_known(json, "inode", record->inode ? (int64_t)record->inode : -1);
	json_known(json, "expires_ms", record->expires_ms ? (int64_t)record->expires_ms : -1);
	json_known(json, "cookie", record->cookie ? (int64_t)record->cookie : -1);
	if (record->option_known)
		json_bool(json, "bind_address_no_port", record->no_port);
	else
		json_null(json, "bind_address_no_port");
	json_end_object(json);
}

/* ---- groups ---- */

static void write_key_text(const struct list_row *row, enum list_key key, FILE *out)
{
	const struct process *process = row->process;
	char buffer[ADDRESS_TEXT_SIZE] = "-", owner[64];
	const char *text = buffer;
	size_t length;

	switch (key) {
	case LIST_NETNS:
		text = row->snapshot->namespaces[row->netns].name;
		break;
	case LIST_PROTOCOL:
		text = protocol_name(row->record->protocol);
		break;
	case LIST_STATE:
		text = socket_state_title(row->record->state);
		break;
	case LIST_PROCESS:
		text = owner_text(row, owner);
		break;
	case LIST_PID:
		if (process)
			snprintf(buffer, sizeof buffer, "%d", process->pid);
		break;
	case LIST_USER:
		text = process && process->user_name ? process->user_name : "-";
		break;
	case LIST_UNIT:
		text = process && process->unit ? process->unit : "-";
		break;
	case LIST_CONTAINER:
		if (process && process->container)
			snprintf(buffer, sizeof buffer, "%.12s", process->container);
		break;
	case LIST_LOCAL:
		address_print(buffer, &row->record->local);
		break;
	case LIST_REMOTE:
		if (has_remote(row->record))
			address_print(buffer, &row->record->remote);
		break;
	case LIST_PORT:
		snprintf(buffer, sizeof buffer, "%u", row->record->local_port);
		break;
	case LIST_REMOTE_PORT:
		if (has_remote(row->record))
			snprintf(buffer, sizeof buffer, "%u", row->record->remote_port);
		break;
	case LIST_KEY_COUNT:
		break;
	}
	text_write_safe(out, text);
	length = strlen(text);
	fprintf(out, "%*s ",
		length < (size_t)keys_of[key].width ? keys_of[key].width - (int)length : 0,
		"");
}

void list_group_heading_text(const enum list_key *keys, size_t count, FILE *out)
{
	fprintf(out, "%9s %9s  ", "SOCKETS", "PORTS");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%-*s ", keys_of[keys[i]].width, keys_of[keys[i]].heading);
	fputc('\n', out);
}

void list_group_text(const struct list_group *group, const enum list_key *keys, size_t count,
		     FILE *out)
{
	char sockets[32], ports[32];

	fprintf(out, "%9s %9s  ", text_grouped(sockets, group->sockets),
		text_grouped(ports, group->ports));
	for (size_t i = 0; i < count; i++)
		write_key_text(&group->row, keys[i], out);
	fputc('\n', out);
}

static void write_process_json(const struct process *process, struct json *json)
{
	if (!process) {
		json_null(json, "process");
		return;
	}
	json_row(json, "process");
	json_number(json, "pid", process->pid);
	json_text(json, "name", process->name);
	json_end_object(json);
}

static void write_key_json(const struct list_row *row, enum list_key key, struct json *json)
{
	const struct process *process = row->process;
	const struct socket_record *record = row->record;
	const char *name = keys_of[key].json;

	switch (key) {
	case LIST_NETNS:
		view_json_netns(json, name, row->snapshot, row->netns);
		break;
	case LIST_PROTOCOL:
		json_text(json, name, protocol_name(record->protocol));
		break;
	case LIST_STATE:
		json_text(json, name, socket_state_name(record->state));
		break;
	case LIST_PROCESS:
		write_process_json(process, json);
		write_owner_json(row, json);
		break;
	case LIST_PID:
		json_known(json, name, process ? process->pid : -1);
		break;
	case LIST_USER:
		json_text(json, name, process ? process->user_name : NULL);
		break;
	case LIST_UNIT:
		json_text(json, name, process ? process->unit : NULL);
		break;
	case LIST_CONTAINER:
		json_text(json, name, process ? process->container : NULL);
		break;
	case LIST_LOCAL:
		view_json_address(json, name, &record->local);
		break;
	case LIST_PORT:
		json_number(json, name, record->local_port);
		break;
	case LIST_REMOTE:
		if (has_remote(record))
			view_json_address(json, name, &record->remote);
		else
			json_null(json, name);
		break;
	case LIST_REMOTE_PORT:
		json_known(json, name, has_remote(record) ? record->remote_port : -1);
		break;
	case LIST_KEY_COUNT:
		break;
	}
}

void list_group_json(const struct list_group *group, const enum list_key *keys, size_t count,
		     struct json *json)
{
	json_row(json, NULL);
	for (size_t i = 0; i < count; i++)
		write_key_json(&group->row, keys[i], json);
	json_number(json, "count", (int64_t)group->sockets);
	json_number(json, "ports", (int64_t)group->ports);
	json_end_object(json);
}
