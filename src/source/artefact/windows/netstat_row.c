#include "source/artefact/windows/netstat_row.h"

#include <limits.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct scan {
	const char *at, *end;
};

static struct span next_word(struct scan *scan)
{
	const char *at = scan->at, *end = scan->end;
	struct span word;

	while (at < end && is_blank(*at))
		at++;
	word.text = at;
	while (at < end && !is_blank(*at))
		at++;
	word.length = (size_t)(at - word.text);
	scan->at = at;
	return word;
}

static bool is_number(struct span word, int32_t *number)
{
	uint64_t value;

	if (!span_number(word, INT32_MAX, &value))
		return false;
	*number = (int32_t)value;
	return true;
}

/* In some languages the state is of several words; a number behind it is the pid, and what follows that, as the
 * offload state of netstat -t, is not looked at. */
static void read_rest(struct scan *scan, struct netstat_row *row)
{
	struct span word = next_word(scan);

	row->state = (struct span){ word.text, 0 };
	row->socket.pid = -1;
	while (word.length && !is_number(word, &row->socket.pid)) {
		row->state.length = (size_t)(scan->at - row->state.text);
		word = next_word(scan);
	}
}

/* "MYPC:epmap": a colon with something on both sides, and nothing that only sentences have. */
static bool is_named_endpoint(struct span word)
{
	size_t colon = word.length;

	while (colon && word.text[colon - 1] != ':')
		colon--;
	return colon > 1 && colon < word.length && word.text[colon] != '\\';
}

enum netstat_row_kind netstat_row_read(const struct line *line, struct netstat_row *row)
{
	struct scan scan = { line->text, line->text + line->length };
	struct span protocol, local, remote;
	bool is_read;

	while (scan.at < scan.end && is_blank(*scan.at))
		scan.at++;
	if (scan.end - scan.at < 8 || !is_blank(scan.at[3]))
		return NETSTAT_NO_ROW;
	protocol = next_word(&scan);
	if (memcmp(protocol.text, "TCP", 3) != 0 && memcmp(protocol.text, "UDP", 3) != 0)
		return NETSTAT_NO_ROW;
	local = next_word(&scan);
	remote = next_word(&scan);
	row->socket = (struct dossier_socket){
		.protocol = *protocol.text == 'T' ? PROTOCOL_TCP : PROTOCOL_UDP,
		.ipv6_only = IPV6_ONLY_YES,
	};
	is_read = span_endpoint(local, &row->socket.local, &row->socket.local_port) &&
		  span_endpoint(remote, &row->socket.remote, &row->socket.remote_port) &&
		  row->socket.local.family != FAMILY_NONE && row->socket.local_port;
	if (!is_read && (!is_named_endpoint(local) || !is_named_endpoint(remote)))
		return NETSTAT_NO_ROW;
	read_rest(&scan, row);
	return is_read ? NETSTAT_ROW : NETSTAT_UNREAD;
}
