#include "source/artefact/saved/saved.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What tests/view/saved.c says that portroom save writes. */
static const char written[] = GOLDEN "/snapshot.json";

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	*size = fread(text, 1, 1 << 20, file);
	fclose(file);
	return text;
}

/* Asks for `scope` and `netns` of it. */
static int read_scope(struct snapshot *snapshot, enum source_scope scope, const char *netns,
		      struct error *error)
{
	const struct saved_request request = { "a.json", scope, netns };
	size_t size;
	char *text = slurp(written, &size);
	int result;

	*snapshot = (struct snapshot){ 0 };
	assert_true(saved_is(text, size));
	result = saved_read(&request, text, size, snapshot, error);
	free(text);
	return result;
}

static struct snapshot read_all(void)
{
	struct snapshot snapshot;
	struct error error;

	assert_that(!read_scope(&snapshot, SCOPE_REACHABLE, NULL, &error), "%s", error.text);
	return snapshot;
}

static void frees(struct snapshot *snapshot)
{
	snapshot_free(snapshot);
}

TEST(the_machine_is_read)
{
	struct snapshot snapshot = read_all();

	assert_int_equal(snapshot.namespace_count, 2);
	assert_int_equal(snapshot.namespaces[0].settings.range.first, 40000);
	assert_int_equal(snapshot.namespaces[0].settings.tw_reuse, 2);
	assert_int_equal(snapshot.namespaces[1].settings.range.first, 0);
	assert_true(port_set_has(&snapshot.namespaces[1].known_bind, 40001));
	assert_true(snapshot.files_limit == INT64_MAX);
	assert_int_equal(snapshot.files_open, -1);
	frees(&snapshot);
}

/* "> file" of PowerShell makes UTF-16 with a mark of what a program prints; others put a mark before UTF-8. */
static char *as_utf16(const char *text, size_t *size)
{
	char *wide = calloc(1, 2 * *size + 2);

	memcpy(wide, "\xff\xfe", 2);
	for (size_t i = 0; i < *size; i++)
		wide[2 + 2 * i] = text[i];
	*size = 2 * *size + 2;
	return wide;
}

static void expect_read(const char *text, size_t size)
{
	const struct saved_request request = { "a.json", SCOPE_REACHABLE, NULL };
	struct snapshot snapshot = { 0 };
	struct error error;

	assert_true(saved_is(text, size));
	assert_that(!saved_read(&request, text, size, &snapshot, &error), "%s", error.text);
	assert_int_equal(snapshot.namespace_count, 2);
	snapshot_free(&snapshot);
}

TEST(what_a_shell_made_utf_16_of_is_read)
{
	size_t size, marked;
	char *text = slurp(written, &size), *wide, *mark;

	for (size_t i = 0; i < size; i++)
		text[i] = text[i] & 0x80 ? '?' : text[i];
	marked = size + 3;
	mark = calloc(1, marked);
	memcpy(mark, "\xef\xbb\xbf", 3);
	memcpy(mark + 3, text, size);
	expect_read(mark, marked);
	wide = as_utf16(text, &size);
	expect_read(wide, size);
	free(wide);
	free(mark);
	free(text);
}

TEST(processes_are_read_with_what_their_names_hold)
{
	struct snapshot snapshot = read_all();
	const struct process *process = &snapshot.processes[0];

	assert_int_equal(snapshot.process_count, 3);
	assert_int_equal(process->pid, 812);
	assert_string_equal(process->name, "bill\"ing\n\x1b[31m");
	assert_string_equal(process->command_line, "billing --caf\u00e9 \ufffd");
	assert_int_equal(process->own_range.last, 40009);
	assert_int_equal(process->descriptors, -1);
	assert_true(snapshot.processes[1].ended);
	frees(&snapshot);
}

TEST(holdings_are_read_and_chained)
{
	struct snapshot snapshot = read_all();
	const struct holding *first = snapshot_next_holding(&snapshot, 0, NULL);
	const struct holding *rest = snapshot_next_holding(&snapshot, 0, first);
	const struct holding *bound = snapshot_next_holding(&snapshot, 0, rest);
	const struct holding *other = snapshot_next_holding(&snapshot, 1, NULL);

	assert_int_equal(first->ports.count, 95);
	assert_int_equal(first->key.remote_port, 5432);
	assert_int_equal(rest->key.state, SOCKET_TIME_WAIT);
	assert_int_equal(rest->key.owner_kind, OWNER_RECORDED);
	assert_int_equal(rest->latest_expiry_ms, 59000);
	assert_int_equal(bound->sockets, 2);
	assert_int_equal(bound->key.local.family, FAMILY_IPV6);
	assert_null(snapshot_next_holding(&snapshot, 0, bound));
	assert_int_equal(other->key.protocol, PROTOCOL_UDP);
	assert_int_equal(snapshot.processes[other->key.owner].pid, 900);
	frees(&snapshot);
}

TEST(the_other_tables_are_read)
{
	struct snapshot snapshot = read_all();

	assert_int_equal(snapshot.nat.tuple_count, 2);
	assert_int_equal(snapshot.nat.tuples[0].ports.count, 10);
	assert_int_equal(snapshot.nat.tuples[1].sources, 2);
	assert_int_equal(snapshot.nat.tuples[0].states[NAT_ESTABLISHED], 10);
	assert_int_equal(snapshot.nat.source_count, 3);
	assert_int_equal(snapshot.nat.rule_count, 1);
	assert_int_equal(snapshot.nat.rules[0].ports.first, 50000);
	assert_string_equal(snapshot.port_rules[0].where, "inet filter input handle 12");
	assert_int_equal(snapshot.boot_sockets[0].port, 631);
	assert_int_equal(snapshot.gap_count, 2);
	assert_int_equal(snapshot.gaps[0].netns, 1);
	assert_int_equal(snapshot.gaps[0].effect, GAP_ROOM);
	assert_int_equal(snapshot.gaps[1].netns, -1);
	assert_string_equal(snapshot.gaps[1].remedy, "run as root to name them");
	assert_int_equal(snapshot.source_count, 2);
	assert_true(snapshot.sources[0].milliseconds == 1.25);
	assert_int_equal(snapshot.sources[1].sockets, -1);
	frees(&snapshot);
}

TEST(of_namespaces_not_asked_for_nothing_is_taken)
{
	struct snapshot snapshot;
	struct error error;

	assert_int_equal(read_scope(&snapshot, SCOPE_OWN, NULL, &error), 0);
	assert_int_equal(snapshot.namespace_count, 1);
	assert_int_equal(snapshot.process_count, 2);
	assert_int_equal(snapshot.holding_count, 3);
	assert_int_equal(snapshot.nat.tuple_count, 2);
	assert_int_equal(snapshot.port_rule_count, 0);
	assert_int_equal(snapshot.gap_count, 1); /* about the machine */
	frees(&snapshot);
}

TEST(a_namespace_is_asked_for_by_name_or_number)
{
	struct snapshot whole = read_all(), snapshot;
	char number[24];
	struct error error;

	snprintf(number, sizeof number, "%llu", (unsigned long long)whole.namespaces[1].inode);
	assert_int_equal(read_scope(&snapshot, SCOPE_ONE, number, &error), 0);
	assert_int_equal(snapshot.namespace_count, 1);
	assert_int_equal(snapshot.process_count, 1);
	assert_int_equal(snapshot.processes[snapshot.holdings[0].key.owner].pid, 900);
	assert_int_equal(snapshot.holdings[0].key.netns, 0);
	assert_int_equal(snapshot.nat.source_count, 0);
	assert_int_equal(snapshot.gaps[0].netns, 0);
	frees(&snapshot);
	assert_int_equal(read_scope(&snapshot, SCOPE_ONE, "nowhere", &error), -1);
	assert_non_null(strstr(error.text, "nowhere"));
	frees(&snapshot);
	frees(&whole);
}

/* Wherever it ends, and whatever one of its bytes is: a sentence, or facts, but no crash. tests/fuzz goes further. */
TEST(every_part_of_it_is_refused)
{
	const struct saved_request request = { .name = "a.json" };
	size_t size;
	char *text = slurp(written, &size);

	for (size_t part = 0; part + 2 < size; part += 7) {
		struct snapshot snapshot = { 0 };
		struct error error = { "" };

		assert_int_equal(saved_read(&request, text, part, &snapshot, &error), -1);
		assert_non_null(strstr(error.text, "a.json"));
		snapshot_free(&snapshot);
	}
	free(text);
}

static int read_windows_file(struct snapshot *snapshot, const char *from, const char *to,
			     struct error *error)
{
	const struct saved_request request = { "a.json", SCOPE_REACHABLE, NULL };
	size_t size;
	char *text = slurp(GOLDEN "/snapshot-windows.json", &size), *at;
	int result;

	*snapshot = (struct snapshot){ 0 };
	if (from) {
		at = strstr(text, from);
		assert_non_null(at);
		assert_int_equal(strlen(from), strlen(to));
		memcpy(at, to, strlen(to));
	}
	result = saved_read(&request, text, size, snapshot, error);
	free(text);
	return result;
}

TEST(what_is_of_windows_is_read)
{
	const struct windows_range *range;
	struct snapshot snapshot;
	struct error error;

	assert_that(!read_windows_file(&snapshot, NULL, NULL, &error), "%s", error.text);
	assert_non_null(snapshot.windows);
	assert_int_equal(snapshot.windows->build, 19045);
	assert_int_equal(snapshot.windows->timed_wait_delay_s, 60);
	assert_int_equal(snapshot.windows->max_user_port, -1);
	assert_int_equal(snapshot.windows->auto_reuse.last, 50009);
	assert_true(snapshot.windows->bound_listed);
	assert_string_equal(snapshot.windows->listing, "netstat -anoq");
	range = windows_range_at(snapshot.windows, PROTOCOL_UDP, FAMILY_IPV6);
	assert_int_equal(range->range.first, 49152);
	assert_true(range->assumed);
	assert_int_equal(range->excluded.count, 61);
	assert_int_equal(range->reserved_at_run.count, 1);
	range = windows_range_at(snapshot.windows, PROTOCOL_TCP, FAMILY_IPV4);
	assert_int_equal(range->range.first, 50000);
	assert_false(range->assumed);
	snapshot_free(&snapshot);
}

TEST(what_the_machine_itself_has_logged_is_read)
{
	const struct evidence_facts *facts;
	struct snapshot snapshot;
	struct error error;

	assert_that(!read_windows_file(&snapshot, NULL, NULL, &error), "%s", error.text);
	facts = &snapshot.evidence;
	assert_true(facts->own);
	assert_false(evidence_was_sent(facts));
	assert_int_equal(facts->artefact_count, 1);
	assert_string_equal(facts->artefacts[0].file, "System log");
	assert_int_equal(facts->log_count, 1);
	assert_string_equal(facts->logs[0].channel, "System");
	assert_true(facts->logs[0].looked_from_ms == INT64_C(1750000000000));
	assert_int_equal(facts->event_count, 1);
	assert_int_equal(facts->events[0].id, 4231);
	assert_true(facts->events[0].count == 3);
	assert_string_equal(facts->events[0].provider, "Tcpip");
	snapshot_free(&snapshot);
	assert_int_equal(read_windows_file(&snapshot, "{\"read\": 0, \"id\"",
					   "{\"read\": 1, \"id\"", &error),
			 -1);
	snapshot_free(&snapshot);
}

/* The other way round a file of Linux names each. */
TEST(the_namespace_of_windows_has_no_name)
{
	struct snapshot snapshot;
	struct error error;

	assert_that(!read_windows_file(&snapshot,
				       "\"inode\": \"4026531840\", \"name\": \"own\"",
				       "\"inode\": \"0\",          \"name\": null ", &error),
		    "%s", error.text);
	assert_null(snapshot.namespaces[0].name);
	snapshot_free(&snapshot);
	assert_int_equal(
		read_windows_file(&snapshot, "\"name\": \"own\"", "\"name\": null ", &error),
		-1);
	snapshot_free(&snapshot);
}

TEST(a_file_of_linux_has_nothing_of_windows)
{
	struct snapshot snapshot = read_all();

	assert_null(snapshot.windows);
	assert_false(snapshot.evidence.own);
	frees(&snapshot);
}

TEST(ranges_of_windows_that_are_missing_are_an_error)
{
	struct snapshot snapshot;
	struct error error;

	assert_int_equal(
		read_windows_file(&snapshot, "windows_ranges", "windows_rangez", &error), -1);
	snapshot_free(&snapshot);
	assert_int_equal(
		read_windows_file(&snapshot, "\"50000-50099\"", "\"50099-50000\"", &error),
		-1);
	snapshot_free(&snapshot);
}

SUITE(saved, cmocka_unit_test(the_machine_is_read),
      cmocka_unit_test(what_a_shell_made_utf_16_of_is_read),
      cmocka_unit_test(processes_are_read_with_what_their_names_hold),
      cmocka_unit_test(holdings_are_read_and_chained),
      cmocka_unit_test(the_other_tables_are_read),
      cmocka_unit_test(of_namespaces_not_asked_for_nothing_is_taken),
      cmocka_unit_test(a_namespace_is_asked_for_by_name_or_number),
      cmocka_unit_test(every_part_of_it_is_refused),
      cmocka_unit_test(what_is_of_windows_is_read),
      cmocka_unit_test(what_the_machine_itself_has_logged_is_read),
      cmocka_unit_test(the_namespace_of_windows_has_no_name),
      cmocka_unit_test(a_file_of_linux_has_nothing_of_windows),
      cmocka_unit_test(ranges_of_windows_that_are_missing_are_an_error));
