#include "listed.h"

#include <string.h>

#define HEADING "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
#define NETID "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"

TEST(every_row_of_a_full_listing_is_read)
{
	struct listed listed;

	listed_of_fixture(&listed, "ss.txt");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 13);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 2);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_LISTEN), 3);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_ESTABLISHED), 4);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_TIME_WAIT), 2);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_BOUND), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_UDP, SOCKET_UNCONNECTED), 1);
	assert_string_equal(listed.told.snapshot.host_name, "shop1");
	listed_end(&listed);
}

TEST(a_name_may_hold_any_characters)
{
	struct listed listed;
	const struct holding *holding;

	listed_of_fixture(&listed, "ss.txt");
	holding = listed_port(&listed, PROTOCOL_TCP, 40000);
	assert_string_equal(listed_owner(&listed, holding), "web) worker");
	assert_int_equal(snapshot_owner(&listed.told.snapshot, holding)->pid, 812);
	listed_end(&listed);
	listed_of(
		&listed, HEADING
		"ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432 users:((\"a\",pid=x\",pid=7,fd=3))\n");
	/* Which of the two is the end of the name cannot be told: no process is named wrongly. */
	assert_int_equal(listed.told.snapshot.process_count, 0);
	listed_end(&listed);
}

TEST(the_owners_of_old_versions_are_read)
{
	struct listed listed;

	listed_of(&listed,
		  HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432 users:((\"shop\",812,5))\n");
	assert_string_equal(listed_owner(&listed, listed_port(&listed, PROTOCOL_TCP, 40000)),
			    "shop");
	listed_end(&listed);
}

TEST(zones_and_mapped_addresses_are_read)
{
	static const uint8_t here[] = { 10, 0, 0, 5 }, stub[] = { 127, 0, 0, 53 };
	const struct address address = address_ipv4(here), resolver = address_ipv4(stub);
	struct listed listed;

	listed_of_fixture(&listed, "ss.txt");
	assert_true(address_equal(&listed_port(&listed, PROTOCOL_TCP, 40006)->key.local,
				  &address));
	assert_true(
		address_equal(&listed_port(&listed, PROTOCOL_UDP, 53)->key.local, &resolver));
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 40007)->key.local.family,
			 FAMILY_IPV6);
	listed_end(&listed);
}

TEST(an_asterisk_is_both_families_or_ipv4_as_the_version_has_it)
{
	struct listed listed;

	listed_of(&listed, NETID "tcp LISTEN 0 128 *:22 *:*\n"
				 "tcp LISTEN 0 128 0.0.0.0:80 0.0.0.0:*\n");
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 22)->key.local.family,
			 FAMILY_IPV6);
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 22)->key.ipv6_only, IPV6_ONLY_NO);
	listed_end(&listed);
	listed_of(&listed, NETID "tcp LISTEN 0 128 *:22 *:*\n"
				 "tcp LISTEN 0 128 :::80 :::*\n");
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 22)->key.local.family,
			 FAMILY_IPV4);
	assert_int_equal(listed_port(&listed, PROTOCOL_TCP, 80)->key.local.family,
			 FAMILY_IPV6);
	listed_end(&listed);
}

TEST(without_netid_the_states_tell_tcp_from_udp)
{
	struct listed listed;

	listed_of(&listed, HEADING "UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\n"
				   "ESTAB 0 0 10.0.0.5:41000 10.0.0.2:53\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 2);
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 0);
	listed_end(&listed);
	listed_of(&listed, HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
				   "UNCONN 0 0 10.0.0.5:41000 0.0.0.0:*\n");
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_BOUND), 1);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 0);
	listed_end(&listed);
}

TEST(the_command_before_it_tells_what_rows_do_not)
{
	struct listed listed;

	listed_of(&listed, "# ss -un\n" HEADING "ESTAB 0 0 10.0.0.5:41000 10.0.0.2:53\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 1);
	listed_end(&listed);
	listed_of(&listed, "$ ss -Htn state close-wait\n0 0 10.0.0.5:40000 10.0.9.1:5432\n");
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_CLOSE_WAIT), 1);
	assert_true(listed_has_gap(&listed, "filter"));
	listed_end(&listed);
	listed_of(&listed, "$ ss -Htn\nESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n"
			   "$ ss -Hun\nESTAB 0 0 10.0.0.5:41000 10.0.0.2:53\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 1);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 1);
	listed_end(&listed);
}

TEST(rows_without_a_state_are_told_by_their_timer_and_queue)
{
	struct listed listed;

	listed_of(&listed, "0 0 10.0.0.5:40000 10.0.9.1:5432 timer:(timewait,12sec,0)\n"
			   "0 0 10.0.0.5:40001 10.0.9.1:5432\n"
			   "0 128 0.0.0.0:80 0.0.0.0:*\n"
			   "0 0 127.0.0.1:40002 0.0.0.0:*\n");
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_TIME_WAIT), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_ESTABLISHED), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_LISTEN), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_BOUND), 1);
	listed_end(&listed);
}

TEST(details_on_lines_of_their_own_belong_to_the_row_above)
{
	struct listed listed;

	listed_of(&listed, HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n"
				   "\tusers:((\"shop\",pid=812,fd=5)) uid:33 ino:77\n"
				   "\t cubic wscale:7,7 rto:204\n");
	assert_string_equal(listed_owner(&listed, listed_port(&listed, PROTOCOL_TCP, 40000)),
			    "shop");
	listed_end(&listed);
}

TEST(queues_may_be_left_out)
{
	struct listed listed;

	listed_of(&listed,
		  "Netid State Local Address:Port Peer Address:PortProcess\n"
		  "tcp ESTAB 10.0.0.5:40000 10.0.9.1:5432 users:((\"x\",pid=4,fd=3))\n"
		  "tcp LISTEN 0.0.0.0:80 0.0.0.0:*\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 2);
	assert_string_equal(listed_owner(&listed, listed_port(&listed, PROTOCOL_TCP, 40000)),
			    "x");
	listed_end(&listed);
}

TEST(names_for_ports_are_counted_and_not_guessed)
{
	struct listed listed;
	const struct artefact *part;

	listed_of(&listed, HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:postgresql\n"
				   "ESTAB 0 0 10.0.0.5:40001 10.0.9.1:5432\n"
				   "LISTEN 0 5 0.0.0.0:ssh 0.0.0.0:*\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 1);
	part = told_part(&listed.told, "ss");
	assert_non_null(strstr(part->partial, "2 rows"));
	assert_false(listed.netns->bound_seen);
	assert_int_equal(listed.netns->unseen_most, -1);
	listed_end(&listed);
}

TEST(sockets_of_other_kinds_are_passed_over)
{
	struct listed listed;

	listed_of(&listed, NETID "nl UNCONN 0 0 rtnl:systemd/1 *\n"
				 "u_str ESTAB 0 0 * 12345 * 12346 users:((\"x\",pid=1,fd=2))\n"
				 "tcp ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n"
				 "v_str LISTEN 0 0 *:1024 *:*\n"
				 "icmp6 UNCONN 0 0 *:58 *:*\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 1);
	assert_int_equal(listed_all(&listed, PROTOCOL_UDP), 0);
	assert_null(told_part(&listed.told, "ss")->partial);
	listed_end(&listed);
}

TEST(what_was_left_out_is_told)
{
	struct listed listed;

	listed_of(&listed, HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n");
	assert_true(listed_has_gap(&listed, "without -a"));
	listed_end(&listed);
	listed_of(&listed, "$ ss -tan\n" HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n");
	assert_false(listed_has_gap(&listed, "without -a"));
	listed_end(&listed);
	listed_of(&listed, HEADING "LISTEN 0 5 0.0.0.0:22 0.0.0.0:*\n");
	assert_true(listed_has_gap(&listed, "only listening"));
	listed_end(&listed);
}

TEST(the_second_listing_of_a_file_is_another_one)
{
	struct listed listed;

	listed_of(&listed, HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
				   "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n" HEADING
				   "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
				   "ESTAB 0 0 10.0.0.5:40001 10.0.9.1:5432\n");
	assert_null(listed_port(&listed, PROTOCOL_TCP, 40000));
	assert_non_null(listed_port(&listed, PROTOCOL_TCP, 40001));
	assert_int_equal(listed.told.snapshot.evidence.point_count, 2);
	listed_end(&listed);
}

TEST(a_loop_with_dates_is_a_series)
{
	struct listed listed;
	const struct evidence_facts *facts = &listed.told.snapshot.evidence;

	listed_of(&listed,
		  "Thu Nov 26 12:00:00 UTC 2026\n" HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
		  "2026-11-26T13:01:00+01:00\n" HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
		  "Thu 26 Nov 2026 12:02:00 PM UTC\n" HEADING
		  "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
		  "1795694580\n" HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n");
	assert_int_equal(facts->point_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(facts->points[i].time_ms,
				 INT64_C(1795694400000) + (int64_t)i * 60000);
		assert_false(facts->points[i].time_is_local);
	}
	assert_int_equal(listed.told.snapshot.time_ms, INT64_C(1795694580000));
	listed_end(&listed);
}

/* A copy has another time: that of its file orders listings, and is no reading. */
TEST(when_a_file_was_written_is_not_when_the_sockets_were_listed)
{
	static const char text[] = HEADING "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n";
	const struct artefact_input input = { .name = "ss.txt",
					      .bytes = (const uint8_t *)text,
					      .size = sizeof text - 1,
					      .modified_ms = INT64_C(1795694400000) };
	struct told told;

	told_begin(&told);
	artefact_read(&input, &told.dossier);
	dossier_join(&told.dossier);
	assert_int_equal(told.snapshot.evidence.points[0].time_ms, input.modified_ms);
	assert_true(told.snapshot.evidence.points[0].time_is_files);
	assert_int_equal(told.snapshot.time_ms, 0);
	told_end(&told);
}

TEST(a_time_of_an_unknown_zone_is_not_taken_for_utc)
{
	struct listed listed;

	listed_of(&listed, "Thu Nov 26 12:00:00 CET 2026\n" HEADING
			   "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n");
	assert_true(listed.told.snapshot.evidence.points[0].time_is_local);
	assert_int_equal(listed.told.snapshot.time_ms, 0);
	listed_end(&listed);
}

TEST(what_was_pasted_indented_is_read)
{
	struct listed listed;

	listed_of(&listed, "    " HEADING "    LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
			   "    ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n");
	assert_int_equal(listed_all(&listed, PROTOCOL_TCP), 2);
	listed_end(&listed);
}

TEST(a_listing_of_bound_sockets_completes_another)
{
	struct listed listed;

	listed_of_two(&listed,
		      "$ ss -tan\n" HEADING "LISTEN 0 5 0.0.0.0:80 0.0.0.0:*\n"
		      "ESTAB 0 0 10.0.0.5:40000 10.0.9.1:5432\n",
		      "$ ss -tnB\nRecv-Q Send-Q Local Address:Port Peer Address:Port\n"
		      "0 0 10.0.0.5:40001 0.0.0.0:*\n");
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_BOUND), 1);
	assert_int_equal(listed_count(&listed, PROTOCOL_TCP, SOCKET_ESTABLISHED), 1);
	assert_true(listed.netns->bound_seen);
	listed_end(&listed);
}

SUITE(ss, cmocka_unit_test(every_row_of_a_full_listing_is_read),
      cmocka_unit_test(a_name_may_hold_any_characters),
      cmocka_unit_test(the_owners_of_old_versions_are_read),
      cmocka_unit_test(zones_and_mapped_addresses_are_read),
      cmocka_unit_test(an_asterisk_is_both_families_or_ipv4_as_the_version_has_it),
      cmocka_unit_test(without_netid_the_states_tell_tcp_from_udp),
      cmocka_unit_test(the_command_before_it_tells_what_rows_do_not),
      cmocka_unit_test(rows_without_a_state_are_told_by_their_timer_and_queue),
      cmocka_unit_test(details_on_lines_of_their_own_belong_to_the_row_above),
      cmocka_unit_test(queues_may_be_left_out),
      cmocka_unit_test(names_for_ports_are_counted_and_not_guessed),
      cmocka_unit_test(sockets_of_other_kinds_are_passed_over),
      cmocka_unit_test(what_was_left_out_is_told),
      cmocka_unit_test(the_second_listing_of_a_file_is_another_one),
      cmocka_unit_test(a_loop_with_dates_is_a_series),
      cmocka_unit_test(when_a_file_was_written_is_not_when_the_sockets_were_listed),
      cmocka_unit_test(a_time_of_an_unknown_zone_is_not_taken_for_utc),
      cmocka_unit_test(what_was_pasted_indented_is_read),
      cmocka_unit_test(a_listing_of_bound_sockets_completes_another));
