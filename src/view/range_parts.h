#pragma once

#include "base/json.h"
#include "snapshot/port_range.h"
#include "view/view.h"

struct arena;
struct capacity;
struct range_room;

/*
 * What every system's documents of a change of the range have in the same words (view/range_change.h,
 * view/range_change_windows.h).
 */
enum { RANGE_LABEL_COLUMNS = 10 };

/* "49152-65535 -> 10000-65535; usable ports 16,384 -> 55,536" */
void range_parts_change(const char *label, struct port_range before, unsigned usable_before,
			struct port_range after, unsigned usable_after, struct arena *arena,
			const struct view_style *style);

/* A line for each destination, the first with the label. */
void range_parts_rooms(const struct range_room *rooms, size_t count, struct arena *arena,
		       const struct view_style *style);

/* Ports in use that will lie outside; of none nothing is said. */
void range_parts_left_outside(unsigned count, struct arena *arena,
			      const struct view_style *style);

/* That firewalls must know of it, where the range comes to have ports that it had not. */
bool range_parts_has_new(struct port_range before, struct port_range after);
void range_parts_firewalls(const struct view_style *style);

/* The first keys of a document: schema, time, namespace. */
void range_parts_json_begin(struct json *json, const char *schema,
			    const struct snapshot *snapshot, uint32_t netns);

void range_parts_json_capacity(struct json *json, const char *key,
			       const struct capacity *capacity);
void range_parts_json_range(struct json *json, const char *key, struct port_range range);
void range_parts_json_rooms(struct json *json, const struct range_room *rooms, size_t count);
