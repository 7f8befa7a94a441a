#include "base/language.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/listing_time.h"
#include "source/artefact/linux/ss_row.h"

#include <string.h>

/*
 * A listing of ss. Columns that are the same in all rows are left out, so that a row alone does not tell whether it is of TCP
 * or UDP, nor its state: the command before it may, the other rows may, and the rest is decided when the listing is whole.
 *
 * -a shows sockets that are bound and not connected, too, where ss (iproute2 6.8) and the kernel (6.8) know of them; they
 * come as UNCONN. Without -a and -l listeners and TIME_WAIT are left out (misc/ss.c, SS_CONN).
 */
struct ss_state {
	bool is_open, has_netid, has_state;
	bool interrupted; /* by a line that is none of ss: a prompt, perhaps */
	char command[CONTEXT_LENGTH];
};

static bool is_heading(const struct line *line)
{
	const struct span text = line_trimmed(line);

	return (listing_begins(line, "Netid") || listing_begins(line, "State") ||
		listing_begins(line, "Recv-Q")) &&
	       span_has(text, "Local Address:Port") && span_has(text, "Peer Address:Port");
}

/* ---- the whole listing ---- */

struct tally {
	size_t tcp, udp, listeners, resting, bound, connected, owners;
	bool tcp_only; /* something that only TCP has */
	bool colons, stars, zeros;
};

static struct span command_of(const struct ss_state *state)
{
	return (struct span){ state->command, strlen(state->command) };
}

static enum protocol guess_protocol(const struct ss_state *state,
				    const struct dossier_table *table)
{
	const struct span command = command_of(state);
	bool is_unconnected = false;

	if (command_has_letter(command, 't') != command_has_letter(command, 'u'))
		return command_has_letter(command, 't') ? PROTOCOL_TCP : PROTOCOL_UDP;
	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];

		if (socket->mark & SS_ANY_STATE || socket->expires_ms)
			return PROTOCOL_TCP;
		if (socket->state != SOCKET_ESTABLISHED && socket->state != SOCKET_CLOSE)
			return PROTOCOL_TCP;
		is_unconnected = is_unconnected || socket->state == SOCKET_CLOSE;
	}
	return is_unconnected ? PROTOCOL_UDP : PROTOCOL_TCP;
}

static bool is_connected(const struct dossier_socket *socket)
{
	return socket->remote_port != 0;
}

/* A listener's Send-Q is the length of its queue. */
static enum socket_state guess_state(struct span command, const struct dossier_socket *socket)
{
	static const struct {
		const char *word;
		enum socket_state state;
	} filters[] = {
		{ "time-wait", SOCKET_TIME_WAIT },   { "established", SOCKET_ESTABLISHED },
		{ "close-wait", SOCKET_CLOSE_WAIT }, { "fin-wait-1", SOCKET_FIN_WAIT1 },
		{ "fin-wait-2", SOCKET_FIN_WAIT2 },  { "syn-sent", SOCKET_SYN_SENT },
		{ "syn-recv", SOCKET_SYN_RECV },     { "last-ack", SOCKET_LAST_ACK },
		{ "closing", SOCKET_CLOSING },	     { "listening", SOCKET_LISTEN },
		{ "listen", SOCKET_LISTEN },	     { "bound-inactive", SOCKET_CLOSE },
	};

	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
		if (command_has_word(command, filters[i].word))
			return filters[i].state;
	if (is_connected(socket))
		return SOCKET_ESTABLISHED;
	return socket->mark & SS_QUEUE ? SOCKET_LISTEN : SOCKET_CLOSE;
}

static void settle_row(const struct ss_state *state, enum protocol protocol, bool old_style,
		       struct dossier_socket *socket)
{
	if (socket->mark & SS_ANY_PROTOCOL)
		socket->protocol = (uint8_t)protocol;
	if (socket->mark & SS_ANY_STATE)
		socket->state = (uint8_t)guess_state(command_of(state), socket);
	if (socket->mark & SS_STAR && old_style) {
		socket->local.family = FAMILY_IPV4;
		socket->ipv6_only = IPV6_ONLY_NO;
	}
	if (socket->protocol == PROTOCOL_UDP)
		socket->state = is_connected(socket) ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
	else if (socket->state == SOCKET_CLOSE)
		socket->state = SOCKET_BOUND;
	if (socket->state == SOCKET_TIME_WAIT) {
		socket->age = AGE_UNCERTAIN;
		socket->pid = 0;
	}
	listing_complete(socket);
}

static struct tally tally_rows(const struct dossier_table *table)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];

		tally.owners += socket->pid > 0;
		if (socket->protocol == PROTOCOL_UDP) {
			tally.udp++;
			continue;
		}
		tally.tcp++;
		tally.listeners += socket->state == SOCKET_LISTEN;
		tally.resting += socket->state == SOCKET_TIME_WAIT;
		tally.bound += socket->state == SOCKET_BOUND;
	}
	tally.connected = tally.tcp - tally.listeners - tally.resting - tally.bound;
	return tally;
}

/* What whoever made it has left out. */
static const char *what_is_missing(const struct ss_state *state, const struct tally *tally)
{
	const struct span command = command_of(state);
	bool all = command_has_letter(command, 'a') || command_has_word(command, "--all");

	if (command_has_word(command, "state") || command_has_word(command, "sport") ||
	    command_has_word(command, "dport") || command_has_word(command, "dst") ||
	    command_has_word(command, "src"))
		return N_("ss was given a filter");
	if (all || !tally->tcp)
		return NULL;
	if (!state->has_state)
		return N_("only sockets in one state are in it; ss -tan shows all");
	if (!tally->connected && !tally->resting)
		return N_("only listening sockets are in it; ss -tan shows all");
	if (!tally->listeners && !tally->resting && !tally->bound)
		return N_("without -a ss shows neither listening sockets nor TIME_WAIT");
	return NULL;
}

static bool is_old_style(const struct dossier_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].mark & SS_COLONS)
			return true;
	return false;
}

/* What can be compared with each other has the same. */
static const char *name_of(const struct dossier_table *table)
{
	static const char *const names[2][2][2] = {
		{ { "ss", "ss -ua" }, { "ss -ta", "ss -tua" } },
		{ { "ss", "ss -u" }, { "ss -t", "ss -tu" } },
	};

	return names[table->lacks != NULL][table->shows_tcp][table->shows_udp];
}

static void finish(struct dossier *dossier, struct dossier_table *table, void *memory)
{
	const struct ss_state *state = memory;
	const struct span command = command_of(state);
	const enum protocol protocol = guess_protocol(state, table);
	const bool old_style = is_old_style(table);
	struct tally tally;

	for (size_t i = 0; i < table->count; i++)
		settle_row(state, protocol, old_style, &table->sockets[i]);
	tally = tally_rows(table);
	table->shows_owners = tally.owners;
	table->shows_listeners = tally.listeners;
	table->shows_bound = tally.bound;
	table->shows_tcp = tally.tcp || command_has_letter(command, 't') ||
			   (!tally.udp && protocol == PROTOCOL_TCP && !state->has_netid);
	table->shows_udp = tally.udp || command_has_letter(command, 'u') ||
			   (!tally.tcp && protocol == PROTOCOL_UDP);
	table->only_bound = tally.bound && tally.bound == tally.tcp;
	table->lacks = table->only_bound ? NULL : what_is_missing(state, &tally);
	table->is_excerpt = table->is_excerpt || table->lacks;
	table->what = name_of(table);
	if (table->unread_rows)
		dossier_note(
			dossier,
			P_("%llu row has names for numbers, or is cut; ss -n has numbers",
			   "%llu rows have names for numbers, or are cut; ss -n has numbers",
			   table->unread_rows),
			(unsigned long long)table->unread_rows);
}

/* ---- lines ---- */

static void begin(struct ss_state *state, struct dossier *dossier,
		  const struct text_context *context, const struct line *line)
{
	const struct span command = listing_command(context, "ss");
	struct dossier_table *table = dossier_begin_table(dossier, "ss", FROM_LINUX);

	*state = (struct ss_state){ .is_open = true };
	memcpy(state->command, command.text, command.length);
	listing_time(dossier, table, context, line);
	table->finish = finish;
	table->state = state;
}

static void add(struct ss_state *state, struct dossier *dossier, struct ss_row *row)
{
	state->has_netid |= row->has_netid;
	state->has_state |= row->has_state;
	ss_row_attributes(dossier, row->rest, &row->socket);
	dossier_add_socket(dossier, &row->socket);
}

/* The last row goes on: details, or what did not fit. */
static void go_on(struct dossier *dossier, const struct line *line)
{
	struct dossier_table *table = &dossier->open_table;

	if (table->count)
		ss_row_attributes(dossier, line_trimmed(line),
				  &table->sockets[table->count - 1]);
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct ss_state *state = memory;
	struct ss_row row;
	enum ss_kind kind;

	if (is_heading(line)) {
		begin(state, dossier, context, line);
		return true;
	}
	kind = ss_row_read(line, &row);
	/* The first without a heading must leave no doubt: netstat has a row of UDP that looks the same. */
	if (!state->is_open && (kind != SS_ROW || (row.has_netid && !row.has_state)))
		return false;
	if (!state->is_open ||
	    (kind == SS_ROW && state->interrupted && listing_command(context, "ss").length))
		begin(state, dossier, context, line);
	if (kind == SS_ROW)
		add(state, dossier, &row);
	else if (kind == SS_UNREAD)
		dossier->open_table.unread_rows++;
	else if (kind == SS_NO_ROW && !line_is_blank(line) &&
		 (line->text[0] == ' ' || line->text[0] == '\t'))
		go_on(dossier, line);
	else if (kind == SS_NO_ROW) {
		state->interrupted |= !line_is_blank(line);
		return false;
	}
	return true;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct ss_state *state = memory;

	(void)is_last;
	if (state->is_open)
		dossier_end_table(dossier);
}

const struct text_format text_format_ss = {
	.name = "ss",
	.state_size = sizeof(struct ss_state),
	.take = take,
	.end = end,
};
