#include "source/windows/sockets/tables_route.h"

#include "sockets/given_sockets.h"
#include "source/windows/sockets/bound_handles.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

struct given given;

/* ---- handles ---- */

struct fake_handle *given_socket(int32_t pid, const char *local)
{
	given.handles[given.handle_count] = (struct fake_handle){
		.pid = pid,
		.handle = 4 * (given.handle_count + 1),
		.type = FAKE_FILE_TYPE,
		.kind = FAKE_SOCKET,
		.local = local,
	};
	return &given.handles[given.handle_count++];
}

struct fake_handle *given_tcp(int32_t pid, const char *local, uint8_t state)
{
	struct fake_handle *handle = given_socket(pid, local);

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

void given_row(enum protocol protocol, enum socket_state state, const char *local, int32_t pid)
{
	const struct dossier_socket row = row_of(protocol, state, local, pid);

	rows_add(&given.rows, &row);
}

void given_row_again(enum socket_state state, const char *local, int32_t pid)
{
	given.again.rows[given.again.count++] = row_of(PROTOCOL_TCP, state, local, pid);
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
		MIB_TCPROW_OWNER_PID rows[GIVEN_MOST];
	} all = { 0 };

	for (size_t i = 0; i < given.again.count; i++) {
		const struct dossier_socket *row = &given.again.rows[i];
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
		MIB_TCP6ROW_OWNER_PID rows[GIVEN_MOST];
	} all = { 0 };

	for (size_t i = 0; i < given.again.count; i++) {
		const struct dossier_socket *row = &given.again.rows[i];
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
	given.again.calls++;
	if (given.again.meanwhile)
		given.again.meanwhile();
	if (family == AF_INET ? given.again.tcp4_denied : given.again.tcp6_denied)
		return ERROR_ACCESS_DENIED;
	return family == AF_INET ? hand_over_tcp4(table, size) : hand_over_tcp6(table, size);
}

static DWORD WINAPI udp(void *table, DWORD *size, BOOL sorted, ULONG family,
			UDP_TABLE_CLASS class, ULONG reserved)
{
	const DWORD none[2] = { 0, 0 };

	(void)sorted, (void)class, (void)reserved;
	if (family == AF_INET && given.again.udp4_denied)
		return ERROR_ACCESS_DENIED;
	return hand_over(table, size, none, sizeof none);
}

/* ---- the reading ---- */

void given_nothing(void)
{
	given = (struct given){ .handle_count = 0 };
}

static int by_port(const void *a, const void *b)
{
	const struct dossier_socket *left = a, *right = b;

	return (int)left->local_port - (int)right->local_port;
}

static size_t first_bound;

size_t found_bound(void)
{
	const struct tables_route route = { tcp, udp };
	struct nt_route nt;
	struct error error;

	first_bound = given.rows.count;
	fake_begin(given.handles, given.handle_count, &nt);
	assert_int_equal(bound_handles_read(&nt, &route, &given.rows, &given.snapshot, &error),
			 0);
	fake_end();
	for (size_t i = first_bound; i < given.rows.count; i++) {
		assert_int_equal(given.rows.items[i].state, SOCKET_BOUND);
		assert_int_equal(given.rows.items[i].protocol, PROTOCOL_TCP);
	}
	if (given.rows.count > first_bound)
		qsort(&given.rows.items[first_bound], given.rows.count - first_bound,
		      sizeof *given.rows.items, by_port);
	return given.rows.count - first_bound;
}

const struct dossier_socket *found_bound_at(size_t index)
{
	return &given.rows.items[first_bound + index];
}

bool found_gap(const char *what, enum gap_effect effect)
{
	for (size_t i = 0; i < given.snapshot.gap_count; i++)
		if (strstr(given.snapshot.gaps[i].what, what))
			return given.snapshot.gaps[i].effect == effect;
	return false;
}

void given_end(void)
{
	rows_free(&given.rows);
	snapshot_free(&given.snapshot);
}
