#include "view/view.h"

#include "base/json.h"
#include "diagnosis/capacity.h"

static void write_number(const struct capacity *capacity, FILE *out)
{
	if (!capacity->known)
		fputs("unknown", out);
	else if (capacity->exact)
		fprintf(out, "%u", capacity->room_max);
	else
		fprintf(out, "%u to %u", capacity->room_min, capacity->room_max);
}

/* The number alone on the first line, so that a script can read it; why on the second. */
void room_text(const struct capacity *capacity, const struct capacity_query *query, FILE *out)
{
	bool connect = query->kind == CAPACITY_CONNECT;

	write_number(capacity, out);
	fputc('\n', out);
	if (!capacity->known) {
		fprintf(out,
			"the range or the sockets could not be read; portroom check says why\n");
		return;
	}
	fprintf(out, "of %u port%s", capacity->eligible, capacity->eligible == 1 ? "" : "s");
	if (capacity->reserved)
		fprintf(out, " (%u more reserved)", capacity->reserved);
	fprintf(out, ": %u %s", capacity->blocked_by_bind,
		connect				    ? "blocked by bind()" :
		query->kind == CAPACITY_UDP_CONNECT ? "taken by UDP sockets" :
						      "taken on this address");
	if (connect)
		fprintf(out, ", %u busy towards this destination, %u reusable from TIME_WAIT",
			capacity->busy, capacity->reusable);
	if (!capacity->exact)
		fprintf(out, "; not exact: %s", capacity->why_not_exact);
	fputc('\n', out);
}

void room_json(const struct snapshot *snapshot, const struct capacity *capacity,
	       const struct capacity_query *query, FILE *out)
{
	bool known = capacity->known;
	bool udp = query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND;
	bool connect = query->kind == CAPACITY_CONNECT || query->kind == CAPACITY_UDP_CONNECT;
	struct json json = { .out = out, .pretty = true };
	char time[32];

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.room/1");
	json_text(&json, "time", view_time(time, snapshot->time_ms));
	view_json_netns(&json, "namespace", snapshot, query->netns);
	json_text(&json, "kind", capacity_kind_name(query->kind));
	json_text(&json, "protocol", udp ? "udp" : "tcp");
	view_json_address(&json, "source", &query->source);
	view_json_address(&json, "destination", &query->destination);
	json_known(&json, "port", connect ? query->port : -1);
	json_known(&json, "room", known && capacity->exact ? (int64_t)capacity->room_max : -1);
	json_known(&json, "room_min", known ? (int64_t)capacity->room_min : -1);
	json_known(&json, "room_max", known ? (int64_t)capacity->room_max : -1);
	json_bool(&json, "exact", known && capacity->exact);
	json_text(&json, "why_not_exact",
		  known ? capacity->why_not_exact :
			  "the range or the sockets could not be read");
	json_known(&json, "eligible", known ? (int64_t)capacity->eligible : -1);
	json_known(&json, "reserved", known ? (int64_t)capacity->reserved : -1);
	json_known(&json, "blocked_by_bind", known ? (int64_t)capacity->blocked_by_bind : -1);
	json_known(&json, "busy", known ? (int64_t)capacity->busy : -1);
	json_known(&json, "reusable", known ? (int64_t)capacity->reusable : -1);
	json_known(&json, "free", known ? (int64_t)capacity->free : -1);
	json_end_object(&json);
}
