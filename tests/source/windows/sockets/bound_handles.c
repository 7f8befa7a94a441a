#include "source/windows/sockets/tables_route.h"

#include "process/fake_nt.h"
#include "snapshot/snapshot.h"
#include "source/windows/sockets/bound_handles.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/*
 * Handles are fake_nt.c's, told by themselves or by what their context says; the first reading of the tables is a list of rows,
 * the second is asked for by functions of ours. These can change the handles, too: it is then that time goes by.
 */
enum { MOST = 8 };

static struct fake_handle handles[MOST];
static size_t handle_count;

static struct tables {
	struct dossier_socket rows[MOST]; /* of the second reading */
	size_t count;
	unsigned calls;
	bool tcp4_denied, tcp6_denied, udp4_denied;
	void (*meanwhile)(void);
} tables;

static struct rows rows;
static struct snapshot snapshot;

/* ---- handles ---- */

static struct fake_handle *have(int32_t pid, const char *local)
{
	handles[handle_count] = (struct fake_handle){
		.pid = pid,
		.handle = 4 * (handle_count + 1),
		.type = FAKE_FILE_TYPE,
		.kind = FAKE_SOCKET,
		.local = local,
	};
	return &handles[handle_count++];
}

enum { STATE_OPEN, STATE_BOUND, STATE_CONNECTED = 3, STATE_CLOSING };

static struct fake_handle *have_tcp(int32_t pid, const char *local, uint8_t state)
{
	struct fake_handle *handle = have(pid, local);

	handle->protocol = 6;
	handle->state = state;
	return handle;
}

/* ---- tables ---- */

static struct dossier_socket row_of(enum protocol protocol, enum socket_state state,
				    const char *local, int32_t pid)
{
	struct dossier_socket row = { .protocol = protocol, .state = state, .pid = pid };

	assert_true(address_parse_endpoint(local, &row.local, &row.local_port));
	return row;
}

static void list(enum protocol protocol, enum socket_state state, const char *local,
		 int32_t pid)
{
	const struct dossier_socket row = row_of(protocol, state, local, pid);

	rows_add(&rows, &row);
}

/* In the second reading; of TCP. */
static void list_again(enum socket_state state, const char *local, int32_t pid)
{
	tables.rows[tables.count++] = row_of(PROTOCOL_TCP, state, local, pid);
}

static DWORD hand_over(void *table, DWORD *size, const void *bytes, DWORD length)
{
	if (*size < length) {
		*size = length;
		return ERROR_INSUFFICIENT_BUFFER;
	}
	memcpy(table, bytes, length);
	return NO_ERROR;
}

static DWORD hand_over_tcp4(void *table, DWORD *size)
{
	struct {
		DWORD count;
		MIB_TCPROW_OWNER_PID rows[MOST];
	} all = { 0 };

	for (size_t i = 0; i < tables.count; i++) {
		const struct dossier_socket *row = &tables.rows[i];
		MIB_TCPROW_OWNER_PID *to = &all.rows[all.count];

		if (row->local.family != FAMILY_IPV4)
			continue;
		to->dwState = row->state == SOCKET_TIME_WAIT ? MIB_TCP_STATE_TIME_WAIT :
							       MIB_TCP_STATE_ESTAB;
		memcpy(&to->dwLocalAddr, row->local.bytes, 4);
		to->dwLocalPort = htons(row->local_port);
		to->dwOwningPid = (DWORD)row->pid;
		all.count++;
	}
	return hand_over(table, size, &all, sizeof all);
}

static DWORD hand_over_tcp6(void *table, DWORD *size)
{
	struct {
		DWORD count;
		MIB_TCP6ROW_OWNER_PID rows[MOST];
	} all = { 0 };

	for (size_t i = 0; i < tables.count; i++) {
		const struct dossier_socket *row = &tables.rows[i];
		MIB_TCP6ROW_OWNER_PID *to = &all.rows[all.count];

		if (row->local.family != FAMILY_IPV6)
			continue;
		to->dwState = MIB_TCP_STATE_ESTAB;
		memcpy(to->ucLocalAddr, row->local.bytes, 16);
		to->dwLocalPort = htons(row->local_port);
		to->dwOwningPid = (DWORD)row->pid;
		all.count++;
	}
	return hand_over(table, size, &all, sizeof all);
}

static DWORD WINAPI tcp(void *table, DWORD *size, BOOL sorted, ULONG family,
			TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)sorted, (void)class, (void)reserved;
	tables.calls++;
	if (tables.meanwhile)
		tables.meanwhile();
	if (family == AF_INET ? tables.tcp4_denied : tables.tcp6_denied)
		return ERROR_ACCESS_DENIED;
	return family == AF_INET ? hand_over_tcp4(table, size) : hand_over_tcp6(table, size);
}

static DWORD WINAPI udp(void *table, DWORD *size, BOOL sorted, ULONG family,
			UDP_TABLE_CLASS class, ULONG reserved)
{
	const DWORD none[2] = { 0, 0 };

	(void)sorted, (void)class, (void)reserved;
	if (family == AF_INET && tables.udp4_denied)
		return ERROR_ACCESS_DENIED;
	return hand_over(table, size, none, sizeof none);
}

/* ---- the reading ---- */

static void begin(void)
{
	handle_count = 0;
	tables = (struct tables){ .count = 0 };
	rows = (struct rows){ NULL };
	snapshot = (struct snapshot){ 0 };
}

static int by_port(const void *a, const void *b)
{
	const struct dossier_socket *left = a, *right = b;

	return (int)left->local_port - (int)right->local_port;
}

/* How many rows of bound ports there are then, behind the others: bound_at(0) has the lowest port. */
static size_t first_bound;

static size_t bound(void)
{
	const struct tables_route route = { tcp, udp };
	struct nt_route nt;
	struct error error;

	first_bound = rows.count;
	fake_begin(handles, handle_count, &nt);
	assert_int_equal(bound_handles_read(&nt, &route, &rows, &snapshot, &error), 0);
	fake_end();
	for (size_t i = first_bound; i < rows.count; i++) {
		assert_int_equal(rows.items[i].state, SOCKET_BOUND);
		assert_int_equal(rows.items[i].protocol, PROTOCOL_TCP);
	}
	if (rows.count > first_bound)
		qsort(&rows.items[first_bound], rows.count - first_bound, sizeof *rows.items,
		      by_port);
	return rows.count - first_bound;
}

static const struct dossier_socket *bound_at(size_t index)
{
	return &rows.items[first_bound + index];
}

static bool has_gap(const char *what, enum gap_effect effect)
{
	for (size_t i = 0; i < snapshot.gap_count; i++)
		if (strstr(snapshot.gaps[i].what, what))
			return snapshot.gaps[i].effect == effect;
	return false;
}

static void end(void)
{
	rows_free(&rows);
	snapshot_free(&snapshot);
}

/* ---- what is bound ---- */

TEST(a_port_that_no_table_has_is_bound)
{
	begin();
	have(100, "10.0.0.5:50000");
	have(200, "10.0.0.5:50001");
	have(200, "[::1]:50001");
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50001", 200);
	assert_int_equal(bound(), 2);
	assert_int_equal(bound_at(0)->pid, 100);
	assert_int_equal(bound_at(0)->local_port, 50000);
	assert_int_equal(bound_at(1)->local.family, FAMILY_IPV6);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

TEST(where_all_are_listed_the_tables_are_not_read_again)
{
	begin();
	have(100, "10.0.0.5:50000");
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	assert_int_equal(bound(), 0);
	assert_int_equal(tables.calls, 0);
	end();
}

TEST(another_address_is_another_port_but_all_addresses_are_any)
{
	begin();
	have(100, "127.0.0.2:80");
	have(100, "0.0.0.0:81"); /* as it is connected, perhaps */
	have(100, "127.0.0.2:82");
	list(PROTOCOL_TCP, SOCKET_LISTEN, "127.0.0.1:80", 100);
	list(PROTOCOL_TCP, SOCKET_LISTEN, "127.0.0.1:81", 100);
	list(PROTOCOL_TCP, SOCKET_LISTEN, "0.0.0.0:82", 100);
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 80);
	end();
}

TEST(a_row_that_is_closed_holds_nothing)
{
	begin();
	have(100, "10.0.0.5:50000");
	list(PROTOCOL_TCP, SOCKET_CLOSE, "10.0.0.5:50000", 100);
	assert_int_equal(bound(), 1);
	end();
}

TEST(a_socket_that_several_processes_have_holds_its_port_once)
{
	begin();
	have(100, "10.0.0.5:50000");
	have(200, "10.0.0.5:50000");
	assert_int_equal(bound(), 1);
	assert_true(bound_at(0)->pid == 100 || bound_at(0)->pid == 200);
	end();
}

TEST(udp_what_listens_and_what_has_no_port_is_not_bound_only)
{
	begin();
	have(100, "10.0.0.5:50000")->protocol = 17;
	have_tcp(100, "10.0.0.5:50002", STATE_BOUND)->listens = true;
	have_tcp(100, "10.0.0.5:50003", STATE_BOUND);
	have(100, "0.0.0.0:0");
	have(100, NULL)->kind = FAKE_UNBOUND;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50003);
	end();
}

/* Where a socket does not say what it is of, a row of either protocol may be its own. */
TEST(udp_has_ports_of_its_own)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_BOUND);
	have(100, "10.0.0.5:50001");
	list(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:50000", 200);
	list(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:50001", 100);
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50000);
	end();
}

/* ---- what came and went meanwhile ---- */

TEST(what_its_peer_has_reset_and_nobody_closes_is_bound)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_CONNECTED)->remote = "10.0.0.9:443";
	have_tcp(100, "10.0.0.5:50001", STATE_CLOSING);
	assert_int_equal(bound(), 2);
	assert_int_equal(bound_at(0)->pid, 100);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

TEST(what_connected_after_the_first_reading_is_in_the_second)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	have_tcp(100, "10.0.0.5:50001", STATE_BOUND); /* by ConnectEx() */
	have_tcp(100, "[::1]:50002", STATE_CONNECTED);
	have_tcp(100, "10.0.0.5:50003", STATE_CONNECTED);
	list_again(SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	list_again(SOCKET_ESTABLISHED, "10.0.0.5:50001", 100);
	list_again(SOCKET_ESTABLISHED, "[::1]:50002", 100);
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50003);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

static void close_first(void)
{
	handles[0].kind = FAKE_CLOSED;
	handles[1].local = "10.0.0.5:50009"; /* another socket by the same number */
}

TEST(what_was_closed_before_the_second_reading_is_not_bound)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	have_tcp(100, "10.0.0.5:50001", STATE_CONNECTED);
	have_tcp(100, "10.0.0.5:50002", STATE_CONNECTED);
	tables.meanwhile = close_first;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50002);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

TEST(a_second_reading_that_is_denied_is_a_gap_and_no_guess)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_CONNECTED);
	have_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	have_tcp(100, "[::1]:50002", STATE_BOUND);
	tables.tcp4_denied = true;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50002);
	assert_int_equal(snapshot.gap_count, 1);
	assert_true(has_gap("whether 2 sockets have a connection", GAP_ROOM));
	end();
}

/* What does not say that it is of TCP may be in the table of UDP; what is of all addresses in that of IPv4. */
TEST(the_table_that_it_may_be_in_is_the_one_that_matters)
{
	begin();
	have(100, "10.0.0.5:50000");
	have_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	tables.udp4_denied = true;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50001);
	assert_true(has_gap("whether 1 socket has a connection", GAP_ROOM));
	end();

	begin();
	have_tcp(100, "[::]:50000", STATE_BOUND);
	have_tcp(100, "[::1]:50001", STATE_BOUND);
	tables.tcp4_denied = true;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50001);
	assert_true(has_gap("whether 1 socket has a connection", GAP_ROOM));
	end();
}

static void hang_first(void)
{
	handles[0].kind = FAKE_HANGING;
}

TEST(what_does_not_answer_any_more_is_a_gap)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_BOUND);
	have_tcp(100, "10.0.0.5:50001", STATE_BOUND);
	tables.meanwhile = hang_first;
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->local_port, 50001);
	assert_true(has_gap("1 handle", GAP_ROOM));
	end();
}

/* ---- both families ---- */

TEST(what_is_of_both_families_may_have_its_connection_over_ipv4)
{
	begin();
	have_tcp(100, "[::]:50000", STATE_BOUND);
	have_tcp(100, "[::]:50001", STATE_BOUND);
	have_tcp(100, "[::]:50002", STATE_BOUND); /* the other is somebody else's */
	have_tcp(100, "0.0.0.0:50003", STATE_BOUND);
	have_tcp(100, "[::1]:50004", STATE_BOUND);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	list_again(SOCKET_ESTABLISHED, "10.0.0.5:50001", 100);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50002", 200);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "[::1]:50003", 100);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50004", 100);
	assert_int_equal(bound(), 3);
	assert_int_equal(bound_at(0)->local_port, 50002);
	assert_int_equal(bound_at(1)->local_port, 50003);
	assert_int_equal(bound_at(2)->local_port, 50004);
	end();
}

TEST(what_rests_over_ipv4_is_no_connection_of_it)
{
	begin();
	have_tcp(100, "[::]:50000", STATE_BOUND);
	list(PROTOCOL_TCP, SOCKET_TIME_WAIT, "10.0.0.5:50000", 0);
	assert_int_equal(bound(), 1);
	end();
}

TEST(a_process_that_was_handed_such_a_socket_has_no_other)
{
	begin();
	have_tcp(100, "[::]:50000", STATE_BOUND);
	have_tcp(200, "[::]:50000", STATE_BOUND);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", 100);
	assert_int_equal(bound(), 0);
	end();
}

/* ---- other networks ---- */

/* Process 100 is here; 200 listens in a container, and 300 beside it. */
static void have_container(unsigned session)
{
	begin();
	have_tcp(100, "10.0.0.5:50000", STATE_CONNECTED)->session = 1;
	have_tcp(200, "0.0.0.0:135", STATE_BOUND)->listens = true;
	handles[1].session = session;
	have_tcp(300, "172.16.0.2:50001", STATE_CONNECTED)->session = session;
}

TEST(sockets_of_a_container_are_not_in_our_tables)
{
	have_container(3);
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->pid, 100);
	assert_int_equal(snapshot.gap_count, 1);
	assert_true(has_gap("2 sockets of other networks", GAP_SCOPE));
	end();
}

/* Its host listens there as well, as every Windows does. */
TEST(a_port_that_the_host_listens_on_does_not_make_a_container_ours)
{
	have_container(3);
	list(PROTOCOL_TCP, SOCKET_LISTEN, "0.0.0.0:135", 1000);
	assert_int_equal(bound(), 1);
	assert_int_equal(bound_at(0)->pid, 100);
	assert_true(has_gap("1 socket of another network", GAP_SCOPE));
	end();
}

/* One that was handed a listener is not its process in the table. */
TEST(a_session_that_has_a_process_in_our_tables_is_ours)
{
	have_container(3);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50009", 300);
	assert_int_equal(bound(), 2);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

TEST(the_session_of_services_is_no_container)
{
	have_container(0);
	assert_int_equal(bound(), 2);
	assert_int_equal(bound_at(1)->pid, 300);
	assert_int_equal(snapshot.gap_count, 0);
	end();
}

/* ---- whose a row is ---- */

TEST(a_row_without_a_process_gets_the_one_that_has_its_port_open)
{
	begin();
	have(100, "10.0.0.5:50000");
	have(100, "10.0.0.5:50000");
	have(200, "10.0.0.5:53")->protocol = 17;
	have_tcp(300, "10.0.0.5:53", STATE_CONNECTED);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	list(PROTOCOL_UDP, SOCKET_UNCONNECTED, "10.0.0.5:53", -1);
	list(PROTOCOL_TCP, SOCKET_TIME_WAIT, "10.0.0.5:50000", 0);
	list(PROTOCOL_TCP, SOCKET_LISTEN, "10.0.0.5:50000", 42);
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:53", -1);
	assert_int_equal(bound(), 0);
	assert_int_equal(rows.items[0].pid, 100);
	assert_int_equal(rows.items[1].pid, 200);
	assert_int_equal(rows.items[2].pid, 0);
	assert_int_equal(rows.items[3].pid, 42);
	assert_int_equal(rows.items[4].pid, 300);
	end();
}

TEST(a_port_that_several_processes_have_open_is_nobodys_for_certain)
{
	begin();
	have(100, "10.0.0.5:50000");
	have(200, "10.0.0.5:50000");
	list(PROTOCOL_TCP, SOCKET_ESTABLISHED, "10.0.0.5:50000", -1);
	bound();
	assert_int_equal(rows.items[0].pid, -1);
	end();
}

SUITE(bound_handles, cmocka_unit_test(a_port_that_no_table_has_is_bound),
      cmocka_unit_test(where_all_are_listed_the_tables_are_not_read_again),
      cmocka_unit_test(another_address_is_another_port_but_all_addresses_are_any),
      cmocka_unit_test(a_row_that_is_closed_holds_nothing),
      cmocka_unit_test(a_socket_that_several_processes_have_holds_its_port_once),
      cmocka_unit_test(udp_what_listens_and_what_has_no_port_is_not_bound_only),
      cmocka_unit_test(udp_has_ports_of_its_own),
      cmocka_unit_test(what_its_peer_has_reset_and_nobody_closes_is_bound),
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
      cmocka_unit_test(the_session_of_services_is_no_container),
      cmocka_unit_test(a_row_without_a_process_gets_the_one_that_has_its_port_open),
      cmocka_unit_test(a_port_that_several_processes_have_open_is_nobodys_for_certain));
