#include "source/source.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Trees in which files are missing or say something else: what cannot be read is a gap. */

static struct snapshot read_tree(const char *root)
{
	struct source_request request = { .root = root };
	struct snapshot snapshot;
	struct error error;

	if (source_read(&request, &snapshot, &error))
		assert_that(false, "%s", error.text);
	return snapshot;
}

static const struct gap *gap_about(const struct snapshot *snapshot, const char *what)
{
	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (strstr(snapshot->gaps[i].what, what))
			return &snapshot->gaps[i];
	assert_that(false, "no gap about %s", what);
	return NULL;
}

static void assert_room_gap(const struct snapshot *snapshot, const char *what, const char *why)
{
	const struct gap *gap = gap_about(snapshot, what);

	assert_int_equal(gap->effect, GAP_ROOM);
	assert_int_equal(gap->netns, 0);
	assert_that(strstr(gap->why, why), "%s: %s", what, gap->why);
}

TEST(missing_files_become_gaps)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-bare");

	assert_room_gap(&snapshot, "ephemeral port range",
			"ip_local_port_range: No such file");
	assert_room_gap(&snapshot, "reserved ports", "ip_local_reserved_ports: No such file");
	assert_room_gap(&snapshot, "tcp_tw_reuse", "No such file");
	assert_room_gap(&snapshot, "tcp_timestamps", "No such file");
	assert_room_gap(&snapshot, "UDP sockets", "/proc/net/udp: No such file");
	snapshot_free(&snapshot);
}

TEST(what_could_not_be_read_is_not_made_up)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-bare");
	const struct netns *netns = &snapshot.namespaces[0];

	assert_false(port_range_known(netns->settings.range));
	assert_false(netns->settings.reserved_known);
	assert_int_equal(netns->settings.tw_reuse, -1);
	assert_int_equal(netns->settings.timestamps, -1);
	assert_int_equal(netns->settings.tw_reuse_delay_ms, -1);
	assert_int_equal(netns->settings.fin_timeout_s, -1);
	assert_int_equal(netns->settings.syn_retries, -1);
	assert_int_equal(netns->settings.syn_linear_timeouts, -1);
	assert_int_equal(netns->counters.time_waits, -1);
	assert_int_equal(netns->counters.active_opens, -1);
	assert_int_equal(netns->counters.time_wait_now, -1);
	assert_int_equal(netns->conntrack.entries, 0); /* not in that kernel */
	assert_int_equal(netns->conntrack.limit, 0);
	assert_int_equal(snapshot.files_open, -1);
	assert_int_equal(snapshot.files_limit, -1);
	assert_false(netns->udp_read);
	assert_null(snapshot.host_name);
	assert_null(snapshot.kernel);
	snapshot_free(&snapshot);
}

/* A kernel without IPv6 has no second table, and that is no gap. */
TEST(without_the_ipv6_table_tcp_is_read)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-bare");

	assert_true(snapshot.namespaces[0].tcp_read);
	assert_int_equal(snapshot.holding_count, 1);
	assert_int_equal(snapshot.holdings[0].key.owner_kind, OWNER_UNFOUND);
	snapshot_free(&snapshot);
}

TEST(a_line_that_is_no_socket_ends_the_table_and_is_named)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-broken");

	assert_false(snapshot.namespaces[0].tcp_read);
	assert_true(snapshot.namespaces[0].udp_read);
	assert_room_gap(&snapshot, "TCP sockets", "/proc/net/tcp, line 4: not a socket");
	snapshot_free(&snapshot);
}

TEST(settings_that_make_no_sense_are_not_taken)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-broken");
	const struct netns_settings *settings = &snapshot.namespaces[0].settings;

	assert_false(port_range_known(settings->range));
	assert_false(settings->reserved_known);
	assert_int_equal(settings->tw_reuse, -1);
	assert_int_equal(settings->timestamps, 1);
	assert_room_gap(&snapshot, "ephemeral port range", "ip_local_port_range: Invalid");
	assert_room_gap(&snapshot, "reserved ports", "ip_local_reserved_ports: Invalid");
	assert_room_gap(&snapshot, "tcp_tw_reuse", "Invalid");
	snapshot_free(&snapshot);
}

TEST(numbers_that_the_kernel_would_not_write_are_not_taken)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-broken");
	const struct netns_conntrack *conntrack = &snapshot.namespaces[0].conntrack;

	assert_int_equal(conntrack->entries, -1);
	assert_int_equal(conntrack->limit, -1);
	assert_int_equal(conntrack->drops, -1);
	assert_int_equal(snapshot.files_open, -1);
	assert_int_equal(snapshot.files_limit, -1);
	snapshot_free(&snapshot);
}

TEST(of_a_process_that_cannot_be_described_the_pid_stays)
{
	struct snapshot snapshot = read_tree(FIXTURES "/proc-broken");
	const struct process *process = &snapshot.processes[0];

	assert_int_equal(snapshot.process_count, 1);
	assert_int_equal(process->pid, 77);
	assert_null(process->name);
	assert_null(process->command_line);
	assert_int_equal(process->user, -1);
	assert_int_equal(process->start_time, -1);
	assert_int_equal(process->descriptor_limit, -1);
	snapshot_free(&snapshot);
}

TEST(an_empty_folder_is_read_as_gaps)
{
	char folder[] = "/tmp/portroom-test-XXXXXX";
	struct snapshot snapshot;

	assert_non_null(mkdtemp(folder));
	snapshot = read_tree(folder);
	assert_false(snapshot.namespaces[0].tcp_read);
	assert_false(snapshot.namespaces[0].udp_read);
	assert_room_gap(&snapshot, "TCP sockets", "/proc/net/tcp: No such file");
	assert_int_equal(snapshot.holding_count, 0);
	snapshot_free(&snapshot);
	rmdir(folder);
}

TEST(a_folder_that_is_not_there_is_an_error_that_names_it)
{
	struct source_request request = { .root = "/no/such/folder" };
	struct snapshot snapshot;
	struct error error;

	assert_int_equal(source_read(&request, &snapshot, &error), -1);
	assert_string_equal(
		error.text,
		"--root '/no/such/folder': No such file or directory; give a copy of /proc");
	snapshot_free(&snapshot);
}

SUITE(poor_proc, cmocka_unit_test(missing_files_become_gaps),
      cmocka_unit_test(what_could_not_be_read_is_not_made_up),
      cmocka_unit_test(without_the_ipv6_table_tcp_is_read),
      cmocka_unit_test(a_line_that_is_no_socket_ends_the_table_and_is_named),
      cmocka_unit_test(settings_that_make_no_sense_are_not_taken),
      cmocka_unit_test(numbers_that_the_kernel_would_not_write_are_not_taken),
      cmocka_unit_test(of_a_process_that_cannot_be_described_the_pid_stays),
      cmocka_unit_test(an_empty_folder_is_read_as_gaps),
      cmocka_unit_test(a_folder_that_is_not_there_is_an_error_that_names_it), );
