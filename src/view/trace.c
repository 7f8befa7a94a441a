#include "view/trace.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "view/layout.h"
#include "view/trace_files.h"
#include "view/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- rows ---- */

/* What tells most comes first: a terminal of 80 columns has it all in one line. */
enum { NETNS = 8, CELLS = 10 };

static const struct layout_column columns[CELLS] = {
	{ .width = 8 },
	{ .width = 5, .right = true },
	{ .width = 11 },
	{ .width = 13 },
	{ .width = 18 },
	{ .width = 20 },
	{ .width = 6, .right = true },
	{ .width = 15 },
	{ .width = 10 },
	{ 0 },
};

/* Windows has no network namespaces: what stands behind them takes their place. */
static void write_row(const char **cells, bool of_windows, const struct view_style *style)
{
	struct layout_column places[CELLS];

	memcpy(places, columns, sizeof places);
	if (of_windows) {
		places[NETNS] = places[NETNS + 1];
		cells[NETNS] = cells[NETNS + 1];
	}
	layout_row(style, places, cells, of_windows ? CELLS - 1 : CELLS);
}

void trace_heading_text(bool of_windows, const struct view_style *style)
{
	const char *headings[CELLS] = {
		"TIME",	   "COUNT",
		"CALL",	   "ERROR",
		"PROCESS", "DESTINATION",
		"ROOM",	   "SOURCE",
		"NETNS",   of_windows ? "SERVICE" : "UNIT OR CONTAINER",
	};

	write_row(headings, of_windows, style);
}

/* "14:03:59" */
static const char *time_of_day(char buffer[32], int64_t time_ms, int utc_offset_s)
{
	int64_t seconds = time_ms / 1000 + utc_offset_s;
	int second = (int)((seconds % 86400 + 86400) % 86400);

	snprintf(buffer, 32, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
	return buffer;
}

static const char *call_text(char buffer[32], const struct failure *failure)
{
	snprintf(buffer, 32, "%s%s%s",
		 failure->protocol_known ? protocol_name(failure->protocol) : "",
		 failure->protocol_known ? " " : "", failure_call_name(failure->call));
	return buffer;
}

/* On a live machine a process that could not be looked at has ended. */
static const char *process_text(char buffer[ADDRESS_TEXT_SIZE], const struct failure *failure)
{
	const struct process *process = failure->process;

	if (process->pid && !process->name && failure->ntstatus)
		snprintf(buffer, ADDRESS_TEXT_SIZE, _("pid %d"), process->pid);
	else if (process->pid)
		snprintf(buffer, ADDRESS_TEXT_SIZE, "%.40s,%d", process_title(process),
			 process->pid);
	else if (process->name)
		snprintf(buffer, ADDRESS_TEXT_SIZE, "%.40s,-", process->name);
	else
		return "-";
	return buffer;
}

static const char *room_cell(char buffer[32], const struct failure_room *room)
{
	if (!room->known)
		return "-";
	if (room->min == room->max)
		return text_grouped(buffer, room->max);
	snprintf(buffer, 32, "%u-%u", room->min, room->max);
	return buffer;
}

static const char *netns_cell(char buffer[32], const struct failure *failure)
{
	if (failure->netns_name)
		return failure->netns_name;
	if (!failure->netns)
		return "-";
	snprintf(buffer, 32, "%" PRIu64, failure->netns);
	return buffer;
}

void trace_row_text(const struct trace_row *row, const struct view_style *style)
{
	const struct failure *failure = row->failure;
	const struct process *process = failure->process;
	char time[32], count[32], call[32], owner[ADDRESS_TEXT_SIZE], room[32], netns[32];
	char destination[ADDRESS_TEXT_SIZE] = "-", source[ADDRESS_TEXT_SIZE] = "-";
	const char *cells[CELLS] = {
		time_of_day(time, row->time_ms, row->utc_offset_s),
		text_grouped(count, row->count),
		call_text(call, failure),
		failure->error,
		process_text(owner, failure),
		destination,
		room_cell(room, &row->room),
		source,
		netns_cell(netns, failure),
		process->container ? process->container :
		process->unit	   ? process->unit :
				     "-",
	};

	if (failure->destination.family)
		address_print_endpoint(destination, &failure->destination, failure->port);
	if (failure->source.family && failure->source_port)
		address_print_endpoint(source, &failure->source, failure->source_port);
	else if (failure->source.family)
		address_print(source, &failure->source);
	write_row(cells, row->of_windows, style);
}

void trace_rest_text(int64_t time_ms, int utc_offset_s, uint64_t failures,
		     const struct view_style *style)
{
	char time[32], count[32];
	const char *cells[CELLS] = { time_of_day(time, time_ms, utc_offset_s),
				     text_grouped(count, failures), _("others") };

	layout_row(style, columns, cells, CELLS);
}

/* ---- sentences ---- */

const char *trace_start_sentence(struct arena *arena, const struct trace_start *start)
{
	const char *text = start->why_not_bpf ?
				   arena_print(arena,
					       _("watching for calls that fail for want of a "
						 "port, without BPF (%s)"),
					       start->why_not_bpf) :
				   _("watching for calls that fail for want of a port");

	if (!start->slows_calls_ns)
		return text;
	return arena_print(arena,
			   _("%s; until it ends, every system call of this machine takes some "
			     "%u ns longer (not with --cheap)"),
			   text, start->slows_calls_ns);
}

static const char *kind_title(enum failure_kind kind)
{
	static const char *const titles[FAILURE_KIND_COUNT] = {
		[FAILURE_TCP_CONNECT] = N_("TCP connect()"),
		[FAILURE_ANY_BIND] = N_("bind() to port 0"),
		[FAILURE_TCP_LISTEN] = N_("listen() without bind()"),
		[FAILURE_UDP_CONNECT] = N_("UDP connect()"),
		[FAILURE_UDP_SEND] = N_("UDP send"),
	};

	return _(titles[kind]);
}

const char *trace_not_covered_sentence(struct arena *arena, const struct trace_start *start)
{
	const char *text = NULL;

	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++) {
		const struct failure_coverage *coverage = start->coverage[kind];
		const char *title = kind_title((enum failure_kind)kind), *remark, *part;

		if (!coverage->remark)
			continue;
		remark = _(coverage->remark);
		part = arena_print(arena, coverage->covered ? _("of %s %s") : _("%s (%s)"),
				   title, remark);
		text = text ? arena_print(arena, _("%s; %s"), text, part) :
			      arena_print(arena, _("not all is seen: %s"), part);
	}
	return text;
}

const char *trace_lost_sentence(struct arena *arena, uint64_t lost, bool are_events)
{
	char count[32];

	text_grouped(count, lost);
	if (are_events)
		return arena_print(
			arena,
			P_("%s event is lost, which may have told of a failing call: "
			   "the buffers were full",
			   "%s events are lost, which may have told of failing calls: "
			   "the buffers were full",
			   (unsigned long)lost),
			count);
	return arena_print(arena,
			   P_("%s failing call is lost: the buffer was full",
			      "%s failing calls are lost: the buffer was full",
			      (unsigned long)lost),
			   count);
}

/* So many more calls, or events that may have told of calls, are not seen. */
static const char *add_lost(struct arena *arena, const char *text, const struct trace_end *end)
{
	char lost[32];

	text_grouped(lost, end->lost);
	if (end->lost_are_events)
		return arena_print(arena,
				   P_("%s; %s event is lost: the buffers were full",
				      "%s; %s events are lost: the buffers were full",
				      (unsigned long)end->lost),
				   text, lost);
	return arena_print(arena,
			   P_("%s; %s more is lost: the buffer was full",
			      "%s; %s more are lost: the buffer was full",
			      (unsigned long)end->lost),
			   text, lost);
}

const char *trace_end_sentence(struct arena *arena, const struct trace_end *end)
{
	char count[32], lost[32];
	const char *text;

	if (!end->failures)
		text = arena_print(arena,
				   _("watched for %.1f s: no call failed for want of a port"),
				   end->seconds);
	else
		text = arena_print(arena,
				   P_("%s call failed for want of a port in %.1f s",
				      "%s calls failed for want of a port in %.1f s",
				      (unsigned long)end->failures),
				   text_grouped(count, end->failures), end->seconds);
	if (end->lost)
		text = add_lost(arena, text, end);
	if (end->unclear)
		text = arena_print(arena,
				   P_("%s; of %s more it is not clear why it failed",
				      "%s; of %s more it is not clear why they failed",
				      (unsigned long)end->unclear),
				   text, text_grouped(lost, end->unclear));
	if (end->unread)
		text = arena_print(arena,
				   P_("%s; %s call is of a form that is not known",
				      "%s; %s calls are of a form that is not known",
				      (unsigned long)end->unread),
				   text, text_grouped(lost, end->unread));
	return text;
}

/* ---- JSON Lines ---- */

void trace_line_begin(struct json *json, const char *line, int64_t time_ms)
{
	char time[32];

	json_row(json, NULL);
	json_text(json, "line", line);
	json_text(json, "time", view_time(time, time_ms));
}

void trace_start_json(const struct trace_start *start, struct json *json)
{
	trace_line_begin(json, "start", start->time_ms);
	json_text(json, "schema", "portroom.trace/1");
	view_json_host(json, start->machine);
	json_text(json, "source", start->source);
	json_text(json, "why_not_bpf", start->why_not_bpf);
	json_array(json, "kinds");
	for (int kind = 0; kind < FAILURE_KIND_COUNT; kind++) {
		json_row(json, NULL);
		json_text(json, "kind", failure_kind_name((enum failure_kind)kind));
		json_bool(json, "covered", start->coverage[kind]->covered);
		json_text(json, "remark", start->coverage[kind]->remark);
		json_end_object(json);
	}
	json_end_array(json);
	json_number(json, "slows_calls_ns", start->slows_calls_ns);
	json_bool(json, "filtered", start->filtered);
	json_end_object(json);
}

static void write_netns_json(const struct failure *failure, struct json *json)
{
	char id[24];

	snprintf(id, sizeof id, "%" PRIu64, failure->netns);
	json_text(json, "namespace", failure->netns ? id : NULL);
	json_text(json, "namespace_name", failure->netns_name);
}

static void write_process_json(const struct process *process, struct json *json)
{
	json_known(json, "pid", process->pid ? process->pid : -1);
	json_text(json, "name", process->name);
	json_text(json, "user", process->user_name);
	json_known(json, "user_id", process->user);
	json_text(json, "unit", process->unit);
	json_text(json, "container", process->container);
}

static void write_room_json(const struct failure_room *room, struct json *json)
{
	bool exact = room->known && room->min == room->max;
	char time[32];

	json_known(json, "room", exact ? (int64_t)room->max : -1);
	json_known(json, "room_min", room->known ? (int64_t)room->min : -1);
	json_known(json, "room_max", room->known ? (int64_t)room->max : -1);
	json_text(json, "room_time", room->known ? view_time(time, room->time_ms) : NULL);
}

/* What a trace of Windows tells besides. */
static void write_status_json(const struct failure *failure, struct json *json)
{
	trace_ntstatus_json(json, failure->ntstatus);
	json_bool(json, "want_of_port", !failure->other_reason);
	json_known(json, "source_port", failure->source.family ? failure->source_port : -1);
}

void trace_failure_json(const struct trace_row *row, struct json *json)
{
	const struct failure *failure = row->failure;
	const struct port_range *range = &failure->own_range;

	trace_line_begin(json, "failure", row->time_ms);
	json_text(json, "protocol",
		  failure->protocol_known ? protocol_name(failure->protocol) : NULL);
	json_text(json, "call", failure_call_name(failure->call));
	json_text(json, "error", failure->error);
	if (failure->ntstatus)
		write_status_json(failure, json);
	view_json_address(json, "source", &failure->source);
	view_json_address(json, "destination", &failure->destination);
	json_known(json, "port", failure->destination.family ? failure->port : -1);
	json_known(json, "range_first", range->first ? range->first : -1);
	json_known(json, "range_last", range->last ? range->last : -1);
	write_netns_json(failure, json);
	write_process_json(failure->process, json);
	write_room_json(&row->room, json);
	json_end_object(json);
}

void trace_lost_json(int64_t time_ms, uint64_t lost, struct json *json)
{
	trace_line_begin(json, "lost", time_ms);
	json_number(json, "count", (int64_t)lost);
	json_end_object(json);
}

void trace_end_json(const struct trace_end *end, struct json *json)
{
	trace_line_begin(json, "end", end->time_ms);
	json_ratio(json, "seconds", end->seconds);
	json_number(json, "failures", (int64_t)end->failures);
	json_number(json, "lost", (int64_t)end->lost);
	json_number(json, "unclear", (int64_t)end->unclear);
	if (end->lost_are_events)
		json_number(json, "unread", (int64_t)end->unread);
	json_end_object(json);
}
