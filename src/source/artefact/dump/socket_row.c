#include "source/artefact/dump/socket_row.h"

#include "base/language.h"
#include "source/artefact/dossier.h"

/* volatility3 symbols/windows/netscan-*.json, TCPStateEnum; MemProcFS vmmnet.c, szSTATES. CLOSED and DELETE_TCB hold no port. */
static const struct word {
	const char *text;
	enum socket_state state;
} words[] = {
	{ "CLOSED", SOCKET_CLOSE },	     { "DELETE_TCB", SOCKET_CLOSE },
	{ "LISTENING", SOCKET_LISTEN },	     { "SYN_SENT", SOCKET_SYN_SENT },
	{ "SYN_RCVD", SOCKET_SYN_RECV },     { "ESTABLISHED", SOCKET_ESTABLISHED },
	{ "FIN_WAIT1", SOCKET_FIN_WAIT1 },   { "FIN_WAIT_1", SOCKET_FIN_WAIT1 },
	{ "FIN_WAIT2", SOCKET_FIN_WAIT2 },   { "FIN_WAIT_2", SOCKET_FIN_WAIT2 },
	{ "CLOSE_WAIT", SOCKET_CLOSE_WAIT }, { "CLOSING", SOCKET_CLOSING },
	{ "LAST_ACK", SOCKET_LAST_ACK },     { "TIME_WAIT", SOCKET_TIME_WAIT },
};

static bool read_state(struct span text, uint8_t *state)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(text, words[i].text)) {
			*state = (uint8_t)words[i].state;
			return true;
		}
	return false;
}

/* TCPv4, UDPv6; TCP4 in MemProcFS's net.csv. */
static bool read_protocol(struct span text, struct dossier_socket *socket, uint8_t *family)
{
	const struct span name = { text.text, text.length < 3 ? 0 : 3 };

	if (span_is(name, "TCP"))
		socket->protocol = PROTOCOL_TCP;
	else if (span_is(name, "UDP"))
		socket->protocol = PROTOCOL_UDP;
	else
		return false;
	*family = text.length > 3 && text.text[text.length - 1] == '6' ? FAMILY_IPV6 :
									 FAMILY_IPV4;
	return text.length <= 5;
}

/* Where memory was missing there is no address, but still a port of that protocol. */
static bool read_end(struct span host, struct span service, uint8_t family,
		     struct address *address, uint16_t *port)
{
	uint64_t number = 0;

	if (!service.text)
		return span_endpoint(host, address, port);
	if (service.length && !span_is(service, "-") && !span_number(service, 65535, &number))
		return false;
	*port = (uint16_t)number;
	*address = (struct address){ 0 };
	if (!host.length || span_is(host, "*") || span_is(host, "-") || span_is(host, "***") ||
	    span_is(host, "N/A")) {
		address->family = family;
		return true;
	}
	return span_address(host, address);
}

/* No process could be read of it: "-", empty, or -1 with volatility 2. */
static int32_t read_pid(struct span text)
{
	uint64_t pid;

	return span_number(text, INT32_MAX, &pid) ? (int32_t)pid : -1;
}

static bool read_ends(const struct socket_row *row, uint8_t family,
		      struct dossier_socket *socket)
{
	struct address remote = { 0 };
	uint16_t port = 0;

	if (!read_end(row->local, row->local_port, family, &socket->local,
		      &socket->local_port))
		return false;
	if (!socket->local.family)
		socket->local.family = family; /* "*:port" */
	if (!span_is(row->remote, "***") &&
	    !read_end(row->remote, row->remote_port, family, &remote, &port))
		return false;
	if (port) {
		socket->remote = remote;
		socket->remote_port = port;
	}
	return true;
}

static bool read_states(const struct socket_row *row, struct dossier_socket *socket)
{
	if (socket->protocol == PROTOCOL_UDP) {
		socket->state = socket->remote_port ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
		return true;
	}
	if (!read_state(row->state, &socket->state))
		return false;
	if (socket->state == SOCKET_TIME_WAIT)
		socket->age = AGE_YOUNG;
	return true;
}

bool socket_row_take(struct socket_rows *rows, struct dossier *dossier,
		     const struct socket_row *row)
{
	struct dossier_socket socket = { .pid = read_pid(row->pid) };
	uint8_t family;

	if (!read_protocol(row->protocol, &socket, &family))
		return false;
	if (!read_ends(row, family, &socket) || !read_states(row, &socket)) {
		dossier->open_table.unread_rows++;
		return true;
	}
	/* A UDP socket without a port holds none. */
	if (socket.state == SOCKET_CLOSE || !socket.local_port) {
		rows->closed++;
		return true;
	}
	if (row->owner.length && !span_is(row->owner, "-") && !span_is(row->owner, "N/A"))
		socket.name = dossier_text(dossier, row->owner);
	dossier_add_socket(dossier, &socket);
	return true;
}

bool socket_table_take(struct socket_table *table, struct dossier *dossier,
		       const struct line *line, const char *const *names, const char *what)
{
	struct span cells[SOCKET_COLUMNS];
	struct columns columns;

	if (columns_find(&columns, line, names, SOCKET_COLUMNS_NEEDED)) {
		if (table->columns.separator)
			socket_rows_end(&table->rows, dossier);
		table->columns = columns;
		socket_rows_begin(dossier, what);
		return true;
	}
	if (!table->columns.separator)
		return false;
	if (line_is_blank(line))
		return true;
	if (!columns_split(&table->columns, line, cells, SOCKET_COLUMNS))
		return false;
	return socket_row_take(&table->rows, dossier,
			       &(struct socket_row){ cells[0], cells[1], cells[2], cells[3],
						     cells[4], cells[5], cells[6], cells[7] });
}

void socket_rows_begin(struct dossier *dossier, const char *what)
{
	struct dossier_table *table = dossier_begin_table(dossier, what, FROM_WINDOWS);

	table->shows_tcp = table->shows_udp = true;
	table->shows_owners = table->shows_listeners = true;
}

void socket_rows_end(struct socket_rows *rows, struct dossier *dossier)
{
	dossier_end_table(dossier);
	if (rows->closed)
		dossier_note(
			dossier,
			P_("%llu closed or freed endpoint, which holds no port, was not counted",
			   "%llu closed or freed endpoints, which hold no port, were not counted",
			   (unsigned long)rows->closed),
			(unsigned long long)rows->closed);
	*rows = (struct socket_rows){ 0 };
}
