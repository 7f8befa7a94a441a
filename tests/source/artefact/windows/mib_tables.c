#include "mib_tables.h"

#include <stdlib.h>
#include <string.h>

static void put32(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

/* The upper half of the field may have anything. */
static void put_port(uint8_t *at, uint16_t port)
{
	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
	at[2] = 0xaa;
	at[3] = 0x55;
}

static void put_time(uint8_t *at, uint64_t time)
{
	put32(at, (uint32_t)time);
	put32(at + 4, (uint32_t)(time >> 32));
}

static size_t row_size(enum mib_table_kind kind)
{
	switch (kind) {
	case MIB_TABLE_TCP4_PID:
		return 24;
	case MIB_TABLE_TCP6_PID:
		return 56;
	case MIB_TABLE_TCP4_MODULE:
	case MIB_TABLE_UDP4_MODULE:
		return 160;
	case MIB_TABLE_TCP6_MODULE:
		return 192;
	case MIB_TABLE_UDP4_PID:
		return 12;
	case MIB_TABLE_UDP6_PID:
	case MIB_TABLE_TCP4_2:
		return 28;
	case MIB_TABLE_UDP6_MODULE:
		return 176;
	default:
		return 60;
	}
}

static bool is_timed(enum mib_table_kind kind)
{
	return kind == MIB_TABLE_TCP4_MODULE || kind == MIB_TABLE_TCP6_MODULE ||
	       kind == MIB_TABLE_UDP4_MODULE || kind == MIB_TABLE_UDP6_MODULE;
}

static void put_tcp4(uint8_t *at, const struct mib_row *row)
{
	put32(at, row->state);
	memcpy(at + 4, row->local, 4);
	put_port(at + 8, row->local_port);
	memcpy(at + 12, row->remote, 4);
	put_port(at + 16, row->remote_port);
	put32(at + 20, row->pid);
}

static void put_tcp6(uint8_t *at, const struct mib_row *row)
{
	memcpy(at, row->local, 16);
	put_port(at + 20, row->local_port);
	memcpy(at + 24, row->remote, 16);
	put_port(at + 44, row->remote_port);
	put32(at + 48, row->state);
	put32(at + 52, row->pid);
}

static void put_row(enum mib_table_kind kind, uint8_t *at, const struct mib_row *row)
{
	switch (kind) {
	case MIB_TABLE_UDP4_PID:
	case MIB_TABLE_UDP4_MODULE:
		memcpy(at, row->local, 4);
		put_port(at + 4, row->local_port);
		put32(at + 8, row->pid);
		if (is_timed(kind))
			put_time(at + 16, row->created);
		break;
	case MIB_TABLE_UDP6_PID:
	case MIB_TABLE_UDP6_MODULE:
		memcpy(at, row->local, 16);
		put_port(at + 20, row->local_port);
		put32(at + 24, row->pid);
		if (is_timed(kind))
			put_time(at + 32, row->created);
		break;
	case MIB_TABLE_TCP4_PID:
	case MIB_TABLE_TCP4_MODULE:
	case MIB_TABLE_TCP4_2:
		put_tcp4(at, row);
		if (is_timed(kind))
			put_time(at + 24, row->created);
		break;
	default:
		put_tcp6(at, row);
		if (is_timed(kind))
			put_time(at + 56, row->created);
	}
}

struct mib_bytes mib_bytes_of(enum mib_table_kind kind, const struct mib_row *rows,
			      size_t count, uint32_t claimed)
{
	size_t first = is_timed(kind) ? 8 : 4;
	struct mib_bytes table = { .size = first + count * row_size(kind) };

	table.bytes = calloc(1, table.size);
	put32(table.bytes, claimed);
	for (size_t i = 0; i < count; i++)
		put_row(kind, table.bytes + first + i * row_size(kind), &rows[i]);
	return table;
}

void mib_bytes_free(struct mib_bytes *table)
{
	free(table->bytes);
	*table = (struct mib_bytes){ 0 };
}
