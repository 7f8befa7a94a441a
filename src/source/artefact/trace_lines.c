#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/own_lines.h"
#include "source/artefact/text/line.h"
#include "source/artefact/trace_call.h"

#include <inttypes.h>

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
	own_host(&reading->tokens, dossier);
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

static void take_failure(struct reading *reading)
{
	struct trace_call call;

	if (!reading->recording ||
	    !trace_call_read(&reading->tokens, reading->dossier, &call)) {
		reading->passed_over++;
		return;
	}
	dossier_add_told_failure(reading->dossier, call.like, &call.told);
	widen(reading, call.told.time_ms);
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
};
