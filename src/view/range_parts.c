#include "view/range_parts.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/range_plan.h"
#include "view/layout.h"

void range_parts_change(const char *label, struct port_range before, unsigned usable_before,
			struct port_range after, unsigned usable_after, struct arena *arena,
			const struct view_style *style)
{
	char ports_before[32], ports_after[32];

	layout_item(style, label, RANGE_LABEL_COLUMNS,
		    arena_print(arena, _("%u-%u -> %u-%u; usable ports %s -> %s"),
				before.first, before.last, after.first, after.last,
				text_grouped(ports_before, usable_before),
				text_grouped(ports_after, usable_after)),
		    NULL);
}

void range_parts_rooms(const struct range_room *rooms, size_t count, struct arena *arena,
		       const struct view_style *style)
{
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		const struct destination *destination = rooms[i].destination;

		layout_item(
			style, i ? "" : _("room"), RANGE_LABEL_COLUMNS,
			arena_print(arena, "tcp %s -> %s: %s -> %s",
				    address_print(source, &destination->source),
				    address_print_endpoint(target, &destination->destination,
							   destination->port),
				    view_room(arena, &rooms[i].before),
				    view_room(arena, &rooms[i].after)),
			NULL);
	}
}

void range_parts_left_outside(unsigned count, struct arena *arena,
			      const struct view_style *style)
{
	char text[32];

	if (!count)
		return;
	layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
		    arena_print(arena,
				P_("%s port in use will lie outside: it stays with its "
				   "socket until that closes",
				   "%s ports in use will lie outside: they stay with "
				   "their sockets until these close",
				   count),
				text_grouped(text, count)),
		    NULL);
}

bool range_parts_has_new(struct port_range before, struct port_range after)
{
	return after.first < before.first || after.last > before.last;
}

void range_parts_firewalls(const struct view_style *style)
{
	layout_item(style, _("note"), RANGE_LABEL_COLUMNS,
		    _("firewalls between servers must let the new ports through, too: "
		      "RPC and others answer to them"),
		    NULL);
}

/* ---- JSON ---- */

void range_parts_json_begin(struct json *json, const char *schema,
			    const struct snapshot *snapshot, uint32_t netns)
{
	char time[32];

	json_object(json, NULL);
	json_text(json, "schema", schema);
	json_text(json, "time", view_time(time, snapshot->time_ms));
	view_json_netns(json, "namespace", snapshot, netns);
}

void range_parts_json_capacity(struct json *json, const char *key,
			       const struct capacity *capacity)
{
	json_object(json, key);
	json_known(json, "room_min", capacity->known ? (int64_t)capacity->room_min : -1);
	json_known(json, "room_max", capacity->known ? (int64_t)capacity->room_max : -1);
	json_end_object(json);
}

void range_parts_json_range(struct json *json, const char *key, struct port_range range)
{
	json_row(json, key);
	json_number(json, "first", range.first);
	json_number(json, "last", range.last);
	json_end_object(json);
}

void range_parts_json_rooms(struct json *json, const struct range_room *rooms, size_t count)
{
	json_array(json, "destinations");
	for (size_t i = 0; i < count; i++) {
		const struct destination *destination = rooms[i].destination;

		json_object(json, NULL);
		json_text(json, "protocol", "tcp");
		view_json_address(json, "source", &destination->source);
		view_json_address(json, "destination", &destination->destination);
		json_number(json, "port", destination->port);
		range_parts_json_capacity(json, "before", &rooms[i].before);
		range_parts_json_capacity(json, "after", &rooms[i].after);
		json_end_object(json);
	}
	json_end_array(json);
}
