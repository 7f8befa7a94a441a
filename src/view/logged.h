#pragma once

#include "view/view.h"

struct json;
struct logged_event;

/*
 * portroom events --on, and portroom events on Windows: what a machine has logged itself, as files or its own log tell it, how
 * far the logs reach, and what the absence of an event says.
 */
void logged_text(const struct snapshot *snapshot, const struct view_style *style);
void logged_json(const struct snapshot *snapshot, int64_t now_ms, FILE *out);

/* ---- as they come ---- */

void logged_heading_text(const struct snapshot *snapshot, const struct view_style *style);

/* A row, and what it means if that was not told yet. */
void logged_event_text(const struct snapshot *snapshot, const struct logged_event *event,
		       bool explain, const struct view_style *style);

/* JSON Lines: one that tells what is looked at, then the events. What sums up is of view/events.h. */
void logged_start_json(const struct snapshot *snapshot, int64_t now_ms, struct json *json);
void logged_event_json(const struct snapshot *snapshot, const struct logged_event *event,
		       int64_t now_ms, struct json *json);
