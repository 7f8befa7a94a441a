#include "view/view.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"

#include <inttypes.h>
#include <string.h>

char *view_time(char buffer[32], int64_t time_ms)
{
	return text_time(buffer, time_ms);
}

void view_json_time(struct json *json, const char *key, int64_t time_ms)
{
	char time[32];

	json_text(json, key, time_ms ? view_time(time, time_ms) : NULL);
}

void view_json_netns(struct json *json, const char *key, const struct snapshot *snapshot,
		     uint32_t netns)
{
	char id[24];

	snprintf(id, sizeof id, "%" PRIu64, snapshot->namespaces[netns].inode);
	json_text(json, key, id);
}

void view_json_pid(struct json *json, const char *key, const struct process *process)
{
	json_known(json, key, process && process->pid ? process->pid : -1);
}

void view_json_address(struct json *json, const char *key, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	json_text(json, key, address->family ? address_print(text, address) : NULL);
}

void view_json_host(struct json *json, const struct snapshot *snapshot)
{
	json_row(json, "host");
	json_text(json, "name", snapshot->host_name);
	json_text(json, "os", snapshot->system);
	json_text(json, "kernel", snapshot->kernel);
	json_end_object(json);
}

void view_json_namespaces(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "namespaces");
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		json_row(json, NULL);
		view_json_netns(json, "id", snapshot, i);
		json_text(json, "name", snapshot->namespaces[i].name);
		json_text(json, "kind", netns_kind_name(snapshot->namespaces[i].kind));
		json_end_object(json);
	}
	json_end_array(json);
}

void view_json_gaps(struct json *json, const struct snapshot *snapshot)
{
	static const char *const effects[] = {
		[GAP_OWNERS] = "owners",
		[GAP_ROOM] = "room",
		[GAP_SCOPE] = "scope",
		[GAP_CLAIMS] = "claims",
	};

	json_array(json, "gaps");
	for (size_t i = 0; i < snapshot->gap_count; i++) {
		const struct gap *gap = &snapshot->gaps[i];

		json_row(json, NULL);
		json_text(json, "what", gap->what);
		json_text(json, "why", gap->why);
		json_text(json, "remedy", gap->remedy);
		if (gap->netns >= 0)
			view_json_netns(json, "namespace", snapshot, (uint32_t)gap->netns);
		else
			json_null(json, "namespace");
		json_array(json, "affects");
		json_text(json, NULL, effects[gap->effect]);
		json_end_array(json);
		json_end_object(json);
	}
	json_end_array(json);
}

void view_json_sources(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, "sources");
	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct source_report *source = &snapshot->sources[i];

		json_row(json, NULL);
		json_text(json, "name", source->name);
		json_bool(json, "used", source->used);
		json_known(json, "sockets", source->sockets);
		json_ratio(json, "milliseconds", source->milliseconds);
		json_text(json, "why_not", source->used ? NULL : source->why_not);
		json_end_object(json);
	}
	json_end_array(json);
}

const char *view_room(struct arena *arena, const struct capacity *capacity)
{
	char least[32], most[32];

	if (!capacity->known)
		return _("unknown");
	text_grouped(least, capacity->room_min);
	text_grouped(most, capacity->room_max);
	if (capacity->room_min == capacity->room_max)
		return arena_copy(arena, least);
	return arena_print(arena, _("%s to %s"), least, most);
}

void view_text_sources(const struct snapshot *snapshot, const struct view_style *style)
{
	enum { TEXT_COLUMN = 21 };
	struct arena arena = { 0 };

	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct source_report *source = &snapshot->sources[i];
		const char *label = arena_print(&arena, _("source    %-10s"), source->name);
		const char *text;
		char count[32];

		if (!source->used)
			text = arena_print(&arena, _("not used: %s"),
					   source->why_not ? source->why_not :
							     _("not needed"));
		else if (source->sockets < 0)
			text = arena_print(&arena, _("%.1f ms"), source->milliseconds);
		else
			text = arena_print(&arena,
					   P_("%.1f ms, %s socket", "%.1f ms, %s sockets",
					      (unsigned long)source->sockets),
					   source->milliseconds,
					   text_grouped(count, (uint64_t)source->sockets));
		layout_item(style, label, TEXT_COLUMN, text, NULL);
	}
	arena_free(&arena);
}

/* Hundreds of namespaces that could not be entered for the same reason are one line. */
static unsigned count_alike(const struct snapshot *snapshot, size_t index, bool *told)
{
	const struct gap *gap = &snapshot->gaps[index];
	unsigned alike = 0;

	for (size_t i = 0; gap->effect == GAP_SCOPE && i < snapshot->gap_count; i++)
		if (snapshot->gaps[i].effect == GAP_SCOPE &&
		    !strcmp(snapshot->gaps[i].why, gap->why)) {
			alike++;
			*told |= i < index;
		}
	return alike;
}

/* What comes from a file is English; of what names no numbers the translation is known. */
static const char *in_language(const char *text)
{
	return *text ? _(text) : text;
}

void view_text_gaps(const struct snapshot *snapshot, const struct view_style *style)
{
	enum { TEXT_COLUMN = 10 };
	struct arena arena = { 0 };

	for (size_t i = 0; i < snapshot->gap_count; i++) {
		const struct gap *gap = &snapshot->gaps[i];
		bool told = false;
		unsigned alike = count_alike(snapshot, i, &told);
		const char *text;

		if (told)
			continue;
		text = alike > 1 ? arena_print(&arena, _("%u network namespaces (%s)"), alike,
					       in_language(gap->why)) :
				   arena_print(&arena, _("%s (%s)"), in_language(gap->what),
					       in_language(gap->why));
		if (gap->remedy)
			text = arena_print(&arena, _("%s; %s"), text,
					   in_language(gap->remedy));
		layout_item(style, _("not seen"), TEXT_COLUMN, text, NULL);
	}
	arena_free(&arena);
}

unsigned view_text_severity(const struct view_style *style, int severity)
{
	static const char *const colours[] = {
		[SEVERITY_OK] = "\033[32m",
		[SEVERITY_UNKNOWN] = "\033[35m",
		[SEVERITY_WARNING] = "\033[33m",
		[SEVERITY_CRITICAL] = "\033[1;31m",
	};
	const char *title = _(severity_title((enum severity)severity));

	fputs(style->colour ? colours[severity] : "", style->out);
	layout_write(style, title);
	fputs(style->colour ? "\033[0m" : "", style->out);
	return text_width(title);
}
