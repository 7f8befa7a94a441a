#include "base/language.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/listing_time.h"
#include "source/artefact/linux/proc_net_line.h"

#include <string.h>

/*
 * /proc/net/tcp, tcp6, udp and udp6, one by one or one behind the other. The heading says which it is: that of IPv6 has
 * "remote_address", those of UDP end in "drops". That of /proc/net/raw is udp's, indented less (Linux net/ipv4/raw.c,
 * raw_seq_show()); its rows are no ports.
 */
struct proc_net_state {
	bool is_open, is_raw;
	enum protocol protocol;
	uint64_t little, big; /* rows with an address that is loopback in this byte order */
};

static bool is_heading(const struct line *line)
{
	struct span fields[6];

	return line_fields(line, fields, 6) == 6 && span_is(fields[0], "sl") &&
	       span_is(fields[1], "local_address") && span_is(fields[3], "st") &&
	       span_is(fields[4], "tx_queue");
}

/* ---- byte order ---- */

/* Read as one word, 127.0.0.1 and ::1 look so in the byte order in which they were not written. */
static bool is_swapped_loopback(const struct address *address)
{
	static const uint8_t four[] = { 1, 0, 0, 127 };
	static const uint8_t six[16] = { [12] = 1 };

	return address->family == FAMILY_IPV4 ? !memcmp(address->bytes, four, sizeof four) :
						!memcmp(address->bytes, six, sizeof six);
}

static struct address swap(const struct address *address)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = address->bytes[i / 4 * 4 + 3 - i % 4];
	return address->family == FAMILY_IPV4 ? address_ipv4(bytes) : address_ipv6(bytes);
}

static void swap_all(struct dossier_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		table->sockets[i].local = swap(&table->sockets[i].local);
		table->sockets[i].remote = swap(&table->sockets[i].remote);
	}
}

/* ---- lines ---- */

static void finish(struct dossier *dossier, struct dossier_table *table, void *memory)
{
	const struct proc_net_state *state = memory;

	if (state->big <= state->little)
		return;
	swap_all(table);
	dossier_note(dossier, _("its addresses are taken for those of a big-endian machine"));
}

static void begin(struct proc_net_state *state, struct dossier *dossier,
		  const struct text_context *context, const struct line *line)
{
	const struct span heading = line_trimmed(line);
	struct dossier_table *table;

	state->protocol = span_has(heading, "drops") ? PROTOCOL_UDP : PROTOCOL_TCP;
	state->is_raw = state->protocol == PROTOCOL_UDP &&
			!span_has(heading, "remote_address") && !line_begins(line, "   sl");
	if (state->is_raw)
		return;
	table = dossier_begin_table(
		dossier, state->protocol == PROTOCOL_UDP ? "/proc/net/udp" : "/proc/net/tcp",
		FROM_LINUX);
	table->finish = finish;
	table->state = state;
	listing_time(dossier, table, context, line);
	table->shows_tcp = state->protocol == PROTOCOL_TCP;
	table->shows_udp = state->protocol == PROTOCOL_UDP;
	table->shows_listeners = true;
	table->only_ipv6 = span_has(heading, "remote_address");
	table->only_ipv4 = !table->only_ipv6;
	state->is_open = true;
}

static void add(struct proc_net_state *state, struct dossier *dossier,
		const struct socket_record *record)
{
	struct dossier_socket socket = {
		.local = record->local,
		.remote = record->remote,
		.local_port = record->local_port,
		.remote_port = record->remote_port,
		.protocol = (uint8_t)record->protocol,
		.state = (uint8_t)record->state,
		.age = record->state == SOCKET_TIME_WAIT ? AGE_UNCERTAIN : AGE_NONE,
		.ipv6_only = (uint8_t)record->ipv6_only,
		.pid = record->inode ? -1 : 0,
		.user = record->user,
		.inode = record->inode,
		.expires_ms = record->expires_ms,
		.expires_slack_ms = 10,
	};

	state->little += address_is_loopback(&record->local);
	state->big += is_swapped_loopback(&record->local);
	if (!record->local_port)
		return; /* it was closed while the file was read */
	dossier_add_socket(dossier, &socket);
}

static bool is_row(const struct line *line)
{
	struct span fields[3];

	return line_fields(line, fields, 3) == 3 && fields[0].length > 1 &&
	       fields[0].text[fields[0].length - 1] == ':' &&
	       (unsigned)(fields[0].text[0] - '0') <= 9;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct proc_net_state *state = memory;

	(void)is_last;
	if (state->is_open)
		dossier_end_table(dossier);
	*state = (struct proc_net_state){ 0 };
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct proc_net_state *state = memory;
	struct socket_record record;

	if (is_heading(line)) {
		end(state, dossier, false);
		begin(state, dossier, context, line);
		return true;
	}
	if (!state->is_open)
		return state->is_raw && is_row(line);
	if (proc_net_line(line, state->protocol, true, &record)) {
		add(state, dossier, &record);
		return true;
	}
	if (!is_row(line))
		return false;
	dossier->open_table.unread_rows++;
	dossier_note(dossier, _("line %llu is not a socket"),
		     (unsigned long long)line->number);
	return true;
}

const struct text_format text_format_proc_net = {
	.name = "proc_net",
	.state_size = sizeof(struct proc_net_state),
	.take = take,
	.end = end,
};
