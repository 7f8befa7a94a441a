#include "source/windows/sockets/bound_handles.h"

#include "source/windows/process/afd.h"
#include "suite.h"

#include <string.h>

/* ---- what was found ---- */

static struct afd_socket open_socket(int32_t pid, const char *local)
{
	struct afd_socket socket = { .pid = pid };

	assert_true(address_parse_endpoint(local, &socket.endpoint.local,
					   &socket.endpoint.local_port));
	return socket;
}

static struct afd_socket known_socket(int32_t pid, const char *local, bool is_tcp)
{
	struct afd_socket socket = open_socket(pid, local);

	socket.endpoint.is_known = true;
	socket.endpoint.is_tcp = is_tcp;
	socket.endpoint.is_udp = !is_tcp;
	return socket;
}

static void list(struct rows *rows, enum protocol protocol, enum socket_state state,
		 const char *local, int32_t pid)
{
	struct dossier_socket row = { .protocol = protocol, .state = state, .pid = pid };

	assert_true(address_parse_endpoint(local, &row.local, &row.local_port));
	rows_add(rows, &row);
}

/* How many rows there are more then; the first of them begins at `before`. */
static size_t bound_of(struct afd_socket *sockets, size_t count, struct rows *rows)
{
	const struct afd_walk walk = { .sockets = sockets, .count = count };
	size_t before = rows->count;

	bound_handles_rows(&walk, rows);
	for (size_t i = before; i < rows->count; i++) {
		assert_int_equal(rows->items[i].state, SOCKET_BOUND);
		assert_int_equal(rows->items[i].protocol, PROTOCOL_TCP);
	}
	return rows->count - before;
}

/* ---- tests ---- */

TEST(a_port_that_no_table_has_is_bound)
{
	struct afd_socket sockets[] = {
		open_socket(100, "10.0.0.5:50000"),
		open_socket(200, "10.0.0.5:50001"),
		open_socket(200, "[::1]:50001"),
	};
	struct rows rows = { NULL };

	list(&rows, PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50001", 200);
	assert_int_equal(bound_of(sockets, 3, &rows), 2);
	assert_int_equal(rows.items[1].pid, 100);
	assert_int_equal(rows.items[1].local_port, 50000);
	assert_int_equal(rows.items[2].local.family, FAMILY_IPV6);
	rows_free(&rows);
}

TEST(another_address_is_another_port_but_all_addresses_are_any)
{
	struct afd_socket other[] = { open_socket(100, "127.0.0.2:80") };
	struct afd_socket any[] = { open_socket(100, "0.0.0.0:80") };
	struct rows one = { NULL }, all = { NULL };

	list(&one, PROTOCOL_TCP, SOCKET_LISTEN, "127.0.0.1:80", 100);
	assert_int_equal(bound_of(other, 1, &one), 1);
	one.count = 1;
	assert_int_equal(bound_of(any, 1, &one), 0); /* as it is connected, perhaps */
	list(&all, PROTOCOL_TCP, SOCKET_LISTEN, "0.0.0.0:80", 100);
	assert_int_equal(bound_of(other, 1, &all), 0);
	rows_free(&one);
	rows_free(&all);
}

TEST(a_socket_that_several_processes_have_holds_its_port_once)
{
	struct afd_socket sockets[] = {
		open_socket(100, "10.0.0.5:50000"),
		open_socket(200, "10.0.0.5:50000"),
	};
	struct rows rows = { NULL };

	assert_int_equal(bound_of(sockets, 2, &rows), 1);
	assert_int_equal(rows.items[0].pid, 100);
	rows_free(&rows);
}

TEST(udp_what_is_connected_or_listens_and_what_has_no_port_is_not_bound_only)
{
	struct afd_socket sockets[] = {
		known_socket(100, "10.0.0.5:50000", false),
		known_socket(100, "10.0.0.5:50001", true),
		known_socket(100, "10.0.0.5:50002", true),
		known_socket(100, "10.0.0.5:50003", true),
		open_socket(100, "0.0.0.0:0"),
		{ .pid = 100 },
	};
	struct rows rows = { NULL };

	sockets[1].endpoint.is_connected = true;
	sockets[2].endpoint.is_listening = true;
	assert_int_equal(bound_of(sockets, 6, &rows), 1);
	assert_int_equal(rows.items[0].local_port, 50003);
	rows_free(&rows);
}

TEST(a_row_without_a_process_gets_the_one_that_has_its_port_open)
{
	struct afd_socket sockets[] = {
		open_socket(100, "10.0.0.5:50000"),
		open_socket(100, "10.0.0.5:50000"),
		known_socket(200, "10.0.0.5:53", false),
		known_socket(300, "10.0.0.5:53", true),
	};
	struct rows rows = { NULL };

	list(&rows, PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	list(&rows, PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:53", -1);
	list(&rows, PROTOCOL_TCP, SOCKET_TIME_WAIT, "10.0.0.5:50000", 0);
	list(&rows, PROTOCOL_TCP, SOCKET_LISTEN, "10.0.0.5:50000", 42);
	assert_int_equal(bound_of(sockets, 4, &rows), 0);
	assert_int_equal(rows.items[0].pid, 100);
	assert_int_equal(rows.items[1].pid, 200);
	assert_int_equal(rows.items[2].pid, 0);
	assert_int_equal(rows.items[3].pid, 42);
	rows_free(&rows);
}

TEST(a_port_that_several_processes_have_open_is_nobodys_for_certain)
{
	struct afd_socket sockets[] = {
		open_socket(100, "10.0.0.5:50000"),
		open_socket(200, "10.0.0.5:50000"),
	};
	struct rows rows = { NULL };

	list(&rows, PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	bound_of(sockets, 2, &rows);
	assert_int_equal(rows.items[0].pid, -1);
	rows_free(&rows);
}

SUITE(bound_handles, cmocka_unit_test(a_port_that_no_table_has_is_bound),
      cmocka_unit_test(another_address_is_another_port_but_all_addresses_are_any),
      cmocka_unit_test(a_socket_that_several_processes_have_holds_its_port_once),
      cmocka_unit_test(
	      udp_what_is_connected_or_listens_and_what_has_no_port_is_not_bound_only),
      cmocka_unit_test(a_row_without_a_process_gets_the_one_that_has_its_port_open),
      cmocka_unit_test(a_port_that_several_processes_have_open_is_nobodys_for_certain));
