#include "source/artefact/windows/mib_table.h"

#include "base/filetime.h"

/*
 * A table is the number of its rows (32 bits) and the rows, which begin where their largest field allows: behind 4 bytes, or
 * behind 8 where a row has a time. All of it is in the order of the machine, which is little-endian wherever Windows runs,
 * but addresses and ports: a port is the first two bytes of its field, in network order, and the other two mean nothing
 * (learn.microsoft.com, MIB_TCPROW_OWNER_PID: "the upper 16 bits may contain uninitialized data").
 *
 * Layouts are those of tcpmib.h and udpmib.h: MIB_TCPROW_OWNER_PID, MIB_TCP6ROW_OWNER_MODULE, and so on.
 */
struct layout {
	uint8_t first, row_size;
	uint8_t protocol, family;
	uint8_t state, local, local_port, remote, remote_port, pid, created;
};

enum { NO = UINT8_MAX };

static const struct layout layouts[] = {
	[MIB_TABLE_TCP4_PID] = { 4, 24, PROTOCOL_TCP, FAMILY_IPV4, 0, 4, 8, 12, 16, 20, NO },
	[MIB_TABLE_TCP6_PID] = { 4, 56, PROTOCOL_TCP, FAMILY_IPV6, 48, 0, 20, 24, 44, 52, NO },
	[MIB_TABLE_TCP4_MODULE] = { 8, 160, PROTOCOL_TCP, FAMILY_IPV4, 0, 4, 8, 12, 16, 20,
				    24 },
	[MIB_TABLE_TCP6_MODULE] = { 8, 192, PROTOCOL_TCP, FAMILY_IPV6, 48, 0, 20, 24, 44, 52,
				    56 },
	[MIB_TABLE_UDP4_PID] = { 4, 12, PROTOCOL_UDP, FAMILY_IPV4, NO, 0, 4, NO, NO, 8, NO },
	[MIB_TABLE_UDP6_PID] = { 4, 28, PROTOCOL_UDP, FAMILY_IPV6, NO, 0, 20, NO, NO, 24, NO },
	[MIB_TABLE_UDP4_MODULE] = { 8, 160, PROTOCOL_UDP, FAMILY_IPV4, NO, 0, 4, NO, NO, 8,
				    16 },
	[MIB_TABLE_UDP6_MODULE] = { 8, 176, PROTOCOL_UDP, FAMILY_IPV6, NO, 0, 20, NO, NO, 24,
				    32 },
	[MIB_TABLE_TCP4_2] = { 4, 28, PROTOCOL_TCP, FAMILY_IPV4, 0, 4, 8, 12, 16, 20, NO },
	[MIB_TABLE_TCP6_2] = { 4, 60, PROTOCOL_TCP, FAMILY_IPV6, 48, 0, 20, 24, 44, 52, NO },
};

_Static_assert(sizeof layouts / sizeof layouts[0] == MIB_TABLE_KINDS, "a layout for each");

/* ---- states ---- */

/* MIB_TCP_STATE_CLOSED is 1 (learn.microsoft.com, [MS-RRASM] 2.2.1.2.11). One whose block is being deleted holds nothing. */
static const uint8_t states[] = {
	[1] = SOCKET_CLOSE,	[2] = SOCKET_LISTEN,	  [3] = SOCKET_SYN_SENT,
	[4] = SOCKET_SYN_RECV,	[5] = SOCKET_ESTABLISHED, [6] = SOCKET_FIN_WAIT1,
	[7] = SOCKET_FIN_WAIT2, [8] = SOCKET_CLOSE_WAIT,  [9] = SOCKET_CLOSING,
	[10] = SOCKET_LAST_ACK, [11] = SOCKET_TIME_WAIT,  [12] = SOCKET_CLOSE,
};

bool mib_table_state_is_known(uint32_t state)
{
	return state >= 1 && state < sizeof states;
}

/* What TCP finishes by itself, or has not handed over yet, may be nobody's; the rest is open in some process. */
static bool is_somebodys(uint8_t state)
{
	switch (state) {
	case SOCKET_LISTEN:
	case SOCKET_SYN_SENT:
	case SOCKET_ESTABLISHED:
	case SOCKET_CLOSE_WAIT:
	case SOCKET_BOUND:
	case SOCKET_UNCONNECTED:
		return true;
	default:
		return false;
	}
}

/* ---- fields ---- */

static uint32_t number_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint16_t port_at(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static struct address address_at(const struct layout *layout, const uint8_t *bytes)
{
	return layout->family == FAMILY_IPV4 ? address_ipv4(bytes) : address_ipv6(bytes);
}

/* A FILETIME; 0: it is not told. */
static int64_t time_at(const uint8_t *bytes)
{
	int64_t time_ms =
		filetime_to_unix_ms(filetime_join(number_at(bytes + 4), number_at(bytes)));

	return time_ms > 0 ? time_ms : 0;
}

/* ---- tables ---- */

bool mib_table_open(struct mib_table *table, enum mib_table_kind kind, const void *bytes,
		    size_t size)
{
	const struct layout *layout = &layouts[kind];
	uint32_t claimed;
	size_t there;

	*table = (struct mib_table){ .kind = kind };
	if (size < sizeof claimed)
		return false;
	claimed = number_at(bytes);
	there = size > layout->first ? (size - layout->first) / layout->row_size : 0;
	table->rows = (const uint8_t *)bytes + layout->first;
	table->count = claimed < there ? claimed : there;
	table->missing = claimed - table->count;
	return true;
}

uint32_t mib_table_row(const struct mib_table *table, size_t index, struct dossier_socket *row)
{
	const struct layout *layout = &layouts[table->kind];
	const uint8_t *bytes = table->rows + index * layout->row_size;
	uint32_t state = layout->state == NO ? 0 : number_at(bytes + layout->state);
	uint32_t pid = number_at(bytes + layout->pid);

	*row = (struct dossier_socket){
		.local = address_at(layout, bytes + layout->local),
		.local_port = port_at(bytes + layout->local_port),
		.protocol = layout->protocol,
		.state = layout->state == NO		 ? SOCKET_UNCONNECTED :
			 mib_table_state_is_known(state) ? states[state] :
							   SOCKET_BOUND,
		.pid = pid <= INT32_MAX ? (int32_t)pid : -1,
		.created_ms = layout->created == NO ? 0 : time_at(bytes + layout->created),
	};
	row->age = row->state == SOCKET_TIME_WAIT ? AGE_YOUNG : AGE_NONE;
	/* A listener has no peer: what is there means nothing (MIB_TCPROW_OWNER_PID, dwRemotePort). */
	if (layout->remote != NO && row->state != SOCKET_LISTEN)
		row->remote_port = port_at(bytes + layout->remote_port);
	if (row->remote_port)
		row->remote = address_at(layout, bytes + layout->remote);
	if (!pid && is_somebodys(row->state))
		row->pid = -1;
	return state;
}
