#include "base/arena.h"
#include "base/json.h"
#include "diagnosis/logged.h"
#include "snapshot/snapshot.h"
#include "view/logged.h"

#include <stdlib.h>

static void put_event(struct json *json, struct arena *arena,
		      const struct evidence_facts *facts, const struct logged_event *event)
{
	const struct topic *topic = logged_topic(event);

	json_text(json, "source", "log");
	json_text(json, "name", logged_name(arena, event));
	json_text(json, "file", facts->artefacts[event->artefact].file);
	json_text(json, "provider", event->provider);
	json_number(json, "id", event->id);
	json_text(json, "exhaustion", exhaustion_name(logged_exhaustion(event)));
	json_number(json, "count", (int64_t)event->count);
	view_json_time(json, "first", event->first_ms);
	view_json_time(json, "last", event->last_ms);
	json_bool(json, "time_is_local", event->time_is_local);
	json_text(json, "message", event->text);
	json_text(json, "meaning", topic ? topic->tell : NULL);
	json_text(json, "next", topic ? topic->next : NULL);
}

static void put_log(struct json *json, const struct evidence_facts *facts,
		    const struct logged_log *log)
{
	static const char *const absences[] = { "weak", "cleared", "holes", "excerpt",
						"elsewhere" };

	json_text(json, "file", facts->artefacts[log->artefact].file);
	json_text(json, "channel", log->channel);
	json_number(json, "records", (int64_t)log->records);
	json_number(json, "missing", (int64_t)log->missing);
	json_number(json, "recovered", (int64_t)log->recovered);
	json_number(json, "recovered_read", (int64_t)log->recovered_read);
	view_json_time(json, "oldest", log->oldest_ms);
	view_json_time(json, "newest", log->newest_ms);
	view_json_time(json, "looked_from", log->looked_from_ms);
	json_bool(json, "time_is_local", log->time_is_local);
	json_bool(json, "corrupted", log->corrupted);
	json_bool(json, "cleared", log->cleared);
	view_json_time(json, "cleared_time", log->cleared_ms);
	json_bool(json, "excerpt", log->excerpt);
	json_text(json, "absence", absences[logged_absence_in(log)]);
}

static void put_files(struct json *json, const struct evidence_facts *facts)
{
	json_array(json, "files");
	for (size_t i = 0; i < facts->artefact_count; i++) {
		const struct artefact *artefact = &facts->artefacts[i];

		json_row(json, NULL);
		json_text(json, "file", artefact->file);
		json_text(json, "kind", artefact->kind);
		json_number(json, "records", (int64_t)artefact->records);
		json_text(json, "partial", artefact->partial);
		json_text(json, "why_not", artefact->why_not);
		json_end_object(json);
	}
	json_end_array(json);
}

void logged_json(const struct snapshot *snapshot, int64_t now_ms, FILE *out)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	const struct logged_event **events = logged_by_time(facts);
	struct json json = { .out = out, .pretty = true };
	struct arena arena = { 0 };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.events/1");
	view_json_time(&json, "time", now_ms);
	view_json_host(&json, snapshot);
	json_array(&json, "events");
	for (size_t i = 0; i < facts->event_count; i++) {
		json_object(&json, NULL);
		put_event(&json, &arena, facts, events[i]);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_array(&json, "logs");
	for (size_t i = 0; i < facts->log_count; i++) {
		json_object(&json, NULL);
		put_log(&json, facts, &facts->logs[i]);
		json_end_object(&json);
	}
	json_end_array(&json);
	put_files(&json, facts);
	json_end_object(&json);
	free(events);
	arena_free(&arena);
}

/* ---- JSON Lines ---- */

static void begin_line(struct json *json, const char *line, int64_t now_ms)
{
	json_row(json, NULL);
	json_text(json, "line", line);
	view_json_time(json, "time", now_ms);
}

void logged_start_json(const struct snapshot *snapshot, int64_t now_ms, struct json *json)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	begin_line(json, "start", now_ms);
	json_text(json, "schema", "portroom.events/1");
	view_json_host(json, snapshot);
	json_array(json, "logs");
	for (size_t i = 0; i < facts->log_count; i++) {
		json_row(json, NULL);
		put_log(json, facts, &facts->logs[i]);
		json_end_object(json);
	}
	json_end_array(json);
	put_files(json, facts);
	json_end_object(json);
}

void logged_event_json(const struct snapshot *snapshot, const struct logged_event *event,
		       int64_t now_ms, struct json *json)
{
	struct arena arena = { 0 };

	begin_line(json, "event", now_ms);
	put_event(json, &arena, &snapshot->evidence, event);
	json_end_object(json);
	arena_free(&arena);
}
