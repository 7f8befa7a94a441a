#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "snapshot/saved.h"
#include "view/layout.h"
#include "view/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * A snapshot as a file that another machine can read: every fact as it is, nothing judged. See snapshot/saved.h.
 */
#define VALUE(type, at) (*(const type *)(at))

static void write_ports(struct json *json, const char *key, const struct port_set *ports)
{
	struct arena arena = { 0 };

	json_text(json, key, port_set_print(ports, &arena));
	arena_free(&arena);
}

static void write_range(struct json *json, const char *key, struct port_range range)
{
	char text[16];

	snprintf(text, sizeof text, "%u-%u", range.first, range.last);
	json_text(json, key, port_range_known(range) ? text : NULL);
}

static void write_word(struct json *json, const struct saved_field *field, unsigned value)
{
	json_text(json, field->key, value < field->word_count ? field->words[value] : NULL);
}

static void write_field(struct json *json, const struct saved_field *field, const void *item)
{
	const char *at = (const char *)item + field->offset;
	double number;
	char text[32];

	switch (field->type) {
	case SAVED_BOOL:
		json_bool(json, field->key, VALUE(bool, at));
		break;
	case SAVED_U8:
		json_number(json, field->key, VALUE(uint8_t, at));
		break;
	case SAVED_U16:
		json_number(json, field->key, VALUE(uint16_t, at));
		break;
	case SAVED_U32:
		json_number(json, field->key, VALUE(uint32_t, at));
		break;
	case SAVED_I32:
		json_known(json, field->key, VALUE(int32_t, at));
		break;
	case SAVED_I64:
	case SAVED_LIMIT:
		json_known(json, field->key, VALUE(int64_t, at));
		break;
	case SAVED_U64:
		snprintf(text, sizeof text, "%" PRIu64, VALUE(uint64_t, at));
		json_text(json, field->key, text);
		break;
	case SAVED_DOUBLE:
		memcpy(&number, at, sizeof number);
		json_ratio(json, field->key, number);
		break;
	case SAVED_TEXT:
		json_text(json, field->key, VALUE(const char *, at));
		break;
	case SAVED_ADDRESS:
		view_json_address(json, field->key, &VALUE(struct address, at));
		break;
	case SAVED_PORTS:
		write_ports(json, field->key, &VALUE(struct port_set, at));
		break;
	case SAVED_RANGE:
		write_range(json, field->key, VALUE(struct port_range, at));
		break;
	case SAVED_WORD8:
		write_word(json, field, VALUE(uint8_t, at));
		break;
	case SAVED_WORD:
		write_word(json, field, VALUE(unsigned, at));
		break;
	}
}

static void write_item(struct json *json, const struct saved_table *table, const void *item)
{
	for (size_t i = 0; i < table->field_count; i++)
		write_field(json, &table->fields[i], item);
}

static void write_table(struct json *json, const struct saved_table *table, const void *items,
			size_t count)
{
	json_array(json, table->key);
	for (size_t i = 0; i < count; i++) {
		json_row(json, NULL);
		write_item(json, table, (const char *)items + i * table->size);
		json_end_object(json);
	}
	json_end_array(json);
}

/* Each with the addresses of this host there, which are an array of their own. */
static void write_namespaces(struct json *json, const struct snapshot *snapshot)
{
	json_array(json, saved_netns.key);
	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];

		json_row(json, NULL);
		write_item(json, &saved_netns, netns);
		json_array(json, "addresses");
		for (size_t at = 0; at < netns->local_address_count; at++)
			view_json_address(json, NULL, &netns->local_addresses[at]);
		json_end_array(json);
		json_end_object(json);
	}
	json_end_array(json);
}

/* What the machine has logged bears on the verdict, too. */
static void write_logs(struct json *json, const struct evidence_facts *facts)
{
	write_table(json, &saved_log_read, facts->artefacts, facts->artefact_count);
	write_table(json, &saved_log, facts->logs, facts->log_count);
	write_table(json, &saved_event, facts->events, facts->event_count);
}

int saved_json(const struct snapshot *snapshot, FILE *out)
{
	const struct nat *nat = &snapshot->nat;
	struct json json = { .out = out, .pretty = true };
	char time[32];

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.snapshot/1");
	json_text(&json, "time", view_time(time, snapshot->time_ms));
	json_row(&json, saved_machine.key);
	write_item(&json, &saved_machine, snapshot);
	json_end_object(&json);
	write_namespaces(&json, snapshot);
	write_table(&json, &saved_process, snapshot->processes, snapshot->process_count);
	write_table(&json, &saved_holding, snapshot->holdings, snapshot->holding_count);
	write_table(&json, &saved_nat_tuple, nat->tuples, nat->tuple_count);
	write_table(&json, &saved_nat_source, nat->sources, nat->source_count);
	write_table(&json, &saved_nat_rule, nat->rules, nat->rule_count);
	write_table(&json, &saved_port_rule, snapshot->port_rules, snapshot->port_rule_count);
	write_table(&json, &saved_boot_socket, snapshot->boot_sockets,
		    snapshot->boot_socket_count);
	if (snapshot->windows) {
		write_table(&json, &saved_windows, snapshot->windows, 1);
		write_table(&json, &saved_windows_range, snapshot->windows->ranges,
			    saved_windows_range.most);
	}
	if (snapshot->evidence.own)
		write_logs(&json, &snapshot->evidence);
	write_table(&json, &saved_gap, snapshot->gaps, snapshot->gap_count);
	write_table(&json, &saved_source, snapshot->sources, snapshot->source_count);
	json_end_object(&json);
	return json.failed;
}

static uint64_t count_sockets(const struct snapshot *snapshot)
{
	uint64_t sockets = 0;

	for (size_t i = 0; i < snapshot->holding_count; i++)
		sockets += snapshot->holdings[i].sockets;
	return sockets;
}

/* Windows has no network namespaces to be counted. */
static const char *sum_sentence(struct arena *arena, const struct snapshot *snapshot,
				const char *file, const char *verdict)
{
	uint64_t sockets = count_sockets(snapshot);
	char namespaces[32], number[32];
	const char *count = arena_print(
		arena,
		P_("%s socket with a port", "%s sockets with a port", (unsigned long)sockets),
		text_grouped(number, sockets));

	if (snapshot->windows)
		return arena_print(arena, _("%s: %s; the verdict on them is %s"), file, count,
				   verdict);
	return arena_print(arena, _("%s: %s, %s; the verdict on them is %s"), file, count,
			   arena_print(arena,
				       P_("%s network namespace", "%s network namespaces",
					  (unsigned long)snapshot->namespace_count),
				       text_grouped(namespaces, snapshot->namespace_count)),
			   verdict);
}

void saved_text(const struct snapshot *snapshot, int verdict, const char *file,
		const struct view_style *style)
{
	struct arena arena = { 0 };

	layout_paragraph(style, 0, 0,
			 sum_sentence(&arena, snapshot, file,
				      _(severity_title((enum severity)verdict))));
	view_text_gaps(snapshot, style);
	layout_paragraph(style, 0, 0,
			 arena_print(&arena,
				     _("It names processes with their arguments, users "
				       "and addresses. To judge it: portroom check --on %s"),
				     file));
	arena_free(&arena);
}

void view_text_origin(const struct snapshot *snapshot, const char *file,
		      const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *where = snapshot->namespace_count == 1 && snapshot->namespaces[0].name ?
				    arena_print(&arena, _(", network namespace %s"),
						snapshot->namespaces[0].name) :
				    "";
	char time[32];

	if (!file)
		goto out;
	if (!snapshot->time_ms) {
		/* Of what was pasted nobody knows when. */
		layout_paragraph(
			style, 0, 0,
			arena_print(&arena,
				    _("read from %s: %s, %s %s%s; pids and commands are of "
				      "that machine"),
				    file, snapshot->host_name ? snapshot->host_name : "?",
				    snapshot->system ? snapshot->system : "?",
				    snapshot->kernel ? snapshot->kernel : "?", where));
		goto out;
	}
	layout_paragraph(
		style, 0, 0,
		arena_print(&arena,
			    _("read from %s: %s, %s %s, at %s%s; pids and commands are of "
			      "that machine"),
			    file, snapshot->host_name ? snapshot->host_name : "?",
			    snapshot->system ? snapshot->system : "?",
			    snapshot->kernel ? snapshot->kernel : "?",
			    view_time(time, snapshot->time_ms), where));
out:
	arena_free(&arena);
}
