#include "snapshot/snapshot.h"

#include "suite.h"

static struct snapshot start(void)
{
	struct snapshot snapshot = { 0 };

	snapshot_add_netns(&snapshot, &(struct netns){ .inode = 1 });
	return snapshot;
}

static struct address address(const char *text)
{
	struct address address = { 0 };

	assert_true(address_parse(text, &address));
	return address;
}

/* A connection from 10.0.0.1 to 10.0.9.1:5432; tests change what they are about. */
static struct socket_record connection(uint16_t local_port)
{
	return (struct socket_record){
		.protocol = PROTOCOL_TCP,
		.state = SOCKET_ESTABLISHED,
		.local = address("10.0.0.1"),
		.remote = address("10.0.9.1"),
		.local_port = local_port,
		.remote_port = 5432,
		.inode = local_port,
	};
}

static struct socket_record listener(uint16_t port)
{
	return (struct socket_record){
		.protocol = PROTOCOL_TCP,
		.state = SOCKET_LISTEN,
		.local = address("0.0.0.0"),
		.remote = address("0.0.0.0"),
		.local_port = port,
		.inode = port,
	};
}

static void add(struct snapshot *snapshot, struct socket_record record)
{
	snapshot_add_socket(snapshot, 0, OWNER_PROCESS, 0, &record);
}

TEST(sockets_that_differ_by_their_port_only_are_one_holding)
{
	struct snapshot snapshot = start();

	for (uint16_t port = 40000; port < 40100; port++)
		add(&snapshot, connection(port));
	assert_int_equal(snapshot.holding_count, 1);
	assert_int_equal(snapshot.holdings[0].sockets, 100);
	assert_int_equal(snapshot.holdings[0].ports.count, 100);
	assert_int_equal(snapshot.holdings[0].key.remote_port, 5432);
	snapshot_free(&snapshot);
}

TEST(sockets_that_differ_otherwise_are_holdings_of_their_own)
{
	enum { KINDS = 9 };
	struct snapshot snapshot = start();
	struct socket_record records[KINDS];

	for (size_t i = 0; i < KINDS; i++)
		records[i] = connection((uint16_t)(40000 + i));
	records[1].state = SOCKET_CLOSE_WAIT;
	records[2].local = address("10.0.0.2");
	records[3].remote = address("10.0.9.2");
	records[4].remote_port = 5433;
	records[5].age = AGE_OLD;
	records[6].ipv6_only = IPV6_ONLY_UNKNOWN;
	records[7].device = 1;
	records[8].protocol = PROTOCOL_UDP;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < KINDS; i++)
			add(&snapshot, records[i]);
	assert_int_equal(snapshot.holding_count, KINDS);
	for (size_t i = 0; i < KINDS; i++)
		assert_int_equal(snapshot.holdings[i].sockets, 2);
	snapshot_free(&snapshot);
}

TEST(sockets_of_different_owners_are_holdings_of_their_own)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(40000);

	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 0, &record);
	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 1, &record);
	snapshot_add_socket(&snapshot, 0, OWNER_UNFOUND, 0, &record);
	snapshot_add_socket(&snapshot, 0, OWNER_HIDDEN, 0, &record);
	snapshot_add_socket(&snapshot, 0, OWNER_NOBODY, 0, &record);
	assert_int_equal(snapshot.holding_count, 5);
	snapshot_free(&snapshot);
}

TEST(sockets_of_different_namespaces_are_holdings_of_their_own)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(40000), serving = connection(8080);
	uint32_t second = snapshot_add_netns(&snapshot, &(struct netns){ .inode = 2 });

	add(&snapshot, listener(8080));
	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 0, &record);
	snapshot_add_socket(&snapshot, second, OWNER_PROCESS, 0, &record);
	assert_int_equal(snapshot.holding_count, 3);
	/* The listener of one namespace serves nobody in another. */
	snapshot_add_socket(&snapshot, second, OWNER_PROCESS, 0, &serving);
	assert_false(snapshot.holdings[snapshot.holding_count - 1].key.inbound);
	snapshot_free(&snapshot);
}

TEST(the_user_counts_only_where_no_process_is_known)
{
	struct snapshot snapshot = start();
	struct socket_record root = connection(40000), web = connection(40001);

	web.user = 33;
	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 0, &root);
	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 0, &web);
	assert_int_equal(snapshot.holding_count, 1);
	snapshot_add_socket(&snapshot, 0, OWNER_HIDDEN, 0, &root);
	snapshot_add_socket(&snapshot, 0, OWNER_HIDDEN, 0, &web);
	assert_int_equal(snapshot.holding_count, 3);
	assert_int_equal(snapshot.holdings[2].key.user, 33);
	snapshot_free(&snapshot);
}

TEST(the_user_of_a_socket_without_descriptor_means_nothing)
{
	struct snapshot snapshot = start();
	struct socket_record one = connection(40000), two = connection(40001);

	one.inode = two.inode = 0;
	two.user = 33;
	snapshot_add_socket(&snapshot, 0, OWNER_NOBODY, 0, &one);
	snapshot_add_socket(&snapshot, 0, OWNER_NOBODY, 0, &two);
	assert_int_equal(snapshot.holding_count, 1);
	assert_int_equal(snapshot.holdings[0].key.user, 0);
	snapshot_free(&snapshot);
}

TEST(a_socket_that_holds_no_port_is_no_holding)
{
	struct snapshot snapshot = start();
	struct socket_record closed = connection(40000), portless = connection(0);

	closed.state = SOCKET_CLOSE;
	add(&snapshot, closed);
	add(&snapshot, portless);
	assert_int_equal(snapshot.holding_count, 0);
	snapshot_free(&snapshot);
}

TEST(what_a_listener_serves_is_inbound_and_one_holding_whoever_the_client_is)
{
	struct snapshot snapshot = start();

	add(&snapshot, listener(8080));
	for (uint16_t client = 50000; client < 50010; client++) {
		struct socket_record served = connection(8080);

		served.remote_port = client;
		served.remote.bytes[3] = (uint8_t)client;
		add(&snapshot, served);
	}
	assert_int_equal(snapshot.holding_count, 2);
	assert_true(snapshot.holdings[1].key.inbound);
	assert_int_equal(snapshot.holdings[1].sockets, 10);
	assert_int_equal(snapshot.holdings[1].ports.count, 1);
	assert_int_equal(snapshot.holdings[1].key.remote_port, 0);
	assert_int_equal(snapshot.holdings[1].key.remote.family, FAMILY_NONE);
	snapshot_free(&snapshot);
}

TEST(a_connection_to_a_port_that_is_listened_on_here_is_not_inbound)
{
	struct snapshot snapshot = start();
	struct socket_record client = connection(40000);

	add(&snapshot, listener(5432));
	add(&snapshot, client);
	assert_int_equal(snapshot.holding_count, 2);
	assert_false(snapshot.holdings[1].key.inbound);
	assert_int_equal(snapshot.holdings[1].key.remote_port, 5432);
	snapshot_free(&snapshot);
}

TEST(listening_on_tcp_makes_no_udp_socket_inbound)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(8080);

	record.protocol = PROTOCOL_UDP;
	add(&snapshot, listener(8080));
	add(&snapshot, record);
	assert_false(snapshot.holdings[1].key.inbound);
	snapshot_free(&snapshot);
}

TEST(a_bound_socket_on_a_listeners_port_is_not_inbound)
{
	struct snapshot snapshot = start();
	struct socket_record bound = connection(8080);

	bound.state = SOCKET_BOUND;
	add(&snapshot, listener(8080));
	add(&snapshot, bound);
	assert_false(snapshot.holdings[1].key.inbound);
	snapshot_free(&snapshot);
}

TEST(sockets_without_a_peer_keep_no_remote_end)
{
	static const enum socket_state states[] = { SOCKET_LISTEN, SOCKET_BOUND,
						    SOCKET_UNCONNECTED };

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct snapshot snapshot = start();
		struct socket_record record = connection(40000);

		record.state = states[i];
		add(&snapshot, record);
		assert_int_equal(snapshot.holdings[0].key.remote_port, 0);
		assert_int_equal(snapshot.holdings[0].key.remote.family, FAMILY_NONE);
		snapshot_free(&snapshot);
	}
}

TEST(sockets_that_share_a_port_count_as_one_port)
{
	struct snapshot snapshot = start();

	for (int i = 0; i < 4; i++)
		add(&snapshot, listener(8080));
	add(&snapshot, listener(8081));
	assert_int_equal(snapshot.holding_count, 1);
	assert_int_equal(snapshot.holdings[0].sockets, 5);
	assert_int_equal(snapshot.holdings[0].ports.count, 2);
	snapshot_free(&snapshot);
}

TEST(the_first_and_last_end_of_time_wait_are_kept)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(40000);

	record.state = SOCKET_TIME_WAIT;
	record.expires_ms = 20000;
	add(&snapshot, record);
	record.local_port = 40001;
	record.expires_ms = 50000;
	add(&snapshot, record);
	record.local_port = 40002;
	record.expires_ms = 1000;
	add(&snapshot, record);
	assert_int_equal(snapshot.holding_count, 1);
	assert_int_equal(snapshot.holdings[0].latest_expiry_ms, 50000);
	assert_int_equal(snapshot.holdings[0].earliest_expiry_ms, 1000);
	snapshot_free(&snapshot);
}

TEST(what_was_recorded_is_a_holding_of_its_maker_and_fresh_ones_are_counted)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(40000);

	record.state = SOCKET_TIME_WAIT;
	record.inode = 0;
	record.user = 1000;
	snapshot_add_socket(&snapshot, 0, OWNER_RECORDED, 7, &record);
	record.local_port = 40001;
	record.fresh = true;
	snapshot_add_socket(&snapshot, 0, OWNER_RECORDED, 7, &record);
	record.local_port = 40002;
	snapshot_add_socket(&snapshot, 0, OWNER_RECORDED, 8, &record);
	record.local_port = 40003;
	snapshot_add_socket(&snapshot, 0, OWNER_NOBODY, 0, &record);
	assert_int_equal(snapshot.holding_count, 3);
	assert_int_equal(snapshot.holdings[0].key.owner, 7);
	assert_int_equal(snapshot.holdings[0].key.user, 0);
	assert_int_equal(snapshot.holdings[0].sockets, 2);
	assert_int_equal(snapshot.holdings[0].fresh, 1);
	assert_int_equal(snapshot.holdings[1].key.owner, 8);
	/* It holds nothing any more. */
	assert_null(snapshot_owner(&snapshot, &snapshot.holdings[0]));
	snapshot_free(&snapshot);
}

TEST(every_holding_is_found_again_however_many_there_are)
{
	enum { MANY = 20000 };
	struct snapshot snapshot = start();

	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			struct socket_record record = connection((uint16_t)(40000 + round));

			record.remote.bytes[1] = (uint8_t)(i >> 8);
			record.remote.bytes[2] = (uint8_t)i;
			add(&snapshot, record);
		}
	}
	assert_int_equal(snapshot.holding_count, MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(snapshot.holdings[i].ports.count, 2);
	snapshot_free(&snapshot);
}

TEST(the_owner_of_a_holding_is_its_process_or_nobody)
{
	struct snapshot snapshot = start();
	struct socket_record record = connection(40000);

	snapshot_add_process(&snapshot, &(struct process){ .pid = 100 });
	snapshot_add_process(&snapshot, &(struct process){ .pid = 200 });
	snapshot_add_socket(&snapshot, 0, OWNER_PROCESS, 1, &record);
	snapshot_add_socket(&snapshot, 0, OWNER_UNFOUND, 0, &record);
	assert_int_equal(snapshot_owner(&snapshot, &snapshot.holdings[0])->pid, 200);
	assert_null(snapshot_owner(&snapshot, &snapshot.holdings[1]));
	snapshot_free(&snapshot);
}

TEST(the_same_gap_twice_is_one_gap)
{
	struct snapshot snapshot = start();

	snapshot_add_gap(&snapshot, GAP_ROOM, 0, "TCP sockets", "refused", NULL);
	snapshot_add_gap(&snapshot, GAP_ROOM, 0, "TCP sockets", "refused", NULL);
	assert_int_equal(snapshot.gap_count, 1);
	snapshot_add_gap(&snapshot, GAP_ROOM, 1, "TCP sockets", "refused", NULL);
	snapshot_add_gap(&snapshot, GAP_ROOM, 0, "UDP sockets", "refused", NULL);
	snapshot_add_gap(&snapshot, GAP_ROOM, 0, "TCP sockets", "gone", NULL);
	assert_int_equal(snapshot.gap_count, 4);
	snapshot_free(&snapshot);
}

TEST(a_gap_keeps_copies_of_its_text)
{
	struct snapshot snapshot = start();
	char what[] = "TCP sockets", why[] = "refused", remedy[] = "run as root";

	snapshot_add_gap(&snapshot, GAP_ROOM, 0, what, why, remedy);
	what[0] = why[0] = remedy[0] = 'X';
	assert_string_equal(snapshot.gaps[0].what, "TCP sockets");
	assert_string_equal(snapshot.gaps[0].why, "refused");
	assert_string_equal(snapshot.gaps[0].remedy, "run as root");
	snapshot_free(&snapshot);
}

TEST(indexes_follow_the_order_of_adding)
{
	struct snapshot snapshot = { 0 };

	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(snapshot_add_netns(&snapshot, &(struct netns){ .inode = i }),
				 i);
		assert_int_equal(
			snapshot_add_process(&snapshot, &(struct process){ .pid = 1 }), i);
	}
	snapshot_add_source(&snapshot, &(struct source_report){ .name = "sock_diag" });
	assert_int_equal(snapshot.namespaces[99].inode, 99);
	assert_string_equal(snapshot.sources[0].name, "sock_diag");
	snapshot_free(&snapshot);
}

TEST(a_freed_snapshot_is_empty)
{
	struct snapshot snapshot = start();

	add(&snapshot, listener(8080));
	add(&snapshot, connection(40000));
	port_set_add(&snapshot.namespaces[0].settings.reserved, 1);
	port_set_add(&snapshot.namespaces[0].known_bind, 1);
	port_set_add(&snapshot.namespaces[0].known_connect, 1);
	port_set_add(&snapshot.namespaces[0].maybe_bound, 1);
	snapshot_free(&snapshot);
	assert_int_equal(snapshot.holding_count, 0);
	assert_null(snapshot.holdings);
	assert_null(snapshot.namespaces);
}

SUITE(snapshot, cmocka_unit_test(sockets_that_differ_by_their_port_only_are_one_holding),
      cmocka_unit_test(sockets_that_differ_otherwise_are_holdings_of_their_own),
      cmocka_unit_test(sockets_of_different_owners_are_holdings_of_their_own),
      cmocka_unit_test(sockets_of_different_namespaces_are_holdings_of_their_own),
      cmocka_unit_test(the_user_counts_only_where_no_process_is_known),
      cmocka_unit_test(the_user_of_a_socket_without_descriptor_means_nothing),
      cmocka_unit_test(a_socket_that_holds_no_port_is_no_holding),
      cmocka_unit_test(
	      what_a_listener_serves_is_inbound_and_one_holding_whoever_the_client_is),
      cmocka_unit_test(a_connection_to_a_port_that_is_listened_on_here_is_not_inbound),
      cmocka_unit_test(listening_on_tcp_makes_no_udp_socket_inbound),
      cmocka_unit_test(a_bound_socket_on_a_listeners_port_is_not_inbound),
      cmocka_unit_test(sockets_without_a_peer_keep_no_remote_end),
      cmocka_unit_test(sockets_that_share_a_port_count_as_one_port),
      cmocka_unit_test(the_first_and_last_end_of_time_wait_are_kept),
      cmocka_unit_test(what_was_recorded_is_a_holding_of_its_maker_and_fresh_ones_are_counted),
      cmocka_unit_test(every_holding_is_found_again_however_many_there_are),
      cmocka_unit_test(the_owner_of_a_holding_is_its_process_or_nobody),
      cmocka_unit_test(the_same_gap_twice_is_one_gap),
      cmocka_unit_test(a_gap_keeps_copies_of_its_text),
      cmocka_unit_test(indexes_follow_the_order_of_adding),
      cmocka_unit_test(a_freed_snapshot_is_empty), );
