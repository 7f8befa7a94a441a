/*
 * How long the tables of Windows take from their bytes to what a snapshot has of them: 50,000 connections as
 * GetExtendedTcpTable() hands them over, with times, half of them over IPv6. The fastest of some runs counts, since all that
 * else happens on the machine can only make one longer.
 */
#include "snapshot/snapshot.h"
#include "source/artefact/row.h"
#include "source/artefact/windows/mib_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 25000, RUNS = 15, PROCESSES = 40, DESTINATIONS = 500 };
enum {
	FIRST = 8,
	SIZE4 = 160,
	SIZE6 = 192
}; /* of MIB_TCPROW_OWNER_MODULE and MIB_TCP6ROW_OWNER_MODULE */

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- the tables ---- */

static void put32(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

static void put_port(uint8_t *at, unsigned port)
{
	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
}

/* A tenth rests in TIME_WAIT, which is nobody's. */
static uint32_t state_of(uint32_t row)
{
	return row % 10 ? 5 : 11;
}

static uint32_t pid_of(uint32_t row)
{
	return row % 10 ? 1000 + row % PROCESSES : 0;
}

static void put_row4(uint8_t *at, uint32_t row)
{
	put32(at, state_of(row));
	put32(at + 4, 0x0500000a);
	put_port(at + 8, 20000 + row);
	put32(at + 12, 0x0900000a + (row % DESTINATIONS << 16));
	put_port(at + 16, 443);
	put32(at + 20, pid_of(row));
}

static void put_row6(uint8_t *at, uint32_t row)
{
	at[0] = at[24] = 0xfd;
	put_port(at + 20, 20000 + row);
	put32(at + 36, row % DESTINATIONS);
	put_port(at + 44, 443);
	put32(at + 48, state_of(row));
	put32(at + 52, pid_of(row));
}

static uint8_t *make(size_t row_size, void (*put)(uint8_t *at, uint32_t row))
{
	uint8_t *bytes = calloc(1, FIRST + ROWS * row_size);

	put32(bytes, ROWS);
	for (uint32_t i = 0; i < ROWS; i++)
		put(bytes + FIRST + i * row_size, i);
	return bytes;
}

/* ---- what is measured ---- */

struct rows {
	struct dossier_socket *items;
	size_t count, capacity;
};

static void convert(struct rows *rows, enum mib_table_kind kind, const uint8_t *bytes,
		    size_t size)
{
	struct mib_table table;

	if (!mib_table_open(&table, kind, bytes, size))
		return;
	for (size_t i = 0; i < table.count; i++) {
		array_reserve(rows->items, rows->count, rows->capacity);
		mib_table_row(&table, i, &rows->items[rows->count++]);
	}
}

static void take(void *context, const struct dossier_socket *row)
{
	const struct socket_record record = row_record(row, true);

	snapshot_add_socket(context, 0, row_owner_kind(row), row->pid > 0 ? row->pid : 0,
			    &record);
}

static uint64_t sockets_of(const struct snapshot *snapshot)
{
	uint64_t sockets = 0;

	for (size_t i = 0; i < snapshot->holding_count; i++)
		sockets += snapshot->holdings[i].sockets;
	return sockets;
}

static double run(const uint8_t *four, const uint8_t *six, double *convert_ms,
		  uint64_t *sockets)
{
	struct snapshot snapshot = { 0 };
	struct rows rows = { 0 };
	double start = now_ms(), ms;

	snapshot_add_netns(&snapshot, &(struct netns){ .kind = NETNS_HOST });
	convert(&rows, MIB_TABLE_TCP4_MODULE, four, FIRST + ROWS * SIZE4);
	convert(&rows, MIB_TABLE_TCP6_MODULE, six, FIRST + ROWS * SIZE6);
	*convert_ms = now_ms() - start;
	row_each(&(struct row_listing){ rows.items, rows.count, true }, PROTOCOL_TCP, take,
		 &snapshot);
	ms = now_ms() - start;
	*sockets = sockets_of(&snapshot);
	snapshot_free(&snapshot);
	free(rows.items);
	return ms;
}

int main(void)
{
	uint8_t *four = make(SIZE4, put_row4), *six = make(SIZE6, put_row6);
	double fastest_ms = 0, fastest_convert_ms = 0;
	uint64_t sockets = 0;

	for (int i = 0; i < RUNS; i++) {
		double convert_ms, ms = run(four, six, &convert_ms, &sockets);

		if (!i || ms < fastest_ms)
			fastest_ms = ms;
		if (!i || convert_ms < fastest_convert_ms)
			fastest_convert_ms = convert_ms;
	}
	printf("{\"rows\": %d, \"sockets\": %llu, \"convert_ms\": %.3f, \"ms\": %.3f}\n",
	       2 * ROWS, (unsigned long long)sockets, fastest_convert_ms, fastest_ms);
	free(four);
	free(six);
	return 0;
}
