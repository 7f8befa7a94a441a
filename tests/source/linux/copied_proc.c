#include "source/source.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The tree proc-web, read as a whole: its sockets one by one, then as the snapshot keeps them. */

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct seen_socket {
	struct socket_record record;
	enum owner_kind owner_kind;
	int32_t pid;
};

struct seen {
	struct seen_socket sockets[64];
	size_t count;
};

static void note(void *context, const struct snapshot *snapshot, uint32_t netns,
		 enum owner_kind owner_kind, uint32_t owner,
		 const struct socket_record *record)
{
	struct seen *seen = context;

	assert_int_equal(netns, 0);
	assert_true(seen->count < sizeof seen->sockets / sizeof seen->sockets[0]);
	seen->sockets[seen->count++] = (struct seen_socket){
		.record = *record,
		.owner_kind = owner_kind,
		.pid = owner_kind == OWNER_PROCESS ? snapshot->processes[owner].pid : 0,
	};
}

static struct snapshot read_tree(struct source_request request)
{
	struct snapshot snapshot;
	struct error error;

	if (!request.root)
		request.root = FIXTURES "/proc-web";
	if (source_read(&request, &snapshot, &error))
		assert_that(false, "%s", error.text);
	return snapshot;
}

static struct seen see(struct source_request request)
{
	struct seen seen = { 0 };
	struct snapshot snapshot;

	request.on_socket = note;
	request.context = &seen;
	snapshot = read_tree(request);
	snapshot_free(&snapshot);
	return seen;
}

/* The one socket with these ports. */
static const struct seen_socket *socket_at(const struct seen *seen, uint16_t local,
					   uint16_t remote)
{
	const struct seen_socket *found = NULL;

	for (size_t i = 0; i < seen->count; i++) {
		const struct socket_record *record = &seen->sockets[i].record;

		if (record->local_port != local || record->remote_port != remote)
			continue;
		assert_that(!found, "two sockets from %u to %u", local, remote);
		found = &seen->sockets[i];
	}
	assert_that(found, "no socket from %u to %u", local, remote);
	return found;
}

static void assert_ends(const struct seen_socket *socket, const char *local,
			const char *remote)
{
	char text[ADDRESS_TEXT_SIZE];

	assert_string_equal(
		address_print_endpoint(text, &socket->record.local, socket->record.local_port),
		local);
	assert_string_equal(address_print_endpoint(text, &socket->record.remote,
						   socket->record.remote_port),
			    remote);
}

TEST(every_line_is_a_socket)
{
	struct seen seen = see((struct source_request){ 0 });
	size_t tcp = 0, udp = 0;

	for (size_t i = 0; i < seen.count; i++) {
		tcp += seen.sockets[i].record.protocol == PROTOCOL_TCP;
		udp += seen.sockets[i].record.protocol == PROTOCOL_UDP;
	}
	assert_int_equal(tcp, 25);
	assert_int_equal(udp, 3);
}

TEST(addresses_and_ports_are_read)
{
	struct seen seen = see((struct source_request){ 0 });

	assert_ends(socket_at(&seen, 40000, 5432), "10.0.0.5:40000", "10.0.9.1:5432");
	assert_ends(socket_at(&seen, 3306, 0), "127.0.0.1:3306", "0.0.0.0:0");
	assert_ends(socket_at(&seen, 443, 0), "[::]:443", "[::]:0");
	assert_ends(socket_at(&seen, 40041, 9000), "[::1]:40041", "[::1]:9000");
	assert_ends(socket_at(&seen, 40042, 443), "[2001:db8::5]:40042", "[2001:db8::9]:443");
}

TEST(every_state_is_read)
{
	static const struct {
		uint16_t local, remote;
		enum socket_state state;
	} table[] = {
		{ 8080, 0, SOCKET_LISTEN },	    { 40000, 5432, SOCKET_ESTABLISHED },
		{ 40002, 5432, SOCKET_CLOSE_WAIT }, { 40003, 443, SOCKET_SYN_SENT },
		{ 40004, 5432, SOCKET_FIN_WAIT1 },  { 40005, 5432, SOCKET_FIN_WAIT2 },
		{ 40006, 5432, SOCKET_LAST_ACK },   { 40007, 5432, SOCKET_CLOSING },
		{ 40010, 3306, SOCKET_TIME_WAIT },  { 40042, 443, SOCKET_TIME_WAIT },
		{ 68, 0, SOCKET_UNCONNECTED },	    { 40100, 53, SOCKET_ESTABLISHED },
		{ 5353, 0, SOCKET_UNCONNECTED },
	};
	struct seen seen = see((struct source_request){ 0 });
	size_t receiving = 0;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_int_equal(
			socket_at(&seen, table[i].local, table[i].remote)->record.state,
			table[i].state);
	for (size_t i = 0; i < seen.count; i++)
		receiving += seen.sockets[i].record.state == SOCKET_SYN_RECV;
	assert_int_equal(receiving, 1);
}

TEST(a_mapped_socket_is_an_ipv4_socket)
{
	struct seen seen = see((struct source_request){ 0 });
	const struct seen_socket *mapped = socket_at(&seen, 40040, 5432);

	assert_ends(mapped, "10.0.0.5:40040", "10.0.9.1:5432");
	assert_int_equal(mapped->record.local.family, FAMILY_IPV4);
	assert_int_equal(mapped->record.ipv6_only, IPV6_ONLY_NO);
	assert_int_equal(socket_at(&seen, 443, 0)->record.ipv6_only, IPV6_ONLY_UNKNOWN);
}

TEST(time_wait_has_the_time_left_and_its_age)
{
	struct seen seen = see((struct source_request){ 0 });
	const struct socket_record *young = &socket_at(&seen, 40010, 3306)->record;
	const struct socket_record *about = &socket_at(&seen, 40011, 3306)->record;
	const struct socket_record *old = &socket_at(&seen, 40012, 3306)->record;

	assert_int_equal(young->expires_ms, 59500);
	assert_int_equal(young->age, AGE_YOUNG);
	assert_int_equal(about->expires_ms, 59000);
	assert_int_equal(about->age, AGE_UNCERTAIN);
	assert_int_equal(old->expires_ms, 30000);
	assert_int_equal(old->age, AGE_OLD);
}

TEST(other_timers_are_not_taken_for_the_end_of_time_wait)
{
	struct seen seen = see((struct source_request){ 0 });

	assert_int_equal(socket_at(&seen, 40001, 5432)->record.expires_ms, 0);
	assert_int_equal(socket_at(&seen, 40005, 5432)->record.expires_ms, 0);
	assert_int_equal(socket_at(&seen, 40005, 5432)->record.age, AGE_NONE);
	assert_int_equal(socket_at(&seen, 40004, 5432)->record.age, AGE_NONE);
}

TEST(sockets_belong_to_whoever_has_them_open)
{
	struct seen seen = see((struct source_request){ 0 });

	assert_int_equal(socket_at(&seen, 40000, 5432)->pid, 812);
	assert_int_equal(socket_at(&seen, 40003, 443)->pid, 900);
	assert_int_equal(socket_at(&seen, 3306, 0)->pid, 1500);
	assert_int_equal(socket_at(&seen, 40040, 5432)->pid, 812);
	assert_int_equal(socket_at(&seen, 40100, 53)->pid, 812);
	assert_int_equal(socket_at(&seen, 68, 0)->pid, 1500);
}

TEST(a_socket_without_inode_is_nobodys)
{
	struct seen seen = see((struct source_request){ 0 });

	assert_int_equal(socket_at(&seen, 40010, 3306)->owner_kind, OWNER_NOBODY);
	assert_int_equal(socket_at(&seen, 40004, 5432)->owner_kind, OWNER_NOBODY);
}

TEST(a_socket_that_no_process_has_is_unfound_with_its_user)
{
	struct seen seen = see((struct source_request){ 0 });
	const struct seen_socket *socket = socket_at(&seen, 40030, 5432);

	assert_int_equal(socket->owner_kind, OWNER_UNFOUND);
	assert_int_equal(socket->record.user, 1000);
}

TEST(without_looking_for_owners_they_are_hidden)
{
	struct seen seen = see((struct source_request){ .no_owners = true });

	assert_int_equal(socket_at(&seen, 40000, 5432)->owner_kind, OWNER_HIDDEN);
	assert_int_equal(socket_at(&seen, 40000, 5432)->record.user, 33);
	assert_int_equal(socket_at(&seen, 40010, 3306)->owner_kind, OWNER_NOBODY);
}

/* ---- processes ---- */

static const struct process *process_at(const struct snapshot *snapshot, int32_t pid)
{
	for (size_t i = 0; i < snapshot->process_count; i++)
		if (snapshot->processes[i].pid == pid)
			return &snapshot->processes[i];
	return NULL;
}

TEST(a_process_is_described)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	const struct process *process = process_at(&snapshot, 812);

	assert_string_equal(process->name, "web) worker");
	assert_string_equal(process->executable, "/usr/sbin/web (deleted)");
	assert_string_equal(process->command_line, "/usr/sbin/web --listen 8080");
	assert_int_equal(process->user, 33);
	assert_string_equal(process->unit, "web.service");
	assert_null(process->container);
	assert_int_equal(process->descriptors, 15);
	assert_int_equal(process->socket_descriptors, 13);
	assert_int_equal(process->descriptor_limit, 1024);
	assert_int_equal(process->descriptor_hard_limit, 4096);
	assert_int_equal(process->start_ticks, 360000);
	assert_int_equal(process->start_time, 1700000000 + 360000 / sysconf(_SC_CLK_TCK));
	snapshot_free(&snapshot);
}

TEST(a_process_in_a_container_is_told_by_it)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	const struct process *process = process_at(&snapshot, 1500);

	assert_string_equal(process->container, CONTAINER);
	assert_null(process->unit);
	assert_null(process->pod);
	snapshot_free(&snapshot);
}

TEST(an_unlimited_number_of_descriptors_is_no_number)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	assert_int_equal(process_at(&snapshot, 900)->descriptor_limit, -1);
	assert_int_equal(process_at(&snapshot, 900)->descriptor_hard_limit, -1);
	assert_int_equal(process_at(&snapshot, 1500)->descriptor_limit, 65536);
	snapshot_free(&snapshot);
}

TEST(processes_without_sockets_are_left_out)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	assert_int_equal(snapshot.process_count, 3);
	assert_null(process_at(&snapshot, 1));
	assert_null(process_at(&snapshot, 1600));
	snapshot_free(&snapshot);
}

/* ---- the machine ---- */

TEST(settings_are_read)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	const struct netns_settings *settings = &snapshot.namespaces[0].settings;

	assert_int_equal(settings->range.first, 40000);
	assert_int_equal(settings->range.last, 40099);
	assert_true(settings->reserved_known);
	assert_int_equal(settings->reserved.count, 11);
	assert_true(port_set_has(&settings->reserved, 40099));
	assert_int_equal(settings->tw_reuse, 2);
	assert_int_equal(settings->tw_reuse_delay_ms, 1000);
	assert_int_equal(settings->timestamps, 1);
	assert_int_equal(settings->max_tw_buckets, 262144);
	assert_int_equal(settings->autobind_reuse, 0);
	assert_int_equal(settings->bindv6only, 0);
	assert_int_equal(settings->fin_timeout_s, 60);
	assert_int_equal(settings->syn_retries, 6);
	assert_int_equal(settings->syn_linear_timeouts, 4);
	assert_int_equal(settings->fastopen, 1);
	snapshot_free(&snapshot);
}

TEST(connection_tracking_is_summed_over_all_processors)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	const struct netns_conntrack *conntrack = &snapshot.namespaces[0].conntrack;

	assert_int_equal(conntrack->entries, 300);
	assert_int_equal(conntrack->limit, 262144);
	assert_int_equal(conntrack->drops, 22);
	assert_int_equal(conntrack->insert_failed, 17);
	assert_int_equal(conntrack->early_drops, INT64_C(10) + UINT32_MAX);
	snapshot_free(&snapshot);
}

TEST(open_files_of_the_machine_are_read)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	assert_int_equal(snapshot.files_open, 2176);
	assert_int_equal(snapshot.files_limit, INT64_MAX);
	snapshot_free(&snapshot);
}

TEST(counters_are_read_from_below_their_names)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	const struct netns_counters *counters = &snapshot.namespaces[0].counters;

	assert_int_equal(counters->time_waits, 4711);
	assert_int_equal(counters->time_waits_reused, 42);
	assert_int_equal(counters->time_wait_overflows, 7);
	assert_int_equal(counters->active_opens, 90210);
	assert_int_equal(counters->time_wait_now, 7);
	assert_int_equal(counters->tcp_allocated, 24);
	/* 17 of these are in the tables: what has an inode, and connections without a process. */
	assert_int_equal(snapshot.namespaces[0].unseen_most, 7);
	snapshot_free(&snapshot);
}

TEST(the_machine_is_described_as_the_copy_says)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	assert_string_equal(snapshot.host_name, "web1");
	assert_string_equal(snapshot.kernel, "6.12.57");
	assert_int_equal(snapshot.namespace_count, 1);
	assert_int_equal(snapshot.namespaces[0].inode, 4026531840);
	snapshot_free(&snapshot);
}

TEST(sockets_are_grouped_into_holdings)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });
	unsigned sockets = 0, inbound = 0, to_database = 0;

	for (size_t i = 0; i < snapshot.holding_count; i++) {
		const struct holding *holding = &snapshot.holdings[i];

		sockets += holding->sockets;
		if (holding->key.inbound)
			inbound += holding->sockets;
		if (holding->key.remote_port == 5432 &&
		    holding->key.state == SOCKET_ESTABLISHED &&
		    holding->key.owner_kind == OWNER_PROCESS) {
			to_database++;
			assert_int_equal(holding->sockets, 3); /* the mapped one is of them */
		}
	}
	assert_int_equal(sockets, 28);
	assert_int_equal(inbound, 5);
	assert_int_equal(to_database, 1);
	snapshot_free(&snapshot);
}

static const struct gap *gap_about(const struct snapshot *snapshot, const char *what)
{
	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (strstr(snapshot->gaps[i].what, what))
			return &snapshot->gaps[i];
	return NULL;
}

TEST(a_copy_lacks_nothing_but_bound_sockets)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	assert_true(snapshot.namespaces[0].tcp_read);
	assert_true(snapshot.namespaces[0].udp_read);
	assert_false(snapshot.namespaces[0].bound_seen);
	assert_non_null(snapshot.namespaces[0].untested_why);
	assert_int_equal(snapshot.gap_count, 1);
	assert_non_null(gap_about(&snapshot, "bound-only"));
	assert_int_equal(snapshot.gaps[0].effect, GAP_ROOM);
	snapshot_free(&snapshot);
}

TEST(a_copy_is_read_from_its_files_only)
{
	struct snapshot snapshot = read_tree((struct source_request){ 0 });

	for (size_t i = 0; i < snapshot.source_count; i++) {
		const struct source_report *source = &snapshot.sources[i];
		bool file =
			!strcmp(source->name, "proc_net") || !strcmp(source->name, "proc_fd");

		assert_int_equal(source->used, file);
		assert_that(source->used || source->why_not, "%s does not say why",
			    source->name);
		if (!strcmp(source->name, "proc_net"))
			assert_int_equal(source->sockets, 28);
	}
	assert_int_equal(snapshot.source_count, 7);
	snapshot_free(&snapshot);
}

TEST(a_copy_has_no_routes)
{
	struct source_route route = { 0 };
	struct snapshot snapshot;

	assert_true(address_parse("10.0.9.1", &route.destination));
	snapshot = read_tree((struct source_request){ .route = &route });
	assert_int_equal(route.source.family, FAMILY_NONE);
	assert_non_null(route.why);
	snapshot_free(&snapshot);
}

TEST(the_folder_that_holds_proc_is_as_good_as_proc)
{
	char folder[] = "/tmp/portroom-test-XXXXXX", link[64];
	struct snapshot snapshot;

	assert_non_null(mkdtemp(folder));
	snprintf(link, sizeof link, "%s/proc", folder);
	assert_int_equal(symlink(FIXTURES "/proc-web", link), 0);
	snapshot = read_tree((struct source_request){ .root = folder });
	assert_string_equal(snapshot.host_name, "web1");
	assert_true(snapshot.namespaces[0].tcp_read);
	snapshot_free(&snapshot);
	unlink(link);
	rmdir(folder);
}

SUITE(copied_proc, cmocka_unit_test(every_line_is_a_socket),
      cmocka_unit_test(addresses_and_ports_are_read), cmocka_unit_test(every_state_is_read),
      cmocka_unit_test(a_mapped_socket_is_an_ipv4_socket),
      cmocka_unit_test(time_wait_has_the_time_left_and_its_age),
      cmocka_unit_test(other_timers_are_not_taken_for_the_end_of_time_wait),
      cmocka_unit_test(sockets_belong_to_whoever_has_them_open),
      cmocka_unit_test(a_socket_without_inode_is_nobodys),
      cmocka_unit_test(a_socket_that_no_process_has_is_unfound_with_its_user),
      cmocka_unit_test(without_looking_for_owners_they_are_hidden),
      cmocka_unit_test(a_process_is_described),
      cmocka_unit_test(a_process_in_a_container_is_told_by_it),
      cmocka_unit_test(an_unlimited_number_of_descriptors_is_no_number),
      cmocka_unit_test(processes_without_sockets_are_left_out),
      cmocka_unit_test(settings_are_read),
      cmocka_unit_test(connection_tracking_is_summed_over_all_processors),
      cmocka_unit_test(open_files_of_the_machine_are_read),
      cmocka_unit_test(counters_are_read_from_below_their_names),
      cmocka_unit_test(the_machine_is_described_as_the_copy_says),
      cmocka_unit_test(sockets_are_grouped_into_holdings),
      cmocka_unit_test(a_copy_lacks_nothing_but_bound_sockets),
      cmocka_unit_test(a_copy_is_read_from_its_files_only),
      cmocka_unit_test(a_copy_has_no_routes),
      cmocka_unit_test(the_folder_that_holds_proc_is_as_good_as_proc), );
