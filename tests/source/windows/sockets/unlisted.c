#include "source/windows/sockets/tables_route.h"

#include "sockets/given_sockets.h"
#include "suite.h"

/* ---- what came and went meanwhile ---- */

TEST(what_its_peer_has_reset_and_nobody_closes_is_bound)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_CONNECTED)->remote = "10.0.0.9:443";
	given_tcp(100, "10.0.0.5:50001", STATE_CLOSING);
	assert_int_equal(found_bound(), 2);
	assert_int_equal(found_bound_at(0)->pid, 100);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

TEST(what_connected_after_the_first_reading_is_in_the_second)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	given_tcp(100, "10.0.0.5:50001", STATE_BOUND); /* by ConnectEx() */
	given_tcp(100, "[::1]:50002", STATE_CONNECTED);
	given_tcp(100, "10.0.0.5:50003", STATE_CONNECTED);
	given_row_again(SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	given_row_again(SOCKET_ESTABLISHED, "10.0.0.5:50001", 100);
	given_row_again(SOCKET_ESTABLISHED, "[::1]:50002", 100);
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50003);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

static void close_first(void)
{
	given.handles[0].kind = FAKE_CLOSED;
	given.handles[1].local = "10.0.0.5:50009"; /* another socket by the same number */
}

TEST(what_was_closed_before_the_second_reading_is_not_bound)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	given_tcp(100, "10.0.0.5:50001", STATE_CONNECTED);
	given_tcp(100, "10.0.0.5:50002", STATE_CONNECTED);
	given.again.meanwhile = close_first;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50002);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

TEST(a_second_reading_that_is_denied_is_a_gap_and_no_guess)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	given_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	given_tcp(100, "[::1]:50002", STATE_BOUND);
	given.again.tcp4_denied = true;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50002);
	assert_int_equal(given.snapshot.gap_count, 1);
	assert_true(found_gap("whether 2 sockets have a connection", GAP_ROOM));
	given_end();
}

/* What does not say that it is of TCP may be in the table of UDP; what is of all addresses in that of IPv4. */
TEST(the_table_that_it_may_be_in_is_the_one_that_matters)
{
	given_nothing();
	given_socket(100, "10.0.0.5:50000");
	given_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	given.again.udp4_denied = true;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50001);
	assert_true(found_gap("whether 1 socket has a connection", GAP_ROOM));
	given_end();

	given_nothing();
	given_tcp(100, "[::]:50000", STATE_BOUND);
	given_tcp(100, "[::1]:50001", STATE_BOUND);
	given.again.tcp4_denied = true;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50001);
	assert_true(found_gap("whether 1 socket has a connection", GAP_ROOM));
	given_end();
}

static void hang_first(void)
{
	given.handles[0].kind = FAKE_HANGING;
}

TEST(what_does_not_answer_any_more_is_a_gap)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_BOUND);
	given_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	given.again.meanwhile = hang_first;
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->local_port, 50001);
	assert_true(found_gap("1 handle", GAP_ROOM));
	given_end();
}

/* ---- both families ---- */

TEST(what_is_of_both_families_may_have_its_connection_over_ipv4)
{
	given_nothing();
	given_tcp(100, "[::]:50000", STATE_BOUND);
	given_tcp(100, "[::]:50001", STATE_BOUND);
	given_tcp(100, "[::]:50002", STATE_BOUND); /* the other is somebody else's */
	given_tcp(100, "0.0.0.0:50003", STATE_BOUND);
	given_tcp(100, "[::1]:50004", STATE_BOUND);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	given_row_again(SOCKET_ESTABLISHED, "10.0.0.5:50001", 100);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50002", 200);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "[::1]:50003", 100);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50004", 100);
	assert_int_equal(found_bound(), 3);
	assert_int_equal(found_bound_at(0)->local_port, 50002);
	assert_int_equal(found_bound_at(1)->local_port, 50003);
	assert_int_equal(found_bound_at(2)->local_port, 50004);
	given_end();
}

TEST(what_rests_over_ipv4_is_no_connection_of_it)
{
	given_nothing();
	given_tcp(100, "[::]:50000", STATE_BOUND);
	given_row(PROTOCOL_TCP, SOCKET_TIME_WAIT, "10.0.0.5:50000", 0);
	assert_int_equal(found_bound(), 1);
	given_end();
}

TEST(a_process_that_was_handed_such_a_socket_has_no_other)
{
	given_nothing();
	given_tcp(100, "[::]:50000", STATE_BOUND);
	given_tcp(200, "[::]:50000", STATE_BOUND);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	assert_int_equal(found_bound(), 0);
	given_end();
}

/* ---- other networks ---- */

/* Process 100 is here; 200 listens in a container, and 300 beside it. */
static void have_container(unsigned session)
{
	given_nothing();
	given_tcp(100, "10.0.0.5:50000", STATE_CONNECTED)->session = 1;
	given_tcp(200, "0.0.0.0:135", STATE_BOUND)->listens = true;
	given.handles[1].session = session;
	given_tcp(300, "172.16.0.2:50001", STATE_CONNECTED)->session = session;
}

TEST(sockets_of_a_container_are_not_in_our_tables)
{
	have_container(3);
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->pid, 100);
	assert_int_equal(given.snapshot.gap_count, 1);
	assert_true(found_gap("2 sockets of other networks", GAP_SCOPE));
	given_end();
}

/* Its host listens there as well, as every Windows does. */
TEST(a_port_that_the_host_listens_on_does_not_make_a_container_ours)
{
	have_container(3);
	given_row(PROTOCOL_TCP, SOCKET_LISTEN, "0.0.0.0:135", 1000);
	assert_int_equal(found_bound(), 1);
	assert_int_equal(found_bound_at(0)->pid, 100);
	assert_true(found_gap("1 socket of another network", GAP_SCOPE));
	given_end();
}

/* One that was handed a listener is not its process in the table. */
TEST(a_session_that_has_a_process_in_our_tables_is_ours)
{
	have_container(3);
	given_row(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50009", 300);
	assert_int_equal(found_bound(), 2);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

TEST(the_session_of_services_is_no_container)
{
	have_container(0);
	assert_int_equal(found_bound(), 2);
	assert_int_equal(found_bound_at(1)->pid, 300);
	assert_int_equal(given.snapshot.gap_count, 0);
	given_end();
}

SUITE(unlisted, cmocka_unit_test(what_its_peer_has_reset_and_nobody_closes_is_bound),
      cmocka_unit_test(what_connected_after_the_first_reading_is_in_the_second),
      cmocka_unit_test(what_was_closed_before_the_second_reading_is_not_bound),
      cmocka_unit_test(a_second_reading_that_is_denied_is_a_gap_and_no_guess),
      cmocka_unit_test(the_table_that_it_may_be_in_is_the_one_that_matters),
      cmocka_unit_test(what_does_not_answer_any_more_is_a_gap),
      cmocka_unit_test(what_is_of_both_families_may_have_its_connection_over_ipv4),
      cmocka_unit_test(what_rests_over_ipv4_is_no_connection_of_it),
      cmocka_unit_test(a_process_that_was_handed_such_a_socket_has_no_other),
      cmocka_unit_test(sockets_of_a_container_are_not_in_our_tables),
      cmocka_unit_test(a_port_that_the_host_listens_on_does_not_make_a_container_ours),
      cmocka_unit_test(a_session_that_has_a_process_in_our_tables_is_ours),
      cmocka_unit_test(the_session_of_services_is_no_container));
