#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/lsof_socket.h"

#include <string.h>

/*
 * lsof in columns: COMMAND PID [TID TASKCMD] USER FD TYPE DEVICE SIZE/OFF NODE NAME. On Linux DEVICE of an Internet socket is its inode
 * and NODE its protocol; columns may be empty, so a row is read from its type on, and its pid from the left.
 */
struct lsof_state {
	bool is_open;
	struct lsof_seen seen;
};

enum { FIELDS = 16 };

static bool is_heading(const struct line *line)
{
	struct span fields[4];

	return listing_begins(line, "COMMAND") && line_fields(line, fields, 4) == 4 &&
	       span_is(fields[0], "COMMAND") && span_is(fields[1], "PID") &&
	       span_has(line_trimmed(line), " FD ") &&
	       span_has(line_trimmed(line), " NODE NAME");
}

static bool is_type(struct span word)
{
	return span_is(word, "IPv4") || span_is(word, "IPv6") || span_is(word, "sock");
}

/* A name of up to nine letters has no blanks: lsof writes them as \x20. */
static bool read_owner(struct dossier *dossier, const struct span *fields,
		       struct dossier_socket *socket)
{
	uint64_t pid;

	if (!span_number(fields[1], INT32_MAX, &pid) || !pid)
		return false;
	socket->pid = (int32_t)pid;
	socket->name = dossier_text(dossier, fields[0]);
	return true;
}

static bool is_nameless(const struct line *line)
{
	const struct span text = line_trimmed(line);

	return span_has(text, "can't identify protocol") || span_has(text, "protocol: TCP") ||
	       span_has(text, "protocol: UDP");
}

/* Of the inode on: size, protocol, name, state. */
static bool read_socket(struct lsof_state *state, struct dossier *dossier,
			const struct span *fields, size_t count, bool six,
			struct dossier_socket *socket)
{
	uint64_t inode;

	if (count < 4 || !span_number(fields[0], UINT32_MAX, &inode) ||
	    !(span_is(fields[2], "TCP") || span_is(fields[2], "UDP")))
		return false;
	socket->inode = (uint32_t)inode;
	socket->protocol = span_is(fields[2], "TCP") ? PROTOCOL_TCP : PROTOCOL_UDP;
	if (!lsof_endpoints(fields[3], six, socket)) {
		dossier->open_table.unread_rows++;
		return true;
	}
	if (count > 4 && fields[4].length > 2 && fields[4].text[0] == '(')
		lsof_add(dossier, &state->seen, socket,
			 (struct span){ fields[4].text + 1, fields[4].length - 2 });
	else
		lsof_add(dossier, &state->seen, socket, (struct span){ "", 0 });
	return true;
}

static bool take_row(struct lsof_state *state, struct dossier *dossier,
		     const struct line *line)
{
	struct dossier_socket socket = { .pid = -1 };
	struct span fields[FIELDS];
	size_t count = line_fields(line, fields, FIELDS);

	if (count < 5 || !read_owner(dossier, fields, &socket))
		return false;
	for (size_t at = 3; at + 1 < count; at++) {
		if (!is_type(fields[at]))
			continue;
		if (span_is(fields[at], "sock"))
			state->seen.nameless += is_nameless(line);
		else
			read_socket(state, dossier, fields + at + 1, count - at - 1,
				    span_is(fields[at], "IPv6"), &socket);
		return true;
	}
	return true; /* a file, a pipe */
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct lsof_state *state = memory;

	if (!is_heading(line))
		return state->is_open && take_row(state, dossier, line);
	dossier_end_table(dossier);
	lsof_free(&state->seen);
	*state = (struct lsof_state){ .is_open = true };
	lsof_begin(dossier, context, line, &state->seen);
	return true;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct lsof_state *state = memory;

	(void)is_last;
	if (state->is_open)
		dossier_end_table(dossier);
	lsof_free(&state->seen);
}

const struct text_format text_format_lsof = {
	.name = "lsof",
	.state_size = sizeof(struct lsof_state),
	.take = take,
	.end = end,
};
