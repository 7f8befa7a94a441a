#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/records.h"

#include <string.h>

/*
 * Get-NetTCPConnection and Get-NetUDPEndpoint. Where ports are listed that are bound, a connection is listed twice: as
 * Bound, and as what it is; dossier_join() minds that. OwningProcess is 0 for TimeWait, and missing on Windows Server 2012
 * R2.
 */
static bool has_local(const struct record *record)
{
	return record_has(record, "LocalAddress") && record_has(record, "LocalPort");
}

static bool is_tcp(const struct record *record, const struct prompt *prompt)
{
	return has_local(record) && prompt->subject != SUBJECT_UDP &&
	       (prompt->subject == SUBJECT_TCP || record_has(record, "State") ||
		record_has(record, "RemotePort"));
}

static bool is_udp(const struct record *record, const struct prompt *prompt)
{
	(void)prompt;
	return has_local(record);
}

static bool is_own_table(const struct records *records, const struct dossier *dossier)
{
	return dossier->table_is_open && dossier->open_table.order == records->table;
}

static void begin(struct records *records, struct dossier *dossier,
		  const struct record *record)
{
	const bool tcp = is_tcp(record, &records->prompt);
	struct dossier_table *table = dossier_begin_table(
		dossier, tcp ? "Get-NetTCPConnection" : "Get-NetUDPEndpoint", FROM_WINDOWS);

	table->shows_tcp = tcp;
	table->shows_udp = !tcp;
	table->shows_listeners = true;
	table->shows_owners = record_has(record, "OwningProcess");
	table->is_excerpt = records->prompt.filtered;
	if (*records->prompt.stamp)
		table->stamp =
			dossier_text(dossier, (struct span){ records->prompt.stamp,
							     strlen(records->prompt.stamp) });
	records->table = table->order;
}

/* ---- one row ---- */

static bool read_local(const struct record *record, struct dossier_socket *socket)
{
	uint64_t port;

	if (!span_address(record_value(record, "LocalAddress"), &socket->local) ||
	    !record_number(record, "LocalPort", 65535, &port))
		return false;
	socket->local_port = (uint16_t)port;
	return true;
}

/* None where the columns were left out. */
static bool read_remote(const struct record *record, struct dossier_socket *socket)
{
	struct span address = record_value(record, "RemoteAddress"),
		    number = record_value(record, "RemotePort");
	uint64_t port = 0;

	if (address.length && !span_address(address, &socket->remote))
		return false;
	if (number.length && !span_number(number, 65535, &port))
		return false;
	socket->remote_port = (uint16_t)port;
	if (!port)
		socket->remote = (struct address){ 0 };
	return true;
}

static bool read_owner(const struct record *record, struct dossier_socket *socket)
{
	struct span owner = record_value(record, "OwningProcess");
	uint64_t pid;

	if (!owner.length)
		return true;
	if (!span_number(owner, INT32_MAX, &pid))
		return false;
	socket->pid = (int32_t)pid;
	return true;
}

static bool read_state(struct records *records, const struct record *record,
		       struct dossier_socket *socket)
{
	struct span word = record_value(record, "State");
	enum socket_state state;

	if (word.length) {
		if (!prompt_state(word, &state))
			return false;
	} else if (records->prompt.state >= 0) {
		state = (enum socket_state)records->prompt.state;
	} else {
		/* What has no peer may listen or be bound, and they are worlds apart. */
		if (record_has(record, "State") || !socket->remote_port)
			return false;
		state = socket->pid ? SOCKET_ESTABLISHED : SOCKET_TIME_WAIT;
		records->assumed =
			_("it has no column State: what has a peer was taken to be connected");
	}
	socket->state = (uint8_t)state;
	return true;
}

static bool take(struct records *records, struct dossier *dossier, const struct record *record)
{
	const bool tcp = dossier->open_table.shows_tcp;
	struct dossier_socket socket = { .pid = -1 };

	if (!is_own_table(records, dossier) || !read_local(record, &socket) ||
	    !read_remote(record, &socket) || !read_owner(record, &socket))
		return false;
	if (tcp && !read_state(records, record, &socket))
		return false;
	socket.protocol = tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	if (!tcp)
		socket.state = socket.remote_port ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
	socket.age = socket.state == SOCKET_TIME_WAIT ? AGE_YOUNG : AGE_NONE;
	dossier->open_table.shows_bound |= socket.state == SOCKET_BOUND;
	dossier_add_socket(dossier, &socket);
	return true;
}

/* A form that begins behind it may have a listing open by now: then this one was ended. */
static void end(struct records *records, struct dossier *dossier)
{
	if (!is_own_table(records, dossier))
		return;
	dossier->open_table.unread_rows += records->unread;
	/* No machine has no socket: names of columns alone are what is left of a listing. */
	dossier->open_table.is_excerpt |= records->cut || !records->taken;
	if (!records->taken)
		dossier_note(dossier, _("it has no row that could be read"));
	dossier_end_table(dossier);
}

const struct record_kind record_kind_connections = {
	.name = "Get-NetTCPConnection",
	.is = is_tcp,
	.begin = begin,
	.take = take,
	.end = end,
};

const struct record_kind record_kind_endpoints = {
	.name = "Get-NetUDPEndpoint",
	.is = is_udp,
	.begin = begin,
	.take = take,
	.end = end,
};
