#include "view/view.h"

#include "base/json.h"
#include "base/text.h"
#include "snapshot/snapshot.h"

#include <inttypes.h>
#include <string.h>

/* Days to a civil date without the C library's time zones (Howard Hinnant, "chrono-compatible
 * low-level date algorithms", civil_from_days). */
char *view_time(char buffer[32], int64_t time_ms)
{
	int64_t seconds = time_ms / 1000, days = seconds / 86400, rest = seconds % 86400;
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2);

	snprintf(buffer, 32, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(year % 10000),
		 (int)month, (int)day, (int)(rest / 3600), (int)(rest / 60 % 60),
		 (int)(rest % 60), (int)(time_ms % 1000));
	return buffer;
}

void view_json_netns(struct json *json, const char *key, const struct snapshot *snapshot,
		     uint32_t netns)
{
	char id[24];

	snprintf(id, sizeof id, "%" PRIu64, snapshot->namespaces[netns].inode);
	json_text(json, key, id);
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

void view_text_sources(const struct snapshot *snapshot, FILE *out)
{
	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct source_report *source = &snapshot->sources[i];
		char count[32];

		fprintf(out, "source    %-10s ", source->name);
		if (!source->used) {
			fprintf(out, "not used: %s\n",
				source->why_not ? source->why_not : "not needed");
			continue;
		}
		fprintf(out, "%.1f ms", source->milliseconds);
		if (source->sockets >= 0)
			fprintf(out, ", %s sockets",
				text_grouped(count, (uint64_t)source->sockets));
		fputc('\n', out);
	}
}

static void write_gap(const struct gap *gap, FILE *out)
{
	fputs("not seen  ", out);
	text_write_safe(out, gap->what);
	fputs(" (", out);
	text_write_safe(out, gap->why);
	fputc(')', out);
	if (gap->remedy)
		fprintf(out, "; %s", gap->remedy);
	fputc('\n', out);
}

/* Hundreds of namespaces that could not be entered for the same reason are one line. */
void view_text_gaps(const struct snapshot *snapshot, FILE *out)
{
	for (size_t i = 0; i < snapshot->gap_count; i++) {
		const struct gap *gap = &snapshot->gaps[i];
		unsigned alike = 0, before = 0;

		for (size_t j = 0; gap->effect == GAP_SCOPE && j < snapshot->gap_count; j++) {
			if (snapshot->gaps[j].effect != GAP_SCOPE ||
			    strcmp(snapshot->gaps[j].why, gap->why))
				continue;
			alike++;
			before += j < i;
		}
		if (before)
			continue;
		if (alike > 1)
			fprintf(out, "not seen  %u network namespaces (%s)%s%s\n", alike,
				gap->why, gap->remedy ? "; " : "",
				gap->remedy ? gap->remedy : "");
		else
			write_gap(gap, out);
	}
}
