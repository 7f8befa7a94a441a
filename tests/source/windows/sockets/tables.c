#include "source/windows/sockets/tables_route.h"

#include "snapshot/snapshot.h"
#include "source/artefact/windows/mib_table.h"
#include "source/windows/sockets/tables.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/*
 * The functions of iphlpapi.dll are stand-ins here, each with one way of answering; Windows' own headers say how rows are laid
 * out.
 */

/* ---- stand-ins ---- */

static unsigned calls;

static DWORD hand_over(void *table, DWORD *size, const void *bytes, DWORD length)
{
	calls++;
	if (*size < length) {
		*size = length;
		return ERROR_INSUFFICIENT_BUFFER;
	}
	memcpy(table, bytes, length);
	return NO_ERROR;
}

static DWORD hand_over_none(void *table, DWORD *size)
{
	const DWORD none[2] = { 0, 0 };

	return hand_over(table, size, none, sizeof none);
}

static DWORD WINAPI udp_empty(void *table, DWORD *size, BOOL sorted, ULONG family,
			      UDP_TABLE_CLASS class, ULONG reserved)
{
	(void)sorted, (void)family, (void)class, (void)reserved;
	return hand_over_none(table, size);
}

static DWORD WINAPI tcp_empty(void *table, DWORD *size, BOOL sorted, ULONG family,
			      TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)sorted, (void)family, (void)class, (void)reserved;
	return hand_over_none(table, size);
}

static DWORD WINAPI tcp_denied(void *table, DWORD *size, BOOL sorted, ULONG family,
			       TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)table, (void)size, (void)sorted, (void)family, (void)class, (void)reserved;
	return ERROR_ACCESS_DENIED;
}

static DWORD WINAPI tcp_four_only(void *table, DWORD *size, BOOL sorted, ULONG family,
				  TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)sorted, (void)class, (void)reserved;
	return family == AF_INET ? hand_over_none(table, size) : ERROR_NOT_SUPPORTED;
}

static DWORD WINAPI tcp_no_data(void *table, DWORD *size, BOOL sorted, ULONG family,
				TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)table, (void)size, (void)sorted, (void)family, (void)class, (void)reserved;
	return ERROR_NO_DATA;
}

/* Rows as Windows' own structures have them, over IPv4; none over IPv6. */
enum { ROWS = 3 };

static DWORD WINAPI tcp_rows(void *table, DWORD *size, BOOL sorted, ULONG family,
			     TCP_TABLE_CLASS class, ULONG reserved)
{
	struct {
		DWORD count;
		MIB_TCPROW_OWNER_PID rows[ROWS];
	} plain = { .count = ROWS };
	struct {
		DWORD count, padding;
		MIB_TCPROW_OWNER_MODULE rows[ROWS];
	} timed = { .count = ROWS };

	(void)sorted, (void)reserved;
	if (family != AF_INET)
		return hand_over_none(table, size);
	for (DWORD i = 0; i < ROWS; i++) {
		plain.rows[i] = (MIB_TCPROW_OWNER_PID){
			.dwState = MIB_TCP_STATE_ESTAB,
			.dwLocalAddr = htonl(0x7f000001),
			.dwLocalPort = htons((u_short)(50000 + i)),
			.dwRemoteAddr = htonl(0x7f000001),
			.dwRemotePort = htons(80),
			.dwOwningPid = 100 + i,
		};
		memcpy(&timed.rows[i], &plain.rows[i], sizeof plain.rows[i]);
		timed.rows[i].liCreateTimestamp.QuadPart = INT64_C(133444736000000000);
	}
	if (class == TCP_TABLE_OWNER_MODULE_ALL)
		return hand_over(table, size, &timed, sizeof timed);
	return hand_over(table, size, &plain, sizeof plain);
}

/* A Windows that has no times. */
static DWORD WINAPI tcp_plain_only(void *table, DWORD *size, BOOL sorted, ULONG family,
				   TCP_TABLE_CLASS class, ULONG reserved)
{
	return class == TCP_TABLE_OWNER_MODULE_ALL ?
		       ERROR_INVALID_PARAMETER :
		       tcp_rows(table, size, sorted, family, class, reserved);
}

/* As many rows as were asked for, and always some more than there is room for, until it is patient. */
static unsigned grows;

static DWORD WINAPI tcp_growing(void *table, DWORD *size, BOOL sorted, ULONG family,
				TCP_TABLE_CLASS class, ULONG reserved)
{
	if (family == AF_INET && grows) {
		grows--;
		calls++;
		*size += 1 << 16;
		return ERROR_INSUFFICIENT_BUFFER;
	}
	return tcp_rows(table, size, sorted, family, class, reserved);
}

/* As Wine says where it could not keep up. */
static unsigned lacks;

static DWORD WINAPI tcp_late(void *table, DWORD *size, BOOL sorted, ULONG family,
			     TCP_TABLE_CLASS class, ULONG reserved)
{
	calls++;
	if (family != AF_INET || !lacks)
		return tcp_rows(table, size, sorted, family, class, reserved);
	lacks--;
	return ERROR_OUTOFMEMORY;
}

/* What it says it needs would take all memory. */
static DWORD WINAPI tcp_immense(void *table, DWORD *size, BOOL sorted, ULONG family,
				TCP_TABLE_CLASS class, ULONG reserved)
{
	(void)table, (void)sorted, (void)family, (void)class, (void)reserved;
	*size = UINT32_MAX;
	return ERROR_INSUFFICIENT_BUFFER;
}

static DWORD WINAPI tcp_lying(void *table, DWORD *size, BOOL sorted, ULONG family,
			      TCP_TABLE_CLASS class, ULONG reserved)
{
	DWORD result = tcp_rows(table, size, sorted, family, class, reserved);

	if (result == NO_ERROR && family == AF_INET)
		*(DWORD *)table = 1000000;
	return result;
}

static DWORD WINAPI tcp_odd(void *table, DWORD *size, BOOL sorted, ULONG family,
			    TCP_TABLE_CLASS class, ULONG reserved)
{
	DWORD result = tcp_rows(table, size, sorted, family, class, reserved);

	if (result == NO_ERROR && family == AF_INET)
		((MIB_TCPTABLE_OWNER_PID *)table)->table[0].dwState = 100;
	return result;
}

/* ---- reading by them ---- */

struct reading {
	struct snapshot snapshot;
	struct rows rows;
	struct tables_read told;
};

static void read_by(struct reading *reading, const struct tables_route *route, bool timed)
{
	*reading = (struct reading){ 0 };
	calls = 0;
	reading->told = tables_read(route, timed, &reading->rows, &reading->snapshot);
	assert_int_equal(reading->snapshot.source_count, 4);
}

static void end(struct reading *reading)
{
	rows_free(&reading->rows);
	snapshot_free(&reading->snapshot);
}

static const struct source_report *report_of(const struct reading *reading, const char *name)
{
	for (size_t i = 0; i < reading->snapshot.source_count; i++)
		if (!strcmp(reading->snapshot.sources[i].name, name))
			return &reading->snapshot.sources[i];
	fail_msg("no source %s", name);
	return NULL;
}

static bool has_gap(const struct reading *reading, const char *what, const char *why)
{
	for (size_t i = 0; i < reading->snapshot.gap_count; i++)
		if (strstr(reading->snapshot.gaps[i].what, what) &&
		    strstr(reading->snapshot.gaps[i].why, why))
			return reading->snapshot.gaps[i].effect == GAP_ROOM;
	return false;
}

/* ---- tests ---- */

TEST(rows_are_laid_out_as_windows_has_them)
{
	assert_int_equal(sizeof(MIB_TCPROW_OWNER_PID), 24);
	assert_int_equal(sizeof(MIB_TCP6ROW_OWNER_PID), 56);
	assert_int_equal(sizeof(MIB_TCPROW_OWNER_MODULE), 160);
	assert_int_equal(sizeof(MIB_TCP6ROW_OWNER_MODULE), 192);
	assert_int_equal(sizeof(MIB_UDPROW_OWNER_PID), 12);
	assert_int_equal(sizeof(MIB_UDP6ROW_OWNER_PID), 28);
	assert_int_equal(sizeof(MIB_UDPROW_OWNER_MODULE), 160);
	assert_int_equal(sizeof(MIB_UDP6ROW_OWNER_MODULE), 176);
	assert_int_equal(sizeof(MIB_TCPROW2), 28);
	assert_int_equal(sizeof(MIB_TCP6ROW2), 60);
	assert_int_equal(offsetof(MIB_TCPTABLE_OWNER_MODULE, table), 8);
	assert_int_equal(offsetof(MIB_TCPTABLE_OWNER_PID, table), 4);
	assert_int_equal(offsetof(MIB_TCP6ROW_OWNER_MODULE, liCreateTimestamp), 56);
	assert_int_equal(offsetof(MIB_UDP6ROW_OWNER_MODULE, liCreateTimestamp), 32);
	assert_int_equal(offsetof(MIB_UDPROW_OWNER_MODULE, liCreateTimestamp), 16);
}

TEST(rows_are_read_with_their_processes)
{
	const struct tables_route route = { tcp_rows, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_true(reading.told.tcp && reading.told.udp && reading.told.whole);
	assert_int_equal(reading.rows.count, ROWS);
	assert_int_equal(reading.rows.items[2].pid, 102);
	assert_int_equal(reading.rows.items[2].local_port, 50002);
	assert_int_equal(reading.rows.items[2].created_ms, 0);
	assert_int_equal(report_of(&reading, "iphlpapi_tcp4")->sockets, ROWS);
	assert_int_equal(report_of(&reading, "iphlpapi_tcp6")->sockets, 0);
	assert_int_equal(reading.snapshot.gap_count, 0);
	end(&reading);
}

TEST(rows_have_times_where_they_are_asked_for)
{
	const struct tables_route route = { tcp_rows, udp_empty };
	struct reading reading;

	read_by(&reading, &route, true);
	assert_int_equal(reading.rows.count, ROWS);
	assert_true(reading.rows.items[0].created_ms == INT64_C(1700000000000));
	assert_int_equal(reading.rows.items[0].local_port, 50000);
	end(&reading);
}

TEST(where_there_are_no_times_there_are_rows_without)
{
	const struct tables_route route = { tcp_plain_only, udp_empty };
	struct reading reading;

	read_by(&reading, &route, true);
	assert_true(reading.told.tcp && reading.told.whole);
	assert_int_equal(reading.rows.count, ROWS);
	assert_int_equal(reading.rows.items[0].created_ms, 0);
	assert_true(report_of(&reading, "iphlpapi_tcp4")->used);
	end(&reading);
}

TEST(an_absent_function_is_a_gap_and_not_an_empty_table)
{
	const struct tables_route route = { NULL, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_false(reading.told.tcp);
	assert_true(reading.told.udp);
	assert_false(reading.told.whole);
	assert_false(report_of(&reading, "iphlpapi_tcp4")->used);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "does not have it"));
	assert_true(has_gap(&reading, "TCP sockets over IPv6", "does not have it"));
	end(&reading);
}

TEST(a_refusal_is_a_gap_that_says_so)
{
	const struct tables_route route = { tcp_denied, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_false(reading.told.tcp);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "denied"));
	assert_non_null(report_of(&reading, "iphlpapi_tcp4")->why_not);
	end(&reading);
}

TEST(one_family_alone_is_not_the_whole)
{
	const struct tables_route route = { tcp_four_only, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_true(reading.told.tcp);
	assert_false(reading.told.whole);
	assert_true(report_of(&reading, "iphlpapi_tcp4")->used);
	assert_true(has_gap(&reading, "TCP sockets over IPv6", "50"));
	assert_false(has_gap(&reading, "TCP sockets over IPv4", ""));
	end(&reading);
}

TEST(no_rows_are_an_answer)
{
	const struct tables_route empty = { tcp_empty, udp_empty };
	const struct tables_route no_data = { tcp_no_data, udp_empty };
	const struct tables_route *routes[] = { &empty, &no_data };

	for (int i = 0; i < 2; i++) {
		struct reading reading;

		read_by(&reading, routes[i], false);
		assert_true(reading.told.tcp && reading.told.udp && reading.told.whole);
		assert_int_equal(reading.rows.count, 0);
		assert_int_equal(reading.snapshot.gap_count, 0);
		end(&reading);
	}
}

TEST(a_table_that_grows_meanwhile_is_asked_for_again)
{
	const struct tables_route route = { tcp_growing, udp_empty };
	struct reading reading;

	grows = 3;
	read_by(&reading, &route, false);
	assert_true(reading.told.tcp && reading.told.whole);
	assert_int_equal(reading.rows.count, ROWS);
	assert_int_equal(calls, 3 + 4);
	end(&reading);
}

TEST(a_table_that_grows_for_ever_is_given_up)
{
	const struct tables_route route = { tcp_growing, udp_empty };
	struct reading reading;

	grows = UINT32_MAX;
	read_by(&reading, &route, false);
	assert_true(calls < 20);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "grew while it was read"));
	assert_true(report_of(&reading, "iphlpapi_tcp6")->used);
	end(&reading);
	grows = 0;
}

TEST(a_table_that_could_not_be_made_is_asked_for_again_but_not_for_ever)
{
	const struct tables_route route = { tcp_late, udp_empty };
	struct reading reading;

	lacks = 2;
	read_by(&reading, &route, false);
	assert_true(reading.told.whole);
	assert_int_equal(reading.rows.count, ROWS);
	end(&reading);
	lacks = UINT32_MAX;
	read_by(&reading, &route, false);
	assert_false(reading.told.whole);
	assert_true(calls < 20);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "14"));
	end(&reading);
	lacks = 0;
}

TEST(a_size_beyond_all_measure_is_not_asked_for)
{
	const struct tables_route route = { tcp_immense, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_false(reading.told.tcp);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "memory"));
	end(&reading);
}

TEST(rows_that_are_counted_and_not_there_are_a_gap)
{
	const struct tables_route route = { tcp_lying, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_true(reading.told.tcp);
	assert_false(reading.told.whole);
	assert_true(has_gap(&reading, "TCP sockets over IPv4", "does not hand them over"));
	end(&reading);
}

TEST(a_state_that_nobody_knows_is_told_by_its_number)
{
	const struct tables_route route = { tcp_odd, udp_empty };
	struct reading reading;

	read_by(&reading, &route, false);
	assert_false(reading.told.whole);
	assert_int_equal(reading.rows.items[0].state, SOCKET_BOUND);
	assert_true(has_gap(&reading, "the state of 1 socket", "100"));
	end(&reading);
}

TEST(the_functions_are_in_every_windows)
{
	struct tables_route route;

	tables_find(&route);
	assert_non_null(route.tcp);
	assert_non_null(route.udp);
}

SUITE(tables, cmocka_unit_test(rows_are_laid_out_as_windows_has_them),
      cmocka_unit_test(rows_are_read_with_their_processes),
      cmocka_unit_test(rows_have_times_where_they_are_asked_for),
      cmocka_unit_test(where_there_are_no_times_there_are_rows_without),
      cmocka_unit_test(an_absent_function_is_a_gap_and_not_an_empty_table),
      cmocka_unit_test(a_refusal_is_a_gap_that_says_so),
      cmocka_unit_test(one_family_alone_is_not_the_whole),
      cmocka_unit_test(no_rows_are_an_answer),
      cmocka_unit_test(a_table_that_grows_meanwhile_is_asked_for_again),
      cmocka_unit_test(a_table_that_grows_for_ever_is_given_up),
      cmocka_unit_test(a_table_that_could_not_be_made_is_asked_for_again_but_not_for_ever),
      cmocka_unit_test(a_size_beyond_all_measure_is_not_asked_for),
      cmocka_unit_test(rows_that_are_counted_and_not_there_are_a_gap),
      cmocka_unit_test(a_state_that_nobody_knows_is_told_by_its_number),
      cmocka_unit_test(the_functions_are_in_every_windows));
