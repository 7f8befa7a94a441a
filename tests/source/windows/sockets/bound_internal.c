#include <winsock2.h>

#include "source/windows/sockets/bound_internal.h"

#include "suite.h"

#include <iphlpapi.h>
#include <string.h>

/* ---- tables of our making, as tcpmib.h lays them out ---- */

enum { ROWS = 3, FIRST_PORT = 50000 };

static ULONG WINAPI rows4(void **table, HANDLE heap, ULONG flags)
{
	struct {
		DWORD count;
		MIB_TCPROW2 rows[ROWS];
	} *made = HeapAlloc(heap, flags | HEAP_ZERO_MEMORY, sizeof *made);

	made->count = ROWS;
	for (DWORD i = 0; i < ROWS; i++)
		made->rows[i] = (MIB_TCPROW2){
			.dwState = i ? 100 : MIB_TCP_STATE_CLOSED, /* nobody promised one */
			.dwLocalAddr = htonl(0x0a000005),
			.dwLocalPort = htons((u_short)(FIRST_PORT + i)),
			.dwRemoteAddr = 0xffffffff,
			.dwRemotePort = 0xffffffff,
			.dwOwningPid = 4000 + i,
		};
	*table = made;
	return NO_ERROR;
}

static ULONG WINAPI rows6(void **table, HANDLE heap, ULONG flags)
{
	struct {
		DWORD count;
		MIB_TCP6ROW2 rows[1];
	} *made = HeapAlloc(heap, flags | HEAP_ZERO_MEMORY, sizeof *made);

	made->count = 1;
	made->rows[0].LocalAddr.u.Byte[15] = 1;
	made->rows[0].dwLocalPort = htons(443);
	*table = made;
	return NO_ERROR;
}

static ULONG WINAPI no_data(void **table, HANDLE heap, ULONG flags)
{
	(void)heap, (void)flags;
	*table = NULL;
	return ERROR_NO_DATA;
}

static ULONG WINAPI denied(void **table, HANDLE heap, ULONG flags)
{
	(void)heap, (void)flags;
	*table = NULL;
	return ERROR_ACCESS_DENIED;
}

static ULONG WINAPI lying(void **table, HANDLE heap, ULONG flags)
{
	rows4(table, heap, flags);
	*(DWORD *)*table = 1000000;
	return NO_ERROR;
}

static ULONG WINAPI nothing(void **table, HANDLE heap, ULONG flags)
{
	(void)heap, (void)flags;
	*table = NULL;
	return NO_ERROR;
}

/* ---- tests ---- */

typedef ULONG(WINAPI *getter)(void **table, HANDLE heap, ULONG flags);

/* Whatever comes of it, nothing of the heap is left. */
static int read_bound(getter get4, getter get6, int build, struct rows *rows,
		      struct error *error)
{
	const struct bound_internal_route route = { get4, get6, build, HeapCreate(0, 0, 0) };
	PROCESS_HEAP_ENTRY entry = { .lpData = NULL };
	int result = bound_internal_read(&route, rows, error);
	unsigned left = 0;

	while (HeapWalk(route.heap, &entry))
		left += (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0;
	assert_int_equal(left, 0);
	HeapDestroy(route.heap);
	return result;
}

TEST(bound_ports_of_both_families_are_rows_whatever_their_state_says)
{
	struct rows rows = { NULL };
	char text[ADDRESS_TEXT_SIZE];
	struct error error;

	assert_int_equal(read_bound(rows4, rows6, 17763, &rows, &error), 0);
	assert_int_equal(rows.count, ROWS + 1);
	for (size_t i = 0; i < rows.count; i++) {
		assert_int_equal(rows.items[i].state, SOCKET_BOUND);
		assert_int_equal(rows.items[i].remote_port, 0);
		assert_int_equal(rows.items[i].remote.family, FAMILY_NONE);
	}
	assert_int_equal(rows.items[2].pid, 4002);
	assert_string_equal(
		address_print_endpoint(text, &rows.items[2].local, rows.items[2].local_port),
		"10.0.0.5:50002");
	assert_string_equal(
		address_print_endpoint(text, &rows.items[3].local, rows.items[3].local_port),
		"[::1]:443");
	assert_int_equal(rows.items[3].pid, -1); /* number 0 is nobody */
	rows_free(&rows);
}

TEST(where_none_is_bound_there_is_no_row_and_no_error)
{
	struct rows rows = { NULL };
	struct error error;

	assert_int_equal(read_bound(no_data, no_data, 19045, &rows, &error), 0);
	assert_int_equal(rows.count, 0);
}

TEST(before_windows_10_1809_the_functions_are_not_called)
{
	struct rows rows = { NULL };
	struct error error;

	assert_int_equal(read_bound(rows4, rows6, 17762, &rows, &error), -1);
	assert_non_null(strstr(error.text, "17762"));
	assert_int_equal(read_bound(rows4, rows6, -1, &rows, &error), -1);
	assert_int_equal(rows.count, 0);
}

TEST(without_one_of_the_functions_the_other_is_not_called)
{
	struct rows rows = { NULL };
	struct error error;

	assert_int_equal(read_bound(NULL, rows6, 19045, &rows, &error), -1);
	assert_int_equal(read_bound(rows4, NULL, 19045, &rows, &error), -1);
	assert_non_null(strstr(error.text, "does not have it"));
	assert_int_equal(rows.count, 0);
}

TEST(half_an_answer_is_none)
{
	struct rows rows = { NULL };
	struct error error;

	assert_int_equal(read_bound(rows4, denied, 19045, &rows, &error), -1);
	assert_non_null(strstr(error.text, "denied"));
	assert_int_equal(rows.count, 0);
	assert_int_equal(read_bound(lying, rows6, 19045, &rows, &error), -1);
	assert_int_equal(read_bound(rows4, nothing, 19045, &rows, &error), -1);
	assert_int_equal(rows.count, 0);
	rows_free(&rows);
}

SUITE(bound_internal,
      cmocka_unit_test(bound_ports_of_both_families_are_rows_whatever_their_state_says),
      cmocka_unit_test(where_none_is_bound_there_is_no_row_and_no_error),
      cmocka_unit_test(before_windows_10_1809_the_functions_are_not_called),
      cmocka_unit_test(without_one_of_the_functions_the_other_is_not_called),
      cmocka_unit_test(half_an_answer_is_none));
