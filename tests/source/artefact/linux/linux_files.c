#include "listed.h"

#include <string.h>

/* netstat, /proc/net, lsof, conntrack, counters, addresses, settings. */

TEST(netstat_is_read_with_all_its_columns)
{
	struct listed listed;
	const struct holding *holding;

	listed_of_fixture(&listed, "netstat.txt");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 7);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 2);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_LISTEN), 2);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_TIME_WAIT), 1);
	holding = listed_port(&listed, PROTOCOL_TCP, 443);
	assert_string_equal(listed_owner(&listed, holding), "nginx: master p");
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 40003)->key.owner_kind,
			 OWNER_NOBODY);
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 40004)->earliest_expiry_ms, 58660);
	listed_end(&listed);
}

TEST(netstat_without_queues_is_of_another_system)
{
	struct listed listed;

	told_of(&listed.told, "  TCP    10.0.0.5:40000   10.0.9.1:443   ESTABLISHED\n"
			      "tcp4  0  0  10.0.0.5.40000  10.0.9.1.443  ESTABLISHED\n"
			      "udp  0  0  10.0.0.5.40000  *.*\n");
	assert_int_equal(listed.told.dossier.systems[FROM_LINUX], 0);
	listed_end(&listed);
}

TEST(states_in_another_language_are_told_by_the_peer)
{
	struct listed listed;

	listed_of(
		&listed,
		"tcp  0  0 0.0.0.0:80      0.0.0.0:*     OUVINDO      1/x\n"
		"tcp  0  0 10.0.0.5:40000  10.0.9.1:443  ESTABELECIDA 1/x\n"
		"tcp  0  0 10.0.0.5:40001  10.0.9.1:443  TEMPO        -  timewait (3.20/0/0)\n");
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_LISTEN), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_ESTABLISHED), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_TIME_WAIT), 1);
	assert_non_null(strstr(told_part(&listed.told, "netstat")->partial, "language"));
	listed_end(&listed);
}

TEST(an_address_that_fills_its_column_may_have_been_cut)
{
	struct listed listed;

	listed_of(&listed, "tcp6 0 0 2001:db8:85a3::8a2:4000 2001:db8::9:443 ESTABLISHED\n"
			   "tcp6 0 0 2001:db8::2:40001 2001:db8::9:443 ESTABLISHED\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 1);
	assert_non_null(listed_port(&listed, PROTOCOL_TCP, 40001));
	assert_non_null(strstr(told_part(&listed.told, "netstat")->partial, "-nW"));
	listed_end(&listed);
}

TEST(tables_of_proc_net_are_one_listing)
{
	struct listed listed;

	listed_of_fixture(&listed, "proc_net.txt");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 5);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 1);
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 40002)->key.local.family,
			 FAMILY_IPV4);
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 40001)->earliest_expiry_ms, 58880);
	assert_true(listed_has_gap(&listed, "UDP sockets of IPv6"));
	assert_false(listed_has_gap(&listed, "TCP sockets of IPv6"));
	listed_end(&listed);
}

TEST(another_byte_order_shows_in_loopback_addresses)
{
	static const uint8_t localhost[] = { 127, 0, 0, 1 };
	const struct address address = address_ipv4(localhost);
	struct listed listed;

	listed_of(
		&listed,
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		"uid  timeout inode\n"
		"   0: 7F000001:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000  "
		"   0        0 9101 1 0000000000000000 100 0 0 10 0\n");
	assert_true(
		address_equal(&listed_port(&listed, PROTOCOL_TCP, 9000)->key.local, &address));
	assert_non_null(strstr(told_part(&listed.told, "proc_net")->partial, "big-endian"));
	listed_end(&listed);
}

TEST(raw_sockets_are_no_ports)
{
	struct listed listed;

	listed_of(
		&listed,
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		"uid  timeout inode ref pointer drops\n"
		"   1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000  "
		"   0        0 9101 2 0000000000000000 0\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 0);
	listed_end(&listed);
}

TEST(lsof_counts_a_socket_of_several_processes_once)
{
	static const char *const names[] = { "lsof.txt", "lsof_fields.txt" };
	static const unsigned sockets[] = { 4, 2 };

	for (int i = 0; i < 2; i++) {
		struct listed listed;

		listed_of_fixture(&listed, names[i]);
		assert_int_equal(listed_all(&listed, PROTOCOL_TCP), sockets[i]);
		assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 1);
		assert_string_equal(
			listed_owner(&listed, listed_port(&listed, PROTOCOL_TCP, 443)),
			"nginx");
		assert_true(listed_has_gap(&listed, "1 socket of no known protocol"));
		assert_true(listed_has_gap(&listed, "no TIME_WAIT"));
		listed_end(&listed);
	}
}

TEST(a_line_like_a_field_of_lsof_is_no_listing)
{
	struct told told;

	told_of(&told, "p12\nand some more text\n");
	assert_int_equal(told.dossier.systems[FROM_LINUX], 0);
	assert_int_equal(told.dossier.table_count, 0);
	told_end(&told);
}

TEST(what_follows_lsof_takes_nothing_from_it)
{
	struct listed listed;

	listed_of(&listed, "p812\ncshop\nf5\ntIPv4\nPTCP\nn10.0.0.5:40000->10.0.9.1:5432\n"
			   "State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
			   "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
			   "TIME-WAIT 0 0 10.0.0.5:40001 10.0.9.1:5432\n");
	assert_int_equal(listed.told.dossier.table_count, 2);
	assert_int_equal(listed.told.dossier.tables[0].count, 1);
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 2);
	listed_end(&listed);
}

TEST(conntrack_tells_the_ports_of_source_nat)
{
	struct listed listed;
	const struct nat *nat;
	const struct netns_conntrack *conntrack;

	listed_of_fixture(&listed, "conntrack.txt");
	nat = &listed.told.snapshot.nat;
	conntrack = &listed.netns->conntrack;
	assert_true(listed.netns->nat_read);
	assert_int_equal(nat->tuple_count, 2);
	assert_int_equal(nat->tuples[0].key.port, 443);
	/* Three that were changed, and one of the host itself from the same address. */
	assert_int_equal(nat->tuples[0].ports.count, 4);
	assert_int_equal(nat->tuples[0].own.count, 1);
	assert_int_equal(nat->tuples[1].key.protocol, PROTOCOL_UDP);
	assert_int_equal(nat->tuples[1].states[NAT_UNREPLIED], 1);
	assert_int_equal(conntrack->entries, 6);
	assert_true(listed_has_gap(&listed, "rules of source NAT"));
	assert_int_equal(conntrack->drops, 4);
	assert_int_equal(conntrack->insert_failed, 3);
	assert_int_equal(conntrack->early_drops, 5);
	listed_end(&listed);
}

TEST(counters_of_the_kernel_are_read)
{
	struct listed listed;
	const struct netns_counters *counters;

	listed_of_fixture(&listed, "counters.txt");
	counters = &listed.netns->counters;
	assert_int_equal(counters->tcp_allocated, 24);
	assert_int_equal(counters->time_wait_now, 7);
	assert_int_equal(counters->active_opens, 8123);
	assert_int_equal(counters->time_waits, 4711);
	assert_int_equal(counters->time_waits_reused, 42);
	assert_int_equal(counters->time_wait_overflows, 7);
	listed_end(&listed);
}

TEST(ss_s_has_the_kernels_count_of_tcp_sockets)
{
	struct told told;

	told_of(&told, "TCP:   94 (estab 65, closed 27, orphaned 0, timewait 21)\n");
	assert_int_equal(told.dossier.netns.counters.tcp_allocated, 73);
	assert_int_equal(told.dossier.netns.counters.time_wait_now, 21);
	told_end(&told);
	told_of(&told,
		"TCP:   12 (estab 2, closed 5, orphaned 0, synrecv 1, timewait 5/0), ports 0\n");
	assert_int_equal(told.dossier.netns.counters.tcp_allocated, 6);
	told_end(&told);
}

TEST(addresses_of_the_host_are_read)
{
	static const char *const addresses[] = { "10.0.0.5", "2001:db8::5",  "10.0.1.5",
						 "fe80::5",  "10.0.2.5",     "fe80::6",
						 "10.0.3.5", "2001:db8:3::5" };
	struct listed listed;

	listed_of_fixture(&listed, "addresses.txt");
	assert_int_equal(listed.netns->local_address_count, 8);
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		struct address address;

		assert_true(address_parse(addresses[i], &address));
		assert_that(netns_has_address(listed.netns, &address), "%s", addresses[i]);
	}
	listed_end(&listed);
}

TEST(settings_in_force_are_read)
{
	struct listed listed;
	const struct netns_settings *settings;

	listed_of_fixture(&listed, "sysctl.txt");
	settings = &listed.netns->settings;
	assert_int_equal(settings->range.first, 40000);
	assert_int_equal(settings->range.last, 40999);
	assert_true(settings->reserved_known);
	assert_int_equal(settings->reserved.count, 10);
	assert_int_equal(settings->assumed, ASSUMED_NOTHING);
	assert_int_equal(settings->tw_reuse, 1);
	assert_int_equal(settings->tw_reuse_delay_ms, 1000);
	assert_int_equal(settings->max_tw_buckets, 65536);
	assert_int_equal(listed.netns->conntrack.limit, 262144);
	assert_int_equal(listed.told.snapshot.files_open, 1344);
	assert_string_equal(listed.told.snapshot.kernel, "6.1.0-18-amd64");
	listed_end(&listed);
}

TEST(what_is_to_be_set_is_not_what_is_set)
{
	static const char *const configurations[] = {
		"net.ipv4.ip_local_port_range=1024 65535\n",
		"# more ports\nnet.ipv4.ip_local_port_range = 1024 65535\n",
		"net.ipv4.ip_local_port_range = 1024 65535\n; as the vendor says\n",
	};

	for (size_t i = 0; i < sizeof configurations / sizeof configurations[0]; i++) {
		struct told told;

		told_of(&told, configurations[i]);
		assert_that(!told.dossier.netns.settings.range.first, "%s", configurations[i]);
		assert_non_null(strstr(told_part(&told, "sysctl")->partial, "configuration"));
		told_end(&told);
	}
}

TEST(a_value_that_linux_never_gives_is_told)
{
	struct told told;

	told_of(&told, "net.ipv4.ip_local_port_range = 50000\t40000\n"
		       "net.ipv4.tcp_tw_reuse = 1\n");
	assert_int_equal(told.dossier.netns.settings.range.first, 0);
	assert_int_equal(told.dossier.netns.settings.tw_reuse, 1);
	assert_non_null(strstr(told_part(&told, "sysctl")->partial, "port_range"));
	told_end(&told);
}

SUITE(linux_files, cmocka_unit_test(netstat_is_read_with_all_its_columns),
      cmocka_unit_test(netstat_without_queues_is_of_another_system),
      cmocka_unit_test(states_in_another_language_are_told_by_the_peer),
      cmocka_unit_test(an_address_that_fills_its_column_may_have_been_cut),
      cmocka_unit_test(tables_of_proc_net_are_one_listing),
      cmocka_unit_test(another_byte_order_shows_in_loopback_addresses),
      cmocka_unit_test(raw_sockets_are_no_ports),
      cmocka_unit_test(lsof_counts_a_socket_of_several_processes_once),
      cmocka_unit_test(a_line_like_a_field_of_lsof_is_no_listing),
      cmocka_unit_test(what_follows_lsof_takes_nothing_from_it),
      cmocka_unit_test(conntrack_tells_the_ports_of_source_nat),
      cmocka_unit_test(counters_of_the_kernel_are_read),
      cmocka_unit_test(ss_s_has_the_kernels_count_of_tcp_sockets),
      cmocka_unit_test(addresses_of_the_host_are_read),
      cmocka_unit_test(settings_in_force_are_read),
      cmocka_unit_test(what_is_to_be_set_is_not_what_is_set),
      cmocka_unit_test(a_value_that_linux_never_gives_is_told));
