#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/own_lines.h"
#include "source/artefact/text/line.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * What portroom trace --save and --json have written (docs/schema/trace-1.json): a line that says what is watched for, one for
 * each failing call, and one that sums up. A file may have several such recordings, one behind the other, and its last one may
 * have been broken off anywhere: by a full disk, by whoever ended it, or since it goes on still. What can be read of it counts.
 *
 * A line is taken apart alone, so that memory does not grow with the file.
 */
#define SCHEMA "portroom.trace/1"

/* Of more recordings in one file than anybody makes, the rest counts to the last of these. */
enum { MOST_RECORDINGS = 1024 };

static bool is_trace(const struct artefact_input *input)
{
	return own_lines_are(input, SCHEMA);
}

struct reading {
	struct dossier *dossier;
	struct json_tokens tokens; /* of the line that is being read */
	struct traced_trace *trace;
	struct traced_recording *recording; /* NULL: none has begun yet */
	size_t recordings;
	uint64_t rows;	      /* of all recordings */
	uint64_t own_rows;    /* of this one */
	uint64_t lost;	      /* the same, by its lines */
	uint64_t line;	      /* its number, for people */
	uint64_t passed_over; /* lines that were not understood */
};

static int64_t number_of(const struct reading *reading, const char *key, int64_t most,
			 int64_t otherwise)
{
	return own_number(&reading->tokens, 0, key, most, otherwise);
}

static const char *text_of(const struct reading *reading, const char *key)
{
	return own_text(&reading->tokens, 0, key, reading->dossier);
}

static bool text_is(const struct reading *reading, const char *key, const char *text)
{
	return own_text_is(&reading->tokens, 0, key, text);
}

static void widen(struct reading *reading, int64_t time_ms)
{
	if (time_ms > reading->trace->last_ms)
		reading->trace->last_ms = time_ms;
}

/* ---- what was watched for ---- */

static void take_kind(struct reading *reading, size_t object)
{
	const struct json_tokens *tokens = &reading->tokens;

	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++)
		if (own_text_is(tokens, object, "kind",
				failure_kind_name((enum failure_kind)kind)))
			reading->recording->coverage[kind] = (struct failure_coverage){
				.covered = own_flag(tokens, object, "covered", false),
				.remark = own_text(tokens, object, "remark", reading->dossier),
			};
}

static void take_kinds(struct reading *reading)
{
	const struct json_tokens *tokens = &reading->tokens;
	size_t array = json_find(tokens, 0, "kinds", 0), at = array + 1;

	if (!array || json_kind_of(tokens, array) != JSON_ARRAY)
		return;
	for (size_t i = 0; i < json_size_of(tokens, array) && at < tokens->count; i++) {
		if (json_kind_of(tokens, at) == JSON_OBJECT)
			take_kind(reading, at);
		at = json_behind(tokens, at);
	}
}

/* The recording before is over, whether it says so or not. */
static void finish_recording(struct reading *reading, uint64_t last_line)
{
	struct traced_trace *trace = reading->trace;

	if (!reading->recording)
		return;
	if (reading->lost > trace->events_lost)
		trace->events_lost = reading->lost;
	if (!reading->recording->ended)
		dossier_note(reading->dossier,
			     _("behind line %" PRIu64 " the end is missing: the recording was "
			       "broken off, or goes on still"),
			     last_line);
	trace->incomplete |= !reading->recording->ended || trace->events_lost;
}

/* How portroom records; NULL: not so. */
static const char *source_of(const struct reading *reading)
{
	static const char *const known[] = { "bpf", "perf", "etw", "etl" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(reading, "source", known[i]))
			return known[i];
	return NULL;
}

static void take_start(struct reading *reading)
{
	struct dossier *dossier = reading->dossier;
	const char *source = source_of(reading);

	if (!source || !text_is(reading, "schema", SCHEMA)) {
		reading->passed_over++;
		return;
	}
	finish_recording(reading, reading->line - 1);
	if (reading->recordings == MOST_RECORDINGS)
		return;
	reading->recordings++;
	if (failure_source_is_windows(source))
		dossier_windows(dossier);
	else
		dossier_speaks_for(dossier, FROM_LINUX);
	reading->recording =
		arena_alloc(&dossier->snapshot->arena, sizeof *reading->recording);
	*reading->recording = (struct traced_recording){
		.source = source,
		.why_not_bpf = text_of(reading, "why_not_bpf"),
		.filtered = own_flag(&reading->tokens, 0, "filtered", false),
	};
	take_kinds(reading);
	reading->trace = dossier_add_trace(dossier);
	reading->trace->build = -1;
	reading->trace->recording = reading->recording;
	reading->trace->first_ms = own_time(&reading->tokens, 0, "time");
	reading->trace->last_ms = reading->trace->first_ms;
	reading->own_rows = reading->lost = 0;
}

/* ---- a failing call ---- */

static bool take_call(const struct reading *reading, enum failure_call *call)
{
	for (int each = FAILURE_CONNECT; each <= FAILURE_RESERVE; each++)
		if (text_is(reading, "call", failure_call_name((enum failure_call)each))) {
			*call = (enum failure_call)each;
			return true;
		}
	return false;
}

static void take_address(const struct reading *reading, const char *key,
			 struct address *address)
{
	size_t at = json_find(&reading->tokens, 0, key, 0);
	struct span span = { NULL, 0 };

	if (!at || json_kind_of(&reading->tokens, at) != JSON_STRING)
		return;
	span.text = json_raw(&reading->tokens, at, &span.length);
	if (!span_address(span, address))
		*address = (struct address){ 0 };
}

/* "0xC0000209"; 0: there is none, as of Linux. */
static uint32_t ntstatus_of(const struct reading *reading)
{
	size_t at = json_find(&reading->tokens, 0, "ntstatus", 0), length;
	char text[12] = "", *end;
	const char *raw;
	unsigned long status;

	if (!at || json_kind_of(&reading->tokens, at) != JSON_STRING)
		return 0;
	raw = json_raw(&reading->tokens, at, &length);
	if (length != 10 || memcmp(raw, "0x", 2) != 0)
		return 0;
	memcpy(text, raw, length);
	status = strtoul(text + 2, &end, 16);
	return *end ? 0 : (uint32_t)status;
}

static uint64_t netns_of(const struct reading *reading)
{
	const char *text = text_of(reading, "namespace");
	uint64_t number = 0;

	return text && text_to_number(text, UINT64_MAX, &number) ? number : 0;
}

/* What Linux says for want of a port; NULL: something else. */
static const char *error_of(const struct reading *reading)
{
	static const char *const known[] = { "EADDRNOTAVAIL", "EADDRINUSE", "EAGAIN" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_is(reading, "error", known[i]))
			return known[i];
	return NULL;
}

/* false: the line does not say what failed, or how. */
static bool take_what(const struct reading *reading, struct traced_failure *like,
		      int64_t source_port)
{
	bool want = own_flag(&reading->tokens, 0, "want_of_port", true);

	if (!take_call(reading, &like->call))
		return false;
	like->protocol_known =
		text_is(reading, "protocol", "tcp") || text_is(reading, "protocol", "udp");
	like->protocol = text_is(reading, "protocol", "udp") ? PROTOCOL_UDP : PROTOCOL_TCP;
	like->status = ntstatus_of(reading);
	like->error = like->status ? NULL : error_of(reading);
	like->by_transport =
		like->status && want && like->status != (uint32_t)NTSTATUS_TOO_MANY_ADDRESSES;
	like->ephemeral = like->call != FAILURE_RESERVE && !source_port;
	return like->status || like->error;
}

static struct port_range own_range_of(const struct reading *reading)
{
	int64_t first = number_of(reading, "range_first", UINT16_MAX, 0);
	int64_t last = number_of(reading, "range_last", UINT16_MAX, 0);

	return first && first <= last ?
		       (struct port_range){ (uint16_t)first, (uint16_t)last } :
		       (struct port_range){ 0 };
}

static struct failure_room room_of(const struct reading *reading)
{
	int64_t least = number_of(reading, "room_min", UINT16_MAX, -1);
	int64_t most = number_of(reading, "room_max", UINT16_MAX, -1);
	int64_t time_ms = own_time(&reading->tokens, 0, "room_time");

	if (least < 0 || most < least || !time_ms)
		return (struct failure_room){ 0 };
	return (struct failure_room){
		.known = true,
		.min = (unsigned)least,
		.max = (unsigned)most,
		.time_ms = time_ms,
	};
}

/* As the process was at the call: in a long recording its pid may have been another's before. */
static struct process process_of(const struct reading *reading)
{
	return (struct process){
		.pid = (int32_t)number_of(reading, "pid", INT32_MAX, 0),
		.is_told_by_pid = true,
		.name = text_of(reading, "name"),
		.user = number_of(reading, "user_id", UINT32_MAX, -1),
		.user_name = text_of(reading, "user"),
		.unit = text_of(reading, "unit"),
		.container = text_of(reading, "container"),
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

static void take_failure(struct reading *reading)
{
	int64_t source_port = number_of(reading, "source_port", UINT16_MAX, 0);
	struct process process = process_of(reading);
	struct traced_failure like = { .process = -1 };
	int64_t time_ms = own_time(&reading->tokens, 0, "time");
	struct failure told;

	if (!reading->recording || !time_ms || !take_what(reading, &like, source_port)) {
		reading->passed_over++;
		return;
	}
	take_address(reading, "source", &like.local);
	take_address(reading, "destination", &like.remote);
	like.remote_port = (uint16_t)number_of(reading, "port", UINT16_MAX, 0);
	like.netns = netns_of(reading);
	like.netns_name = text_of(reading, "namespace_name");
	like.process = learn_process(reading->dossier, &process);
	told = traced_failure_told(&like, (uint16_t)source_port, time_ms);
	told.own_range = own_range_of(reading);
	told.room = room_of(reading);
	told.process = &process;
	dossier_add_told_failure(reading->dossier, like, &told);
	widen(reading, told.time_ms);
	reading->trace->events++;
	reading->trace->failures++;
	reading->own_rows++;
	reading->rows++;
}

/* ---- what was missed, and the end ---- */

static void take_lost(struct reading *reading)
{
	if (!reading->recording)
		return;
	reading->lost += (uint64_t)number_of(reading, "count", INT32_MAX, 0);
	widen(reading, own_time(&reading->tokens, 0, "time"));
}

/* Somebody may have taken lines out. */
static void compare_sum(struct reading *reading, uint64_t failures)
{
	if (failures <= reading->own_rows)
		return;
	reading->trace->incomplete = true;
	dossier_note(reading->dossier,
		     P_("line %" PRIu64 ": of the failing calls that it counts %" PRIu64
			" is missing",
			"line %" PRIu64 ": of the failing calls that it counts %" PRIu64
			" are missing",
			(unsigned long)(failures - reading->own_rows)),
		     reading->line, failures - reading->own_rows);
}

static void take_end(struct reading *reading)
{
	struct traced_recording *recording = reading->recording;

	if (!recording)
		return;
	recording->ended = true;
	recording->unclear = (uint64_t)number_of(reading, "unclear", INT64_MAX, 0);
	reading->trace->incomplete |=
		recording->unclear || number_of(reading, "unread", INT64_MAX, 0);
	reading->trace->events_lost = (uint64_t)number_of(reading, "lost", INT64_MAX, 0);
	widen(reading, own_time(&reading->tokens, 0, "time"));
	compare_sum(reading, (uint64_t)number_of(reading, "failures", INT64_MAX, 0));
}

/* ---- the file ---- */

static void take_object(struct reading *reading)
{
	static const struct {
		const char *name;
		void (*take)(struct reading *reading);
	} lines[] = {
		{ "start", take_start },
		{ "failure", take_failure },
		{ "lost", take_lost },
		{ "end", take_end },
	};

	if (json_kind_of(&reading->tokens, 0) != JSON_OBJECT) {
		reading->passed_over++;
		return;
	}
	/* A later portroom may have lines of other names. */
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (text_is(reading, "line", lines[i].name))
			lines[i].take(reading);
}

static void take_line(struct reading *reading, const struct line *line)
{
	struct error why;

	reading->line = line->number;
	if (!json_tokens_make(&reading->tokens, line->text, line->length, &why)) {
		take_object(reading);
	} else if (line->unended) {
		dossier_note(reading->dossier,
			     _("it ends within line %" PRIu64
			       "; was the file cut off, or the disk full?"),
			     line->number);
	} else {
		reading->passed_over++;
		dossier_note(reading->dossier, _("line %" PRIu64 ": %s"), line->number,
			     why.text);
	}
	json_tokens_free(&reading->tokens);
}

static void finish(struct reading *reading)
{
	finish_recording(reading, reading->line);
	if (!reading->passed_over)
		return;
	if (reading->trace)
		reading->trace->incomplete = true;
	dossier_note(reading->dossier,
		     P_("%" PRIu64 " line was not understood and passed over",
			"%" PRIu64 " lines were not understood and passed over",
			(unsigned long)reading->passed_over),
		     reading->passed_over);
}

static int read_trace(const struct artefact_input *input, struct dossier *dossier,
		      struct error *error)
{
	struct reading reading = { .dossier = dossier };
	struct lines lines;
	struct line line;

	dossier_name_part(dossier, "portroom trace");
	lines_begin(&lines, input->bytes, input->size);
	lines.input = input;
	while (lines_next(&lines, &line))
		if (!line_is_blank(&line))
			take_line(&reading, &line);
	lines_end(&lines);
	finish(&reading);
	if (!reading.recordings)
		return error_set(error, "%s",
				 _("none of its lines says what was watched for"));
	dossier_count_records(dossier, reading.rows);
	dossier_used_for(dossier, N_("failing calls"));
	return 0;
}

const struct artefact_kind artefact_trace_lines = {
	.name = "portroom trace",
	.is = is_trace,
	.read = read_trace,
	.last = true,
};
