#include "source/artefact/linux/listing.h"
#include "source/artefact/linux/lsof_socket.h"

#include <string.h>

/*
 * lsof -F: a field a line, named by its first letter. A process begins with p, a file of it with f; of a socket t is its type, d its
 * inode, P the protocol, n the name, TST= the state (lsof(8), OUTPUT FOR OTHER PROGRAMS).
 */
struct lsof_fields_state {
	bool is_open, has_table, has_protocol, is_ip, is_six, is_nameless;
	int64_t modified_ms;
	struct lsof_seen seen;
	int32_t pid;
	const char *name;
	struct dossier_socket socket;
	char state[24], endpoints[256];
};

static void finish(struct dossier *dossier, struct dossier_table *table, void *memory);

/* Not before there is a socket: a first line may look like one of these by chance. And not when the section is over, when
 * another form may have begun one. */
static void begin_table(struct lsof_fields_state *state, struct dossier *dossier)
{
	const struct text_context context = { .modified_ms = state->modified_ms };
	const struct line line = { .text = "" };
	struct dossier_table *table;

	if (state->has_table || !state->is_ip || !state->has_protocol || !state->endpoints[0])
		return;
	table = lsof_begin(dossier, &context, &line, &state->seen);
	table->finish = finish;
	table->state = state;
	state->has_table = true;
}

/* The file before is complete when the next begins. */
static void flush(struct lsof_fields_state *state, struct dossier *dossier)
{
	struct dossier_socket *socket = &state->socket;
	const struct span endpoints = { state->endpoints, strlen(state->endpoints) };

	state->seen.nameless += state->is_nameless;
	if (state->is_ip && state->has_protocol && endpoints.length) {
		socket->pid = state->pid;
		socket->name = state->name;
		if (lsof_endpoints(endpoints, state->is_six, socket))
			lsof_add(dossier, &state->seen, socket,
				 (struct span){ state->state, strlen(state->state) });
		else
			dossier->open_table.unread_rows++;
	}
	*socket = (struct dossier_socket){ 0 };
	state->has_protocol = state->is_ip = state->is_six = state->is_nameless = false;
	state->state[0] = state->endpoints[0] = '\0';
}

static void finish(struct dossier *dossier, struct dossier_table *table, void *memory)
{
	struct lsof_fields_state *state = memory;

	flush(state, dossier);
	lsof_finish(dossier, table, &state->seen);
}

static void copy(char *to, size_t size, struct span value)
{
	size_t length = value.length < size ? value.length : 0;

	memcpy(to, value.text, length);
	to[length] = '\0';
}

static void take_process(struct lsof_fields_state *state, struct span value)
{
	uint64_t pid;

	state->pid = span_number(value, INT32_MAX, &pid) ? (int32_t)pid : -1;
	state->name = NULL;
}

static void take_inode(struct lsof_fields_state *state, struct span value)
{
	uint64_t inode;

	if (span_number(value, UINT32_MAX, &inode))
		state->socket.inode = (uint32_t)inode;
}

static void take_protocol(struct lsof_fields_state *state, struct span value)
{
	state->has_protocol = span_is(value, "TCP") || span_is(value, "UDP");
	state->socket.protocol = span_is(value, "UDP") ? PROTOCOL_UDP : PROTOCOL_TCP;
}

static void take_field(struct lsof_fields_state *state, struct dossier *dossier, char letter,
		       struct span value)
{
	switch (letter) {
	case 'p':
		flush(state, dossier);
		take_process(state, value);
		break;
	case 'c':
		state->name = dossier_text(dossier, value);
		break;
	case 'f':
		flush(state, dossier);
		break;
	case 't':
		state->is_ip = span_is(value, "IPv4") || span_is(value, "IPv6");
		state->is_six = span_is(value, "IPv6");
		break;
	case 'd':
		take_inode(state, value);
		break;
	case 'P':
		take_protocol(state, value);
		break;
	case 'n':
		copy(state->endpoints, sizeof state->endpoints, value);
		state->is_nameless = span_has(value, "can't identify protocol") ||
				     span_has(value, "protocol: TCP");
		break;
	case 'T':
		if (value.length > 3 && !memcmp(value.text, "ST=", 3))
			copy(state->state, sizeof state->state, listing_behind(value, 3));
		break;
	}
}

/* Only names of files and commands have blanks. */
static bool is_field(const struct line *line)
{
	if (!line->length || !strchr("pcfgRuLtaldDskionPTGNFCrSKMm", line->text[0]))
		return false;
	return strchr("cnLNCM", line->text[0]) || !memchr(line->text, ' ', line->length);
}

static bool is_process(const struct line *line)
{
	const struct span value = { line->text + 1, line->length ? line->length - 1 : 0 };
	uint64_t pid;

	return line->length > 1 && line->text[0] == 'p' &&
	       span_number(value, INT32_MAX, &pid) && pid;
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct lsof_fields_state *state = memory;

	if (!state->is_open && !is_process(line))
		return false;
	state->is_open = is_field(line);
	state->modified_ms = context->modified_ms;
	if (state->is_open) {
		take_field(state, dossier, line->text[0],
			   (struct span){ line->text + 1, line->length - 1 });
		begin_table(state, dossier);
	}
	return state->is_open;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct lsof_fields_state *state = memory;

	(void)is_last;
	if (dossier->table_is_open && dossier->open_table.state == state)
		dossier_end_table(dossier);
	lsof_free(&state->seen);
}

const struct text_format text_format_lsof_fields = {
	.name = "lsof -F",
	.state_size = sizeof(struct lsof_fields_state),
	.take = take,
	.end = end,
};
