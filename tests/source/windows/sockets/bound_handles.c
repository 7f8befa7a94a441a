#include "source/windows/sockets/tables_route.h"

#include "sockets/given_sockets.h"
#include "suite.h"

/* ---- what is bound ---- */

TEST(a_port_that_no_table_has_is_bound)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_socket(200, "10.0.0.5:50001");
	given_socket(200, "[::1]:50001");
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50001", 200);
	assert_int_equal(found_bound(), 2);
	assert_int_equal(found_bound_at(0)->pid, 100);
	assert_int_equal(found_bound_at(0)->local_port, 50000);
	assert_int_equal(found_bound_at(1)->local.family, FAMILY_IPV6);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

TEST(where_all_are_listed_the_tables_are_not_read_again)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	assert_int_equal(found_bound(), 0);
	assert_int_equal(given.again.calls, 0);
	given_end();
}

TEST(another_address_is_another_port_but_all_addresses_are_any)
{
	given_nothing();
	given_socket(100, "127.0.0.2:80");
	given_socket(100, "0.0.0.0:81"); /* as it is connected, perhaps */
	given_socket(100, "127.0.0.2:82");
	given_row(PROTOCOL_TCP, SOCKET_LISTEN, "127.0.0.1:80", 100);
	given_row(PROTOCOL_TCP, SOCKET_LISTEN, "127.0.0.1:81", 100);
	given_row(PROTOCOL_TCP, SOCKET_LISTEN, "0.0.0.0:82", 100);
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 80);
	given_end();
}

TEST(a_row_that_is_closed_holds_nothing)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_row(PROTOCOL_TCP, SOCKET_CLOSE, "10.0.0.5:50000", 100);
	assert_int_equal(found_bound(), 1);
	given_end();
}

TEST(a_socket_that_several_processes_have_holds_its_port_once)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_socket(200, "10.0.0.5:50000");
	assert_int_equal(found_bound(), 1);
	assert_true(found_bound_at(0)->pid == 100 || found_bound_at(0)->pid == 200);
	given_end();
}

TEST(udp_what_listens_and_what_has_no_port_is_not_bound_only)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000")->protocol = 17;
	given_tcp(100, "10.0.0.5:50002", STATE_BOUND)->listens = true;
	given_tcp(100, "10.0.0.5:50003", STATE_BOUND);
	given_socket(100, "0.0.0.0:0");
	given_socket(100, NULL)->kind = FAKE_UNBOUND;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50003);
	given_end();
}

/* Where a socket does not say what it is of, a row of either protocol may be its own. */
TEST(udp_has_ports_of_its_own)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_BOUND);
	given_socket(100, "10.0.0.5:50001");
	given_row(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:50000", 200);
	given_row(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:50001", 100);
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50000);
	given_end();
}

/* ---- whose a row is ---- */

TEST(a_row_without_a_process_gets_the_one_that_has_its_port_open)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_socket(100, "10.0.0.5:50000");
	given_socket(200, "10.0.0.5:53")->protocol = 17;
	given_tcp(300, "10.0.0.5:53", STATE_CONNECTED);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	given_row(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:53", -1);
	given_row(PROTOCOL_TCP, SOCKET_TIME_WAIT, "10.0.0.5:50000", 0);
	given_row(PROTOCOL_TCP, SOCKET_LISTEN, "10.0.0.5:50000", 42);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:53", -1);
	assert_int_equal(found_bound(), 0);
	assert_int_equal(given.rows.items[0].pid, 100);
	assert_int_equal(given.rows.items[1].pid, 200);
	assert_int_equal(given.rows.items[2].pid, 0);
	assert_int_equal(given.rows.items[3].pid, 42);
	assert_int_equal(given.rows.items[4].pid, 300);
	given_end();
}

TEST(a_port_that_several_processes_have_open_is_nobodys_for_certain)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_socket(200, "10.0.0.5:50000");
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	found_bound();
	assert_int_equal(given.rows.items[0].pid, -1);
	given_end();
}

SUITE(bound_handles, cmocka_unit_test(a_port_that_no_table_has_is_bound),
      cmocka_unit_test(where_all_are_listed_the_tables_are_not_read_again),
      cmocka_unit_test(another_address_is_another_port_but_all_addresses_are_any),
      cmocka_unit_test(a_row_that_is_closed_holds_nothing),
      cmocka_unit_test(a_socket_that_several_processes_have_holds_its_port_once),
      cmocka_unit_test(udp_what_listens_and_what_has_no_port_is_not_bound_only),
      cmocka_unit_test(udp_has_ports_of_its_own),
      cmocka_unit_test(a_row_without_a_process_gets_the_one_that_has_its_port_open),
      cmocka_unit_test(a_port_that_several_processes_have_open_is_nobodys_for_certain));
