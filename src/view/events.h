#pragma once

#include "view/view.h"

#include <stddef.h>

struct arena;
struct event;

/*
 * portroom events: what the system has noted of itself that bears on ports.
 */
struct events_row {
	const struct event *event;
	int utc_offset_s; /* of the time that is shown */
};

/* Of a log, or of the counters. */
struct events_source {
	const char *name;
	bool used;
	int64_t lines;	   /* looked at; -1: it has no lines */
	int64_t oldest_ms; /* of these; 0: there was none */
	const char *why_not;
};

struct events_view {
	const struct snapshot *snapshot; /* host, gaps */
	int64_t time_ms, since_ms;
	int since_offset_s;
	const struct events_row *rows; /* oldest first, counters last */
	size_t count, more;	       /* shown, left out */
	uint64_t rest;		       /* events of further kinds than are kept */
	const struct events_source *sources;
	size_t source_count;
};

void events_text(const struct events_view *view, const struct view_style *style);
void events_json(const struct events_view *view, FILE *out);

/* ---- as they come ---- */

void events_heading_text(const struct view_style *style);
void events_row_text(const struct events_row *row, const struct view_style *style);
void events_meaning_text(const struct event *event, const struct view_style *style);

/* JSON Lines: one that tells where is looked, the events, lines that were lost, and one that sums up. */
struct json;
void events_start_json(const struct events_view *view, struct json *json);
void events_event_json(const struct event *event, int64_t time_ms, struct json *json);
void events_lost_json(int64_t time_ms, uint64_t lost, struct json *json);
void events_end_json(int64_t time_ms, double seconds, uint64_t events, struct json *json);

/* For standard error: a sentence, made anew. */
const char *events_end_sentence(struct arena *arena, double seconds, uint64_t events);
