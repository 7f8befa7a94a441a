#include "source/artefact/trace_call.h"

#include "base/text.h"
#include "source/artefact/dossier.h"
#include "source/artefact/own_lines.h"
#include "source/artefact/text/line.h"

#include <stdlib.h>
#include <string.h>

struct line_of_call {
	const struct json_tokens *tokens;
	struct dossier *dossier;
};

static int64_t number_of(const struct line_of_call *line, const char *key, int64_t most,
			 int64_t otherwise)
{
	return own_number(line->tokens, 0, key, most, otherwise);
}

static const char *text_of(const struct line_of_call *line, const char *key)
{
	return own_text(line->tokens, 0, key, line->dossier);
}

static bool text_is(const struct line_of_call *line, const char *key, const char *text)
{
	return own_text_is(line->tokens, 0, key, text);
}

/* ---- what failed, and how ---- */

static bool take_call(const struct line_of_call *line, enum failure_call *call)
{
	for (int each = FAILURE_CONNECT; each <= FAILURE_RESERVE; each++)
		if (text_is(line, "call", failure_call_name((enum failure_call)each))) {
			*call = (enum failure_call)each;
			return true;
		}
	return false;
}

static void take_address(const struct line_of_call *line, const char *key,
			 struct address *address)
{
	size_t at = json_find(line->tokens, 0, key, 0);
	struct span span = { NULL, 0 };

	if (!at || json_kind_of(line->tokens, at) != JSON_STRING)
		return;
	span.text = json_raw(line->tokens, at, &span.length);
	if (!span_address(span, address))
		*address = (struct address){ 0 };
}

/* "0xC0000209"; 0: there is none, as of Linux. */
static uint32_t ntstatus_of(const struct line_of_call *line)
{
	size_t at = json_find(line->tokens, 0, "ntstatus", 0), length;
	char text[9] = "";
	const char *raw;

	if (!at || json_kind_of(line->tokens, at) != JSON_STRING)
		return 0;
	raw = json_raw(line->tokens, at, &length);
	if (length != 2 + sizeof text - 1 || memcmp(raw, "0x", 2) != 0)
		return 0;
	memcpy(text, raw + 2, sizeof text - 1);
	if (strspn(text, "0123456789ABCDEFabcdef") != sizeof text - 1)
		return 0;
	return (uint32_t)strtoul(text, NULL, 16);
}

static uint64_t netns_of(const struct line_of_call *line)
{
	const char *text = text_of(line, "namespace");
	uint64_t number = 0;

	return text && text_to_number(text, UINT64_MAX, &number) ? number : 0;
}

/* What Linux says for want of a port; NULL: something else. */
static const char *error_of(const struct line_of_call *line)
{
	static const char *const known[] = { "EADDRNOTAVAIL", "EADDRINUSE", "EAGAIN" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(line, "error", known[i]))
			return known[i];
	return NULL;
}

static bool take_what(const struct line_of_call *line, struct traced_failure *like,
		      int64_t source_port)
{
	bool want = own_flag(line->tokens, 0, "want_of_port", true);

	if (!take_call(line, &like->call))
		return false;
	like->protocol_known =
		text_is(line, "protocol", "tcp") || text_is(line, "protocol", "udp");
	like->protocol = text_is(line, "protocol", "udp") ? PROTOCOL_UDP : PROTOCOL_TCP;
	like->status = ntstatus_of(line);
	like->error = like->status ? NULL : error_of(line);
	like->by_transport =
		like->status && want && like->status != (uint32_t)NTSTATUS_TOO_MANY_ADDRESSES;
	like->ephemeral = like->call != FAILURE_RESERVE && !source_port;
	return like->status || like->error;
}

static struct port_range own_range_of(const struct line_of_call *line)
{
	int64_t first = number_of(line, "range_first", UINT16_MAX, 0);
	int64_t last = number_of(line, "range_last", UINT16_MAX, 0);

	return first && first <= last ?
		       (struct port_range){ (uint16_t)first, (uint16_t)last } :
		       (struct port_range){ 0 };
}

static struct failure_room room_of(const struct line_of_call *line)
{
	int64_t least = number_of(line, "room_min", UINT16_MAX, -1);
	int64_t most = number_of(line, "room_max", UINT16_MAX, -1);
	int64_t time_ms = own_time(line->tokens, 0, "room_time");

	if (least < 0 || most < least || !time_ms)
		return (struct failure_room){ 0 };
	return (struct failure_room){
		.known = true,
		.min = (unsigned)least,
		.max = (unsigned)most,
		.time_ms = time_ms,
	};
}

/* ---- whose it was ---- */

static struct process process_of(const struct line_of_call *line)
{
	return (struct process){
		.pid = (int32_t)number_of(line, "pid", INT32_MAX, 0),
		.is_told_by_pid = true,
		.name = text_of(line, "name"),
		.user = number_of(line, "user_id", UINT32_MAX, -1),
		.user_name = text_of(line, "user"),
		.unit = text_of(line, "unit"),
		.container = text_of(line, "container"),
	};
}

/* What it adds to what other files tell; these say nothing of the call, whose pid may have been another's by then. */
static int64_t learn_process(struct dossier *dossier, const struct process *told)
{
	struct process *known;

	if (!told->pid)
		return -1;
	known = dossier_process(dossier, told->pid);
	if (!known->name)
		known->name = told->name;
	if (known->user < 0)
		known->user = told->user;
	if (!known->user_name)
		known->user_name = told->user_name;
	if (!known->unit)
		known->unit = told->unit;
	if (!known->container)
		known->container = told->container;
	return dossier_process_index(dossier, told->pid);
}

bool trace_call_read(const struct json_tokens *tokens, struct dossier *dossier,
		     struct trace_call *call)
{
	const struct line_of_call line = { tokens, dossier };
	int64_t source_port = number_of(&line, "source_port", UINT16_MAX, 0);
	int64_t time_ms = own_time(tokens, 0, "time");
	struct traced_failure *like = &call->like;

	*call = (struct trace_call){ .like.process = -1 };
	if (!time_ms || !take_what(&line, like, source_port))
		return false;
	take_address(&line, "source", &like->local);
	take_address(&line, "destination", &like->remote);
	like->remote_port = (uint16_t)number_of(&line, "port", UINT16_MAX, 0);
	like->netns = netns_of(&line);
	like->netns_name = text_of(&line, "namespace_name");
	call->process = process_of(&line);
	like->process = learn_process(dossier, &call->process);
	call->told = traced_failure_told(like, (uint16_t)source_port, time_ms);
	call->told.own_range = own_range_of(&line);
	call->told.room = room_of(&line);
	call->told.process = &call->process;
	return true;
}
