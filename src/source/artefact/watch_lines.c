#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/own_lines.h"
#include "source/artefact/series.h"
#include "source/artefact/series_count.h"
#include "source/artefact/text/json_objects.h"
#include "source/artefact/text/json_tokens.h"

#include <string.h>

/*
 * What portroom watch --json has written, a line a look (docs/schema/watch-1.json): a loop may have run for weeks. Each look is a
 * point of a series; what the last one found is the verdict of its time. Lines of an earlier portroom have no numbers of
 * ports: they are passed over.
 */
#define SCHEMA "portroom.watch/1"

enum { MOST_PORTS = 1 << 17 };
#define MOST_SOCKETS (INT64_C(1) << 31)

static bool is_watch(const struct artefact_input *input)
{
	return own_lines_are(input, SCHEMA);
}

struct reading {
	struct dossier *dossier;
	struct json_tokens tokens;
	struct series_point point;
	struct series_share shares[SERIES_SHARES];
	struct watched_look look;
	uint64_t looks, passed_over;
};

static size_t rows_of(const struct reading *reading, const char *key, size_t *count)
{
	size_t array = json_find(&reading->tokens, 0, key, 0);

	*count = 0;
	if (!array || json_kind_of(&reading->tokens, array) != JSON_ARRAY)
		return 0;
	*count = json_size_of(&reading->tokens, array);
	return array + 1;
}

/* ---- one look ---- */

static void take_range(struct reading *reading, size_t row, enum protocol protocol, int six)
{
	int64_t first = own_number(&reading->tokens, row, "first", UINT16_MAX, 0);
	int64_t last = own_number(&reading->tokens, row, "last", UINT16_MAX, 0);
	struct windows *windows = reading->dossier->snapshot->windows;

	if (!windows || !first || first > last)
		return;
	windows->ranges[protocol][six].range =
		(struct port_range){ (uint16_t)first, (uint16_t)last };
	windows->ranges[protocol][six].assumed = false;
}

static void take_pool(struct reading *reading, size_t row)
{
	enum protocol protocol = own_text_is(&reading->tokens, row, "protocol", "udp") ?
					 PROTOCOL_UDP :
					 PROTOCOL_TCP;
	int six = own_text_is(&reading->tokens, row, "family", "ipv6");
	int64_t used = own_number(&reading->tokens, row, "used", MOST_PORTS, -1);
	int64_t size = own_number(&reading->tokens, row, "capacity", MOST_PORTS, 0);

	take_range(reading, row, protocol, six);
	if (used < 0 || size <= 0)
		return;
	reading->point.is_counted = true;
	reading->point.counted[protocol][six] = (struct series_counted){
		.used = (uint32_t)(used < size ? used : size),
		.size = (uint32_t)size,
	};
}

static void take_process(struct reading *reading, size_t row)
{
	int64_t pid = own_number(&reading->tokens, row, "pid", INT32_MAX, -1);
	const char *name = own_text(&reading->tokens, row, "name", reading->dossier);

	if (pid <= 0 || reading->point.share_count == SERIES_SHARES)
		return;
	if (name)
		dossier_process(reading->dossier, (int32_t)pid)->name = name;
	reading->shares[reading->point.share_count++] = (struct series_share){
		.pid = pid,
		.name = name,
		.ports = (uint32_t)own_number(&reading->tokens, row, "ports", MOST_PORTS, 0),
		.bound = (uint32_t)own_number(&reading->tokens, row, "bound", MOST_SOCKETS, 0),
		.close_wait = (uint32_t)own_number(&reading->tokens, row, "close_wait",
						   MOST_SOCKETS, 0),
		.established = (uint32_t)own_number(&reading->tokens, row, "established",
						    MOST_SOCKETS, 0),
	};
}

static void each_row(struct reading *reading, const char *key,
		     void (*take)(struct reading *reading, size_t row))
{
	size_t count, row = rows_of(reading, key, &count);

	for (size_t i = 0; i < count && row < reading->tokens.count; i++) {
		if (json_kind_of(&reading->tokens, row) == JSON_OBJECT)
			take(reading, row);
		row = json_behind(&reading->tokens, row);
	}
}

static void take_states(struct reading *reading)
{
	struct series_point *point = &reading->point;
	size_t states = json_find(&reading->tokens, 0, "states", 0);
	int64_t rows = own_number(&reading->tokens, 0, "udp", MOST_SOCKETS, 0);

	if (!states || json_kind_of(&reading->tokens, states) != JSON_OBJECT)
		return;
	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		rows += own_number(&reading->tokens, states,
				   socket_state_name((enum socket_state)state), MOST_SOCKETS,
				   0);
	point->rows = (uint32_t)(rows < UINT32_MAX ? rows : UINT32_MAX);
	point->established =
		(uint32_t)own_number(&reading->tokens, states, "established", MOST_SOCKETS, 0);
	point->time_wait =
		(uint32_t)own_number(&reading->tokens, states, "time_wait", MOST_SOCKETS, 0);
	point->close_wait =
		(uint32_t)own_number(&reading->tokens, states, "close_wait", MOST_SOCKETS, 0);
	point->bound =
		(uint32_t)own_number(&reading->tokens, states, "bound", MOST_SOCKETS, 0);
}

/* ---- what it found ---- */

static const char *fullest_text(const struct reading *reading, size_t fullest)
{
	struct arena *arena = &reading->dossier->snapshot->arena;
	const char *protocol =
		own_text(&reading->tokens, fullest, "protocol", reading->dossier);
	const char *source = own_text(&reading->tokens, fullest, "source", reading->dossier);
	const char *destination =
		own_text(&reading->tokens, fullest, "destination", reading->dossier);
	int64_t port = own_number(&reading->tokens, fullest, "port", UINT16_MAX, 0);

	protocol = protocol ? protocol : "tcp";
	if (!destination)
		return source ? arena_print(arena, "%s %s", protocol, source) : protocol;
	return arena_print(arena,
			   strchr(destination, ':') ? "%s %s -> [%s]:%d" : "%s %s -> %s:%d",
			   protocol, source ? source : "*", destination, (int)port);
}

static void take_verdict(struct reading *reading)
{
	size_t fullest = json_find(&reading->tokens, 0, "fullest", 0);
	size_t culprit = json_find(&reading->tokens, 0, "culprit", 0);
	int64_t pid = -1;

	reading->look = (struct watched_look){
		.verdict = own_text(&reading->tokens, 0, "verdict", reading->dossier),
		.artefact = dossier_part(reading->dossier),
		.time_ms = reading->point.time_ms,
		.room = -1,
		.capacity = -1,
		.process = -1,
	};
	if (fullest && json_kind_of(&reading->tokens, fullest) == JSON_OBJECT) {
		reading->look.room =
			own_number(&reading->tokens, fullest, "room_min", MOST_PORTS, -1);
		reading->look.capacity =
			own_number(&reading->tokens, fullest, "capacity", MOST_PORTS, -1);
		reading->look.fullest = fullest_text(reading, fullest);
	}
	if (culprit && json_kind_of(&reading->tokens, culprit) == JSON_OBJECT)
		pid = own_number(&reading->tokens, culprit, "pid", INT32_MAX, -1);
	if (pid > 0)
		reading->look.process = dossier_process_index(reading->dossier, (int32_t)pid);
}

static void take_look(struct reading *reading)
{
	reading->point = (struct series_point){
		.artefact = dossier_part(reading->dossier),
		.what = "portroom watch",
		.time_ms = own_time(&reading->tokens, 0, "time"),
		.since_ms = -1,
		.shares = reading->shares,
	};
	own_host(&reading->tokens, reading->dossier);
	each_row(reading, "pools", take_pool);
	each_row(reading, "processes", take_process);
	take_states(reading);
	if (!reading->point.is_counted || !reading->point.time_ms) {
		reading->passed_over++;
		return;
	}
	take_verdict(reading);
	series_add_look(reading->dossier, &reading->point);
	reading->looks++;
}

/* ---- the file ---- */

static void take_object(struct reading *reading, const struct json_objects *objects)
{
	struct error why;

	if (json_tokens_make(&reading->tokens, objects->text, objects->length, &why))
		dossier_note(reading->dossier, _("byte %llu: %s"),
			     (unsigned long long)objects->offset, why.text);
	else if (own_text_is(&reading->tokens, 0, "schema", SCHEMA))
		take_look(reading);
	else
		reading->passed_over++;
	json_tokens_free(&reading->tokens);
}

static void tell(const struct reading *reading, const struct json_objects *objects)
{
	json_objects_note(objects, reading->dossier);
	if (reading->passed_over)
		dossier_note(reading->dossier,
			     P_("%llu line without counted ports was passed over",
				"%llu lines without counted ports were passed over",
				reading->passed_over),
			     (unsigned long long)reading->passed_over);
}

static int read_watch(const struct artefact_input *input, struct dossier *dossier,
		      struct error *error)
{
	struct reading reading = { .dossier = dossier };
	struct evidence_facts *facts = &dossier->snapshot->evidence;
	struct json_objects objects;

	dossier_name_part(dossier, "portroom watch");
	json_objects_begin(&objects, input);
	while (json_objects_next(&objects))
		take_object(&reading, &objects);
	tell(&reading, &objects);
	json_objects_end(&objects);
	if (!reading.looks)
		return error_set(error, "%s",
				 _("none of its lines has a time and counted ports"));
	dossier_count_records(dossier, reading.looks);
	dossier_used_for(dossier, N_("how it went on"));
	if (reading.look.time_ms >= facts->look.time_ms)
		facts->look = reading.look;
	return 0;
}

const struct artefact_kind artefact_watch_lines = {
	.name = "portroom watch",
	.is = is_watch,
	.read = read_watch,
};
