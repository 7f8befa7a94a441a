#include "view/watch.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/in_use.h"

/* States that take ports of the range; the others are there for seconds, or serve clients. */
static const struct column {
	enum socket_state state;
	const char *title;
} columns[] = {
	{ SOCKET_ESTABLISHED, "estab" },    { SOCKET_TIME_WAIT, "timewait" },
	{ SOCKET_CLOSE_WAIT, "closewait" }, { SOCKET_SYN_SENT, "synsent" },
	{ SOCKET_FIN_WAIT2, "finwait2" },   { SOCKET_BOUND, "bound" },
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static bool is_bind(enum capacity_kind kind)
{
	return kind == CAPACITY_BIND || kind == CAPACITY_UDP_BIND;
}

static enum protocol protocol_of(enum capacity_kind kind)
{
	return kind == CAPACITY_UDP_CONNECT || kind == CAPACITY_UDP_BIND ? PROTOCOL_UDP :
									   PROTOCOL_TCP;
}

/* For awk: headings are words, not translated, and every line has as many fields. */
void watch_heading(FILE *out)
{
	fprintf(out, "%-24s %8s %8s %5s", "time", "verdict", "room", "used");
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, " %9s", columns[i].title);
	fprintf(out, " %7s %8s %7s %5s %6s  %-36s %s\n", "udp", "opens/s", "failed", "lost",
		"missed", "fullest", "culprit");
}

static void write_room(const struct watch_line *line, FILE *out)
{
	const struct capacity *capacity = line->fullest.capacity;
	unsigned used;

	if (!capacity || !capacity->known || !capacity->eligible) {
		fprintf(out, " %8s %5s", "-", "-");
		return;
	}
	used = (capacity->eligible - capacity->room_min) * 100 / capacity->eligible;
	fprintf(out, " %8u %4u%%", capacity->room_min, used);
}

/* One field, whatever a program calls itself. */
static void write_field(FILE *out, const char *text)
{
	struct arena arena = { 0 };
	char *field = arena_copy(&arena, text);

	for (char *at = field; *at; at++)
		if (*at == ' ')
			*at = '_';
	text_write_safe(out, field);
	arena_free(&arena);
}

/* SOURCE>DESTINATION. What stands for any is *; a bind() goes nowhere. */
static void print_fullest(const struct fullest *fullest, char *text, size_t size)
{
	char source[ADDRESS_TEXT_SIZE] = "*", target[ADDRESS_TEXT_SIZE] = "*";

	if (fullest->source)
		address_print(source, fullest->source);
	if (fullest->destination)
		address_print_endpoint(target, fullest->destination, fullest->port);
	snprintf(text, size, "%s%s>%s",
		 protocol_of(fullest->kind) == PROTOCOL_UDP ? "udp:" : "", source,
		 is_bind(fullest->kind) ? "-" : target);
}

static void write_fullest_text(const struct watch_line *line, FILE *out)
{
	char both[2 * ADDRESS_TEXT_SIZE + 8] = "-";

	if (line->fullest.capacity)
		print_fullest(&line->fullest, both, sizeof both);
	fprintf(out, "  %-36s ", both);
}

static void write_culprit_text(const struct watch_line *line, FILE *out)
{
	const struct process *process;

	if (!line->culprit || !owner_is_process(line->culprit->owner_kind)) {
		fputc('-', out);
		return;
	}
	process = &line->snapshot->processes[line->culprit->process];
	write_field(out, process->name && *process->name ? process->name : "?");
	/* It may be one of another pid namespace, which has no number here. */
	if (process->pid > 0)
		fprintf(out, "/%d", process->pid);
	else
		fputs("/?", out);
}

/* Below 0: not known. */
static void write_number(FILE *out, int width, int64_t number)
{
	if (number < 0)
		fprintf(out, " %*s", width, "-");
	else
		fprintf(out, " %*lld", width, (long long)number);
}

void watch_text(const struct watch_line *line, FILE *out)
{
	char time[32];

	fprintf(out, "%-24s %8s", view_time(time, line->time_ms), line->severity);
	write_room(line, out);
	for (size_t i = 0; i < COLUMNS; i++)
		write_number(out, 9, line->states[columns[i].state]);
	write_number(out, 7, line->udp);
	if (line->opens_per_s < 0)
		fprintf(out, " %8s", "-");
	else
		fprintf(out, " %8.1f", line->opens_per_s);
	write_number(out, 7, line->failed_calls);
	write_number(out, 5, (int64_t)line->lost);
	write_number(out, 6, (int64_t)line->missed);
	write_fullest_text(line, out);
	write_culprit_text(line, out);
	fputc('\n', out);
}

static void write_fullest(struct json *json, const struct watch_line *line)
{
	static const struct address any = { 0 };
	const struct fullest *fullest = &line->fullest;
	const struct capacity *capacity = fullest->capacity;

	if (!capacity) {
		json_null(json, "fullest");
		return;
	}
	json_row(json, "fullest");
	view_json_netns(json, "namespace", line->snapshot, fullest->netns);
	json_text(json, "protocol", protocol_name(protocol_of(fullest->kind)));
	json_text(json, "call", is_bind(fullest->kind) ? "bind" : "connect");
	view_json_address(json, "source", fullest->source ? fullest->source : &any);
	view_json_address(json, "destination",
			  fullest->destination ? fullest->destination : &any);
	json_known(json, "port", fullest->destination ? fullest->port : -1);
	json_known(json, "capacity", capacity->known ? (int64_t)capacity->eligible : -1);
	json_known(json, "room_min", capacity->known ? (int64_t)capacity->room_min : -1);
	json_known(json, "room_max", capacity->known ? (int64_t)capacity->room_max : -1);
	json_end_object(json);
}

static void write_culprit(struct json *json, const struct watch_line *line)
{
	const struct process *process;

	if (!line->culprit || !owner_is_process(line->culprit->owner_kind)) {
		json_null(json, "culprit");
		return;
	}
	process = &line->snapshot->processes[line->culprit->process];
	json_row(json, "culprit");
	view_json_pid(json, "pid", process);
	json_text(json, "name", process->name);
	json_text(json, "unit", process->unit);
	json_number(json, "ports", line->culprit->ports);
	json_end_object(json);
}

static void write_states(struct json *json, const struct watch_line *line)
{
	json_row(json, "states");
	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		json_known(json, socket_state_name((enum socket_state)state),
			   line->states[state]);
	json_end_object(json);
}

/* ---- what lines of another time can be compared by ---- */

static void write_pool(struct json *json, const struct in_use_pool *pool)
{
	json_row(json, NULL);
	json_text(json, "protocol", protocol_name(pool->protocol));
	json_text(json, "family", pool->family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	json_number(json, "first", pool->range.first);
	json_number(json, "last", pool->range.last);
	json_number(json, "capacity", pool->size);
	json_known(json, "used", pool->used);
	json_end_object(json);
}

static void write_process(struct json *json, const struct snapshot *snapshot,
			  const struct in_use_process *item)
{
	const struct process *process = &snapshot->processes[item->process];

	json_row(json, NULL);
	view_json_pid(json, "pid", process);
	json_text(json, "name", process->name);
	json_number(json, "ports", item->ports);
	json_number(json, "established", item->established);
	json_number(json, "close_wait", item->close_wait);
	json_number(json, "bound", item->bound);
	json_end_object(json);
}

/* That of whoever asks, where there are several. */
static uint32_t own_netns(const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->namespace_count; i++)
		if (snapshot->namespaces[i].kind == NETNS_OWN)
			return i;
	return 0;
}

static void write_in_use(struct json *json, const struct watch_line *line)
{
	struct in_use in_use = { .process_count = 0 };
	bool read = line->snapshot && line->snapshot->namespace_count;

	if (read)
		in_use_count(&in_use, line->snapshot, own_netns(line->snapshot));
	json_array(json, "pools");
	for (int i = 0; i < IN_USE_POOLS; i++)
		if (port_range_known(in_use.pools[i].range))
			write_pool(json, &in_use.pools[i]);
	json_end_array(json);
	json_array(json, "processes");
	for (size_t i = 0; i < in_use.process_count; i++)
		write_process(json, line->snapshot, &in_use.processes[i]);
	json_end_array(json);
}

void watch_json(const struct watch_line *line, FILE *out)
{
	static const struct snapshot nobody = { 0 };
	struct json json = { .out = out };
	char time[32];

	json_row(&json, NULL);
	json_text(&json, "schema", "portroom.watch/1");
	json_text(&json, "time", view_time(time, line->time_ms));
	json_text(&json, "verdict", line->severity);
	view_json_host(&json, line->snapshot ? line->snapshot : &nobody);
	write_fullest(&json, line);
	write_culprit(&json, line);
	write_in_use(&json, line);
	write_states(&json, line);
	json_known(&json, "udp", line->udp);
	if (line->opens_per_s < 0)
		json_null(&json, "opens_per_s");
	else
		json_ratio(&json, "opens_per_s", line->opens_per_s);
	json_known(&json, "failed_calls", line->failed_calls);
	json_number(&json, "lost_lines", (int64_t)line->lost);
	json_number(&json, "missed_intervals", (int64_t)line->missed);
	json_known(&json, "gaps", line->snapshot ? (int64_t)line->snapshot->gap_count : -1);
	json_end_object(&json);
}
