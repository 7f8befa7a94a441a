#include "view/list.h"

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "view/layout.h"
#include "view/view.h"

#include <assert.h>
#include <string.h>

/* One table serves --by, the headings and the JSON keys. */
static const struct {
	const char *word, *heading, *json;
	unsigned width;
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

static const char *owner_text(const struct list_row *row, char buffer[ADDRESS_TEXT_SIZE])
{
	const char *name;

	switch (row->owner_kind) {
	case OWNER_PROCESS:
	case OWNER_RECORDED:
	case OWNER_INFERRED:
		name = process_title(row->process);
		if (row->process->pid)
			snprintf(buffer, ADDRESS_TEXT_SIZE, "%.40s,%d", name,
				 row->process->pid);
		else
			snprintf(buffer, ADDRESS_TEXT_SIZE, "%.40s", name);
		return buffer;
	case OWNER_NOBODY:
		return "-";
	case OWNER_UNFOUND:
		return _("(no process)");
	default:
		return _("(not visible)");
	}
}

/* Why no process is named, where none is. */
static void write_owner_json(const struct list_row *row, struct json *json)
{
	static const char *const kinds[] = {
		[OWNER_PROCESS] = "process",   [OWNER_NOBODY] = "nobody",
		[OWNER_UNFOUND] = "not_found", [OWNER_HIDDEN] = "not_visible",
		[OWNER_RECORDED] = "nobody",   [OWNER_INFERRED] = "nobody",
	};

	json_text(json, "owner", kinds[row->owner_kind]);
	json_text(json, "how", owner_how(row->owner_kind));
}

/* The kernel tells the user of a socket even where its process is not visible. */
static int64_t list_user_id(const struct list_row *row)
{
	if (row->process)
		return row->process->user;
	return row->record->inode ? (int64_t)row->record->user : -1;
}

/* ---- single sockets ---- */

/* Rows are written as they are read, so the columns are set beforehand: for addresses of IPv6 where
 * there is room, else for those of IPv4. */
enum { ROW_CELLS = 6 };

static const struct layout_column *row_columns(const struct view_style *style)
{
	static const struct layout_column wide[ROW_CELLS] = { { 5 },  { 12 }, { 28 },
							      { 28 }, { 24 }, { 0 } },
					  narrow[ROW_CELLS] = { { 5 },	{ 11 }, { 21 },
								{ 21 }, { 18 }, { 0 } };
	enum { ROOM_FOR_WIDE = 126 };

	return style->width && style->width < ROOM_FOR_WIDE ? narrow : wide;
}

void list_heading_text(const struct snapshot *snapshot, const struct view_style *style)
{
	const char *const headings[ROW_CELLS] = {
		"PROTO",  "STATE",   "LOCAL",
		"REMOTE", "PROCESS", snapshot->windows ? "SERVICE" : "UNIT OR CONTAINER",
	};

	layout_row(style, row_columns(style), headings, ROW_CELLS);
}

void list_row_text(const struct list_row *row, const struct view_style *style)
{
	const struct socket_record *record = row->record;
	const struct process *process = row->process;
	char local[ADDRESS_TEXT_SIZE], remote[ADDRESS_TEXT_SIZE] = "-",
				       owner[ADDRESS_TEXT_SIZE];
	const char *cells[ROW_CELLS] = {
		protocol_name(record->protocol),
		socket_state_title(record->state),
		address_print_endpoint(local, &record->local, record->local_port),
		remote,
		owner_text(row, owner),
		!process	   ? NULL :
		process->container ? process->container :
				     process->unit,
	};

	if (has_remote(record))
		address_print_endpoint(remote, &record->remote, record->remote_port);
	layout_row(style, row_columns(style), cells, ROW_CELLS);
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
	view_json_pid(json, "pid", process);
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

/* `buffer` is where a text is made that is not there yet. */
static const char *key_text(const struct list_row *row, enum list_key key,
			    char buffer[ADDRESS_TEXT_SIZE])
{
	const struct process *process = row->process;
	const struct socket_record *record = row->record;
	const char *text = NULL;

	switch (key) {
	case LIST_NETNS:
		text = row->snapshot->namespaces[row->netns].name;
		break;
	case LIST_PROTOCOL:
		text = protocol_name(record->protocol);
		break;
	case LIST_STATE:
		text = socket_state_title(record->state);
		break;
	case LIST_PROCESS:
		text = owner_text(row, buffer);
		break;
	case LIST_USER:
		text = process ? process->user_name : NULL;
		break;
	case LIST_UNIT:
		text = process ? process->unit : NULL;
		break;
	case LIST_PID:
		if (process && process->pid)
			snprintf(buffer, ADDRESS_TEXT_SIZE, "%d", process->pid);
		break;
	case LIST_CONTAINER:
		if (process && process->container)
			snprintf(buffer, ADDRESS_TEXT_SIZE, "%.12s", process->container);
		break;
	case LIST_LOCAL:
		address_print(buffer, &record->local);
		break;
	case LIST_REMOTE:
		if (has_remote(record))
			address_print(buffer, &record->remote);
		break;
	case LIST_PORT:
		snprintf(buffer, ADDRESS_TEXT_SIZE, "%u", record->local_port);
		break;
	case LIST_REMOTE_PORT:
		if (has_remote(record))
			snprintf(buffer, ADDRESS_TEXT_SIZE, "%u", record->remote_port);
		break;
	case LIST_KEY_COUNT:
		break;
	}
	return text ? text : *buffer ? buffer : "-";
}

/* Two counts, then the keys asked for. */
enum { COUNTS = 2, GROUP_CELLS = COUNTS + LIST_KEY_COUNT };

static void write_group_row(const enum list_key *keys, size_t count,
			    const char *const cells[GROUP_CELLS],
			    const struct view_style *style)
{
	struct layout_column columns[GROUP_CELLS] = {
		{ .width = 9, .right = true },
		{ .width = 9, .right = true },
	};

	for (size_t i = 0; i < count; i++)
		columns[COUNTS + i] = (struct layout_column){
			.width = keys_of[keys[i]].width,
			.gap = i ? 0 : 1,
		};
	layout_row(style, columns, cells, COUNTS + count);
}

/* What is a unit on Linux is a service on Windows. */
static const char *heading_of(enum list_key key, const struct snapshot *snapshot)
{
	return key == LIST_UNIT && snapshot->windows ? "SERVICE" : keys_of[key].heading;
}

void list_group_heading_text(const struct snapshot *snapshot, const enum list_key *keys,
			     size_t count, const struct view_style *style)
{
	const char *cells[GROUP_CELLS] = { "SOCKETS", "PORTS" };

	for (size_t i = 0; i < count; i++)
		cells[COUNTS + i] = heading_of(keys[i], snapshot);
	write_group_row(keys, count, cells, style);
}

void list_group_text(const struct list_group *group, const enum list_key *keys, size_t count,
		     const struct view_style *style)
{
	char sockets[32], ports[32], buffers[LIST_KEY_COUNT][ADDRESS_TEXT_SIZE] = { { 0 } };
	const char *cells[GROUP_CELLS] = { text_grouped(sockets, group->sockets),
					   text_grouped(ports, group->ports) };

	for (size_t i = 0; i < count; i++)
		cells[COUNTS + i] = key_text(&group->row, keys[i], buffers[i]);
	write_group_row(keys, count, cells, style);
}

static void write_process_json(const struct process *process, struct json *json)
{
	if (!process) {
		json_null(json, "process");
		return;
	}
	json_row(json, "process");
	view_json_pid(json, "pid", process);
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
		view_json_pid(json, name, process);
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
