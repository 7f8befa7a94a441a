#include "base/language.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/listing_time.h"

#include <string.h>

/*
 * netstat of net-tools and of busybox: protocol in small letters, two queues, two addresses, state, and as asked for user and inode
 * (-e), "812/pgbench" or "-" (-p), "timewait (58.66/0/0)" (-o). Addresses longer than their column are cut without -W, but
 * never their port (net-tools netstat.c, addr_do_one()): a cut one is no address. State words are translated by net-tools.
 */
struct netstat_state {
	bool is_open;
	uint64_t cut;
	bool only_listeners, guessed;
};

enum { FIELDS = 6, COLUMN = 23 };

struct row {
	struct dossier_socket socket;
	bool is_guessed; /* its state's word is in no known language */
};

static bool is_tcp(struct span word)
{
	return span_is(word, "tcp") || span_is(word, "tcp6");
}

static bool is_protocol(struct span word)
{
	return is_tcp(word) || span_is(word, "udp") || span_is(word, "udp6");
}

/* Protocol, two queues, two addresses: shared by all rows that were understood or not. */
static bool has_shape(const struct span *fields, size_t count)
{
	uint64_t queue;

	return count >= 5 && is_protocol(fields[0]) &&
	       span_number(fields[1], UINT32_MAX, &queue) &&
	       span_number(fields[2], UINT32_MAX, &queue) &&
	       memchr(fields[3].text, ':', fields[3].length) &&
	       memchr(fields[4].text, ':', fields[4].length);
}

/* An IPv6 address that fills its column to the last letter may have been cut, and be another one then. */
static bool may_be_cut(struct span endpoint)
{
	const char *colon = memchr(endpoint.text, ':', endpoint.length);

	return endpoint.length == COLUMN && colon &&
	       memchr(colon + 1, ':', endpoint.length - (size_t)(colon + 1 - endpoint.text));
}

static bool read_peers(const struct span *fields, struct dossier_socket *socket)
{
	return !may_be_cut(fields[3]) && !may_be_cut(fields[4]) &&
	       listing_endpoint(fields[3], &socket->local, &socket->local_port) &&
	       listing_endpoint(fields[4], &socket->remote, &socket->remote_port) &&
	       socket->local.family && socket->local_port;
}

/* ---- behind the addresses ---- */

static bool next(struct span *rest, struct span *word)
{
	while (rest->length && (*rest->text == ' ' || *rest->text == '\t'))
		*rest = listing_behind(*rest, 1);
	*word = (struct span){ rest->text, 0 };
	while (rest->length && *rest->text != ' ' && *rest->text != '\t') {
		*rest = listing_behind(*rest, 1);
		word->length++;
	}
	return word->length;
}

/* "timewait (58.66/0/0)": seconds with two places. */
static void take_timer(struct span rest, struct dossier_socket *socket)
{
	static const char begins[] = "timewait (";
	size_t at = listing_find(rest, begins);
	uint64_t seconds, hundredths = 0;
	struct span whole, places;

	if (at == rest.length)
		return;
	rest = listing_behind(rest, at + strlen(begins));
	whole = (struct span){ rest.text, listing_find(rest, ".") };
	places = listing_behind(rest, whole.length + 1);
	places.length = listing_find(places, "/");
	if (places.length != 2 || !span_number(whole, 1000, &seconds) ||
	    !span_number(places, 99, &hundredths))
		return;
	socket->expires_ms = (uint32_t)(seconds * 1000 + hundredths * 10);
	socket->expires_slack_ms = 10;
}

/* Behind the name stands the timer, if at all: its own name, and three numbers in brackets. */
static struct span without_timer(struct span name)
{
	size_t bracket = name.length;

	if (!name.length || name.text[name.length - 1] != ')')
		return name;
	while (bracket && name.text[bracket - 1] != '(')
		bracket--;
	if (!bracket || (unsigned)(name.text[bracket] - '0') > 9)
		return name;
	name.length = bracket - 1;
	while (name.length && name.text[name.length - 1] == ' ')
		name.length--;
	while (name.length && name.text[name.length - 1] != ' ')
		name.length--;
	return name;
}

/* "812/pgbench: worker": a name may hold blanks. */
static void take_program(struct dossier *dossier, struct span word, struct span rest,
			 struct dossier_socket *socket)
{
	const char *slash = word.length ? memchr(word.text, '/', word.length) : NULL;
	struct span pid = { word.text, slash ? (size_t)(slash - word.text) : 0 };
	struct span name;
	uint64_t number;

	if (!slash || !span_number(pid, INT32_MAX, &number) || !number)
		return;
	name = without_timer(
		(struct span){ slash + 1, (size_t)(rest.text + rest.length - slash - 1) });
	while (name.length && name.text[name.length - 1] == ' ')
		name.length--;
	socket->pid = (int32_t)number;
	socket->name = dossier_text(dossier, name);
}

static void take_user(struct span word, struct span inode, struct dossier_socket *socket)
{
	uint64_t number;

	if (span_number(inode, UINT32_MAX, &number)) {
		socket->inode = (uint32_t)number;
		if (!number && socket->pid < 0)
			socket->pid = 0;
	}
	if (span_number(word, UINT32_MAX, &number))
		socket->user = (uint32_t)number;
}

static void read_rest(struct dossier *dossier, struct span rest, struct dossier_socket *socket)
{
	struct span word, second, behind;

	if (!next(&rest, &word))
		return;
	behind = rest;
	if (!memchr(word.text, '/', word.length) && next(&behind, &second) && second.length &&
	    (unsigned)(second.text[0] - '0') <= 9 &&
	    !memchr(second.text, '/', second.length)) {
		take_user(word, second, socket);
		rest = behind;
		if (!next(&rest, &word))
			return;
	}
	take_program(dossier, word, rest, socket);
}

/* ---- rows ---- */

static bool is_connected(const struct dossier_socket *socket)
{
	return socket->remote_port != 0;
}

/* A word of another language tells nothing; the peer does, and the timer of TIME_WAIT, which FIN_WAIT2 has too. */
static void take_state(struct span word, struct span rest, struct row *row)
{
	const enum socket_state state = listing_state(word);

	take_timer(rest, &row->socket);

	row->is_guessed = state == SOCKET_STATE_COUNT;
	row->socket.state = (uint8_t)(!row->is_guessed		 ? state :
				      row->socket.expires_ms	 ? SOCKET_TIME_WAIT :
				      is_connected(&row->socket) ? SOCKET_ESTABLISHED :
								   SOCKET_LISTEN);
}

static bool read_row(struct dossier *dossier, const struct line *line,
		     const struct span *fields, size_t count, struct row *row)
{
	struct dossier_socket *socket = &row->socket;
	const bool tcp = is_tcp(fields[0]);
	struct span rest = { line->text + line->length, 0 }, word;

	*row = (struct row){ .socket = { .pid = -1 } };
	socket->protocol = tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	if (!read_peers(fields, socket) || (tcp && count < FIELDS))
		return false;
	if (count == FIELDS)
		rest = (struct span){ fields[5].text,
				      (size_t)(line->text + line->length - fields[5].text) };
	if (socket->local.family == FAMILY_IPV6)
		socket->ipv6_only = IPV6_ONLY_UNKNOWN;
	if (tcp) {
		next(&rest, &word);
		take_state(word, rest, row);
	} else {
		struct span behind = rest;

		socket->state = is_connected(socket) ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
		if (next(&behind, &word) && listing_state(word) < SOCKET_STATE_COUNT)
			rest = behind;
	}
	read_rest(dossier, rest, socket);
	if (socket->state == SOCKET_TIME_WAIT) {
		socket->age = AGE_UNCERTAIN;
		socket->pid = 0;
	}
	listing_complete(socket);
	return socket->state != SOCKET_CLOSE;
}

/* ---- the whole listing ---- */

static void finish(struct dossier *dossier, struct dossier_table *table, void *memory)
{
	const struct netstat_state *state = memory;
	bool others = false;

	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];
		bool tcp = socket->protocol == PROTOCOL_TCP;

		table->shows_tcp |= tcp;
		table->shows_udp |= !tcp;
		table->shows_owners |= socket->pid > 0;
		table->shows_listeners |= socket->state == SOCKET_LISTEN;
		others |= tcp && socket->state != SOCKET_LISTEN;
	}
	if (table->shows_tcp && !others)
		table->lacks = N_("only listening sockets are in it; netstat -tanp shows all");
	table->is_excerpt = table->is_excerpt || table->lacks;
	if (state->guessed)
		dossier_note(
			dossier, "%s",
			_("its states are in a language that is not known; connections are "
			  "taken to be established"));
	if (table->unread_rows)
		dossier_note(
			dossier,
			P_("%llu row has names for numbers, or an address that was cut; "
			   "netstat -nW shows them whole",
			   "%llu rows have names for numbers, or an address that was cut; "
			   "netstat -nW shows them whole",
			   table->unread_rows),
			(unsigned long long)table->unread_rows);
}

static void begin(struct netstat_state *state, struct dossier *dossier,
		  const struct text_context *context, const struct line *line)
{
	struct dossier_table *table = dossier_begin_table(dossier, "netstat", FROM_LINUX);

	*state = (struct netstat_state){ .is_open = true };
	listing_time(dossier, table, context, line);
	table->finish = finish;
	table->state = state;
}

/* "Active Internet connections" is translated; the names of the queues are not. */
static bool is_heading(const struct line *line)
{
	const struct span text = line_trimmed(line);

	return listing_begins(line, "Proto") && span_has(text, "Recv-Q") &&
	       span_has(text, "Send-Q");
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct netstat_state *state = memory;
	struct span fields[FIELDS];
	size_t count;
	struct row row;

	if (!state->is_open && !listing_begins(line, "tcp") && !listing_begins(line, "udp"))
		return false;
	count = line_fields(line, fields, FIELDS);
	if (state->is_open && is_heading(line)) {
		dossier_end_table(dossier);
		state->is_open = false;
		return true;
	}
	if (!has_shape(fields, count))
		return false;
	if (!read_row(dossier, line, fields, count, &row)) {
		if (!state->is_open)
			begin(state, dossier, context, line);
		dossier->open_table.unread_rows++;
		return true;
	}
	if (!state->is_open)
		begin(state, dossier, context, line);
	state->guessed |= row.is_guessed;
	dossier_add_socket(dossier, &row.socket);
	return true;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	const struct netstat_state *state = memory;

	(void)is_last;
	if (state->is_open)
		dossier_end_table(dossier);
}

const struct text_format text_format_linux_netstat = {
	.name = "netstat",
	.state_size = sizeof(struct netstat_state),
	.take = take,
	.end = end,
};
