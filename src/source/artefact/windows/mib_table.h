#pragma once

#include "source/artefact/dossier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Tables of sockets as iphlpapi.dll hands them out, from their bytes: those of GetExtendedTcpTable() and
 * GetExtendedUdpTable(), with a process for each row or with the time it was made besides, and MIB_TCPTABLE2, which
 * the internal tables of bound ports are. As a 64-bit program gets them.
 */
enum mib_table_kind {
	MIB_TABLE_TCP4_PID,    /* TCP_TABLE_OWNER_PID_ALL, AF_INET */
	MIB_TABLE_TCP6_PID,    /* the same, AF_INET6 */
	MIB_TABLE_TCP4_MODULE, /* TCP_TABLE_OWNER_MODULE_ALL: rows have a time */
	MIB_TABLE_TCP6_MODULE,
	MIB_TABLE_UDP4_PID, /* UDP_TABLE_OWNER_PID */
	MIB_TABLE_UDP6_PID,
	MIB_TABLE_UDP4_MODULE, /* UDP_TABLE_OWNER_MODULE */
	MIB_TABLE_UDP6_MODULE,
	MIB_TABLE_TCP4_2, /* MIB_TCPTABLE2 */
	MIB_TABLE_TCP6_2, /* MIB_TCP6TABLE2 */
	MIB_TABLE_KINDS
};

struct mib_table {
	const uint8_t *rows;
	size_t count;	/* that are there */
	size_t missing; /* more that it claims to have */
	enum mib_table_kind kind;
};

/* false: not even its beginning is there. The bytes must live as long. */
bool mib_table_open(struct mib_table *table, enum mib_table_kind kind, const void *bytes,
		    size_t size);

/*
 * The row, index < count. Returns its state as the table has it, 1 to 12 by MIB_TCP_STATE; 0: UDP, which has none. A state
 * that is none of these still has its port: it is SOCKET_BOUND in the row. A process is not told (pid -1) where there is
 * none in a row that must have one.
 */
uint32_t mib_table_row(const struct mib_table *table, size_t index,
		       struct dossier_socket *row);

/* Whether it is one that mib_table_row() knows. */
bool mib_table_state_is_known(uint32_t state);
