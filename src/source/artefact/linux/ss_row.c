#include "source/artefact/linux/ss_row.h"

#include "source/artefact/linux/listing.h"

#include <string.h>

enum { FIELDS = 7 };

static bool is_foreign(struct span word)
{
	static const char *const words[] = { "u_str", "u_dgr", "u_seq", "nl",	 "p_raw",
					     "p_dgr", "raw",   "icmp6", "sctp",	 "mptcp",
					     "dccp",  "v_str", "v_dgr", "ti_st", "ti_dg",
					     "ti_rd", "ti_sq", "xdp",	"???" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(word, words[i]))
			return true;
	return false;
}

static bool read_peers(const struct span *fields, struct dossier_socket *socket)
{
	if (!listing_endpoint(fields[0], &socket->local, &socket->local_port) ||
	    !listing_endpoint(fields[1], &socket->remote, &socket->remote_port))
		return false;
	if (span_has(fields[0], ":::") || span_has(fields[1], ":::"))
		socket->mark |= SS_COLONS;
	if (fields[0].text[0] == '*') {
		socket->mark |= SS_STAR;
		socket->local.family = FAMILY_IPV6;
		socket->ipv6_only = IPV6_ONLY_NO;
	} else if (socket->local.family == FAMILY_IPV6) {
		/* ss shows the wildcard in brackets where it keeps out of IPv4, or does not know. */
		socket->ipv6_only = IPV6_ONLY_UNKNOWN;
	}
	return socket->local_port != 0;
}

static bool has_colon(struct span span)
{
	return span.length && memchr(span.text, ':', span.length);
}

enum ss_kind ss_row_read(const struct line *line, struct ss_row *row)
{
	struct span fields[FIELDS];
	size_t count = line_fields(line, fields, FIELDS), at = 0;
	enum socket_state state;
	uint64_t queue = 0;

	*row = (struct ss_row){ .socket = { .pid = -1, .mark = SS_ANY_PROTOCOL } };
	if (count < 3)
		return SS_NO_ROW;
	if (is_foreign(fields[0]))
		return span_number(fields[count > 3 ? 2 : 1], UINT32_MAX, &queue) ?
			       SS_FOREIGN :
			       SS_NO_ROW;
	if (span_is(fields[0], "tcp") || span_is(fields[0], "udp")) {
		row->has_netid = true;
		row->socket.protocol = span_is(fields[0], "tcp") ? PROTOCOL_TCP : PROTOCOL_UDP;
		row->socket.mark = 0;
		at++;
	}
	state = listing_state(fields[at]);
	row->has_state = state < SOCKET_STATE_COUNT;
	row->socket.state = (uint8_t)state;
	row->socket.mark |= row->has_state ? 0 : SS_ANY_STATE;
	at += row->has_state;
	/* -Q leaves the queues out; then the state must say what it is. */
	if (count > at + 1 && span_number(fields[at], UINT32_MAX, &queue) &&
	    span_number(fields[at + 1], UINT32_MAX, &queue))
		at += 2;
	else if (!row->has_state)
		return SS_NO_ROW;
	else
		queue = 0;
	if (count < at + 1 || !has_colon(fields[at]))
		return SS_NO_ROW;
	row->socket.mark |= queue ? SS_QUEUE : 0;
	if (count < at + 2 || !read_peers(fields + at, &row->socket))
		return row->has_state ? SS_UNREAD : SS_NO_ROW;
	if (count > at + 2)
		row->rest = (struct span){ fields[at + 2].text,
					   (size_t)(line->text + line->length -
						    fields[at + 2].text) };
	return SS_ROW;
}

/* ---- behind the peer ---- */

static uint64_t number_at(struct span *rest, uint64_t most)
{
	uint64_t number = 0;

	while (rest->length && (unsigned)(*rest->text - '0') <= 9) {
		number = 10 * number + (uint64_t)(*rest->text - '0');
		number = number > most ? most : number;
		rest->text++;
		rest->length--;
	}
	return number;
}

static bool find_number(struct span rest, const char *name, uint64_t *number)
{
	size_t at = listing_find(rest, name) + strlen(name);

	if (at >= rest.length || (unsigned)(rest.text[at] - '0') > 9)
		return false;
	rest = listing_behind(rest, at);
	*number = number_at(&rest, UINT32_MAX);
	return true;
}

/* `users:(("pgbench",pid=812,fd=5),...)`, before iproute2 3.12 `users:(("pgbench",812,5),...)`. A name may hold any
 * characters: it ends at the quote that a pid follows. Returns what is left of the line without it. */
static struct span take_users(struct dossier *dossier, struct span rest,
			      struct dossier_socket *socket)
{
	const size_t begins = listing_find(rest, "users:((\"");
	struct span name, behind;
	size_t ends, quote;

	if (begins == rest.length)
		return rest;
	name = listing_behind(rest, begins + strlen("users:((\""));
	quote = listing_find(name, "\",pid=");
	if (quote < name.length) {
		behind = listing_behind(name, quote + strlen("\",pid="));
	} else {
		quote = listing_find(name, "\",");
		behind = listing_behind(name, quote + strlen("\","));
	}
	name.length = quote;
	if (behind.length && (unsigned)(*behind.text - '0') <= 9)
		socket->pid = (int32_t)number_at(&behind, INT32_MAX);
	if (socket->pid > 0)
		socket->name = dossier_text(dossier, name);
	for (ends = listing_find(behind, "))"); ends < behind.length;
	     ends = listing_find(behind, "))"))
		behind = listing_behind(behind, ends + 2);
	return behind;
}

/* "59sec", "1min", "5.123ms" is 5 s and 123 ms, "980ms": iproute2 misc/ss.c, print_ms_timer(). Above nine seconds the
 * milliseconds are left out. */
static bool read_time(struct span time, uint32_t *ms, uint16_t *slack_ms)
{
	uint64_t total = 0;
	bool any = false;

	*slack_ms = 1000;
	while (time.length && (unsigned)(*time.text - '0') <= 9) {
		uint64_t number = number_at(&time, 1000000);

		if (time.length > 2 && !memcmp(time.text, "min", 3)) {
			total += number * 60000;
			time = listing_behind(time, 3);
		} else if (time.length > 2 && !memcmp(time.text, "sec", 3)) {
			total += number * 1000;
			time = listing_behind(time, 3);
		} else if (time.length && *time.text == '.') {
			total += number * 1000;
			time = listing_behind(time, 1);
		} else if (time.length > 1 && !memcmp(time.text, "ms", 2)) {
			total += number;
			*slack_ms = 1;
			time = listing_behind(time, 2);
		} else {
			return false;
		}
		any = true;
	}
	*ms = total < UINT32_MAX ? (uint32_t)total : UINT32_MAX;
	return any;
}

static void take_timer(struct span rest, struct dossier_socket *socket)
{
	static const char begins[] = "timer:(timewait,";
	const size_t at = listing_find(rest, begins);
	struct span time;
	uint32_t ms;
	uint16_t slack_ms;

	if (at == rest.length)
		return;
	time = listing_behind(rest, at + strlen(begins));
	time.length = listing_find(time, ",");
	if (!read_time(time, &ms, &slack_ms))
		return;
	socket->expires_ms = ms;
	socket->expires_slack_ms = slack_ms;
	if (socket->mark & SS_ANY_STATE) {
		socket->state = SOCKET_TIME_WAIT;
		socket->mark &= (uint8_t)~SS_ANY_STATE;
	}
}

void ss_row_attributes(struct dossier *dossier, struct span rest,
		       struct dossier_socket *socket)
{
	uint64_t number;

	if (!rest.length)
		return;
	rest = take_users(dossier, rest, socket);
	take_timer(rest, socket);
	if (find_number(rest, "uid:", &number))
		socket->user = (uint32_t)number;
	if (find_number(rest, "v6only:", &number))
		socket->ipv6_only = number ? IPV6_ONLY_YES : IPV6_ONLY_NO;
	if (find_number(rest, "ino:", &number)) {
		socket->inode = (uint32_t)number;
		if (!number && socket->pid < 0)
			socket->pid = 0; /* no descriptor refers to it */
	}
}
