#include "action/close.h"

#include "action/windows/close_route.h"
#include "base/arena.h"
#include "base/filetime.h"
#include "base/language.h"
#include "system/clock.h"
#include "system/windows/elevation.h"
#include "system/windows/error_text.h"
#include "system/windows/library.h"

#include <stdlib.h>
#include <string.h>

/*
 * SetTcpEntry() names a connection by its addresses and ports and knows no other state to set than that it is deleted; it is for
 * TCP over IPv4 only, and there is nothing like it for others (learn.microsoft.com, "SetTcpEntry function"). Before it is called
 * the table is looked at, whether what has these addresses and ports is still what was selected: the time it was made,
 * where Windows told it, is its cookie. And afterwards, whether it has gone: what the call says is not enough, under Wine 8.0
 * it does nothing and says that it did.
 */
enum {
	LARGEST = 512 << 20,
	MOST_CALLS = 8,
	FRESH_MS = 200,
	LOOKS = 3,
	LOOK_MS = 20,
	PROVEN = 4
};

/* Of that page, and of Windows XP. */
enum { NETWORK_ACCESS_DENIED = 65, NOT_ELEVATED = 317 };

struct closer {
	struct close_route route;
	MIB_TCPTABLE_OWNER_MODULE *table;
	int64_t read_ms;	    /* when it was */
	unsigned proven, disproven; /* calls that did what they said, and such that did not */
	int64_t verified_ms;	    /* when one was looked at last */

	/* Connections that statistics were switched on for, to be switched off again. */
	MIB_TCPROW *watched;
	size_t watched_count, watched_capacity;
};

const char *const close_source = "iphlpapi";

bool close_can(const struct socket_record *record)
{
	return record->protocol == PROTOCOL_TCP && record->local.family == FAMILY_IPV4 &&
	       record->state != SOCKET_LISTEN && record->state != SOCKET_BOUND &&
	       record->remote_port;
}

void close_find(struct close_route *route)
{
	static const char iphlpapi[] = "iphlpapi.dll";

	*route = (struct close_route){ .is_elevated = elevation_is_full };
	(void)library_find(route->table, iphlpapi, "GetExtendedTcpTable");
	(void)library_find(route->set_entry, iphlpapi, "SetTcpEntry");
	(void)library_find(route->statistics, iphlpapi, "GetPerTcpConnectionEStats");
	(void)library_find(route->set_statistics, iphlpapi, "SetPerTcpConnectionEStats");
}

struct closer *close_open_by(const struct close_route *route, struct error *error)
{
	struct closer *closer;

	if (!route->table) {
		error_set(error, "%s: %s", "GetExtendedTcpTable",
			  error_text(ERROR_PROC_NOT_FOUND));
		return NULL;
	}
	closer = memory_zeroed(1, sizeof *closer);
	closer->route = *route;
	return closer;
}

struct closer *close_open(struct error *error)
{
	struct close_route route;

	close_find(&route);
	return close_open_by(&route, error);
}

static void switch_statistics(struct closer *closer, MIB_TCPROW *row, bool on)
{
	TCP_ESTATS_DATA_RW_v0 switches = { .EnableCollection = on };

	closer->route.set_statistics(row, TcpConnectionEstatsData, (UCHAR *)&switches, 0,
				     sizeof switches, 0);
}

void close_end(struct closer *closer)
{
	if (!closer)
		return;
	for (size_t i = 0; i < closer->watched_count; i++)
		switch_statistics(closer, &closer->watched[i], false);
	free(closer->watched);
	free(closer->table);
	free(closer);
}

/* ---- the table ---- */

/* 0, or an error. It may grow between the call that says how large it is and the one that fetches it. */
static DWORD read_table(struct closer *closer)
{
	DWORD size = 64 << 10, room, result = ERROR_INSUFFICIENT_BUFFER;

	free(closer->table);
	closer->table = NULL;
	for (int calls = 0; result == ERROR_INSUFFICIENT_BUFFER && calls < MOST_CALLS;
	     calls++) {
		if (size > LARGEST)
			return ERROR_NOT_ENOUGH_MEMORY;
		room = size + size / 4;
		free(closer->table);
		closer->table = memory_zeroed(1, room);
		size = room;
		result = closer->route.table(closer->table, &size, FALSE, AF_INET,
					     TCP_TABLE_OWNER_MODULE_ALL, 0);
		if (size < room)
			size = room;
	}
	closer->read_ms = clock_monotonic_ms();
	if (result) {
		free(closer->table);
		closer->table = NULL;
	}
	return result;
}

static MIB_TCPROW row_of(const struct socket_record *record)
{
	MIB_TCPROW row = { .dwState = MIB_TCP_STATE_DELETE_TCB };

	memcpy(&row.dwLocalAddr, record->local.bytes, 4);
	memcpy(&row.dwRemoteAddr, record->remote.bytes, 4);
	row.dwLocalPort = htons(record->local_port);
	row.dwRemotePort = htons(record->remote_port);
	return row;
}

static uint64_t cookie_of(const MIB_TCPROW_OWNER_MODULE *row)
{
	int64_t created = row->liCreateTimestamp.QuadPart;

	return created > 0 ? (uint64_t)filetime_to_unix_ms((uint64_t)created) : 0;
}

/* Of a port the low half counts (learn.microsoft.com, MIB_TCPROW_OWNER_MODULE). */
static bool is_same(const MIB_TCPROW_OWNER_MODULE *row, const MIB_TCPROW *wanted,
		    uint64_t cookie)
{
	if (row->dwLocalAddr != wanted->dwLocalAddr ||
	    row->dwRemoteAddr != wanted->dwRemoteAddr ||
	    (uint16_t)row->dwLocalPort != wanted->dwLocalPort ||
	    (uint16_t)row->dwRemotePort != wanted->dwRemotePort)
		return false;
	return !cookie || !cookie_of(row) || cookie_of(row) == cookie;
}

static bool is_listed(const struct closer *closer, const struct socket_record *record)
{
	MIB_TCPROW wanted = row_of(record);

	for (DWORD i = 0; i < closer->table->dwNumEntries; i++)
		if (is_same(&closer->table->table[i], &wanted, record->cookie))
			return true;
	return false;
}

/* 1: it is there, 0: it is not, -1: that cannot be seen, and a sentence. */
static int look(struct closer *closer, const struct socket_record *record, bool anew,
		struct error *error)
{
	DWORD failed = 0;

	if (anew || !closer->table || clock_monotonic_ms() - closer->read_ms > FRESH_MS)
		failed = read_table(closer);
	if (!failed)
		return is_listed(closer, record);
	return error_set(error, _("the table of connections cannot be read: %s"),
			 error_text(failed));
}

/* ---- closing ---- */

static enum close_result gone(struct error *error)
{
	error_set(error, _("it was closed meanwhile"));
	return CLOSE_GONE;
}

static enum close_result refuse_kind(const struct socket_record *record, struct error *error)
{
	if (record->protocol == PROTOCOL_UDP)
		error_set(error, _("Windows closes no UDP sockets from outside; --end-process "
				   "ends who has them"));
	else if (record->state == SOCKET_BOUND || record->state == SOCKET_LISTEN)
		error_set(error,
			  _("Windows closes no sockets from outside that are not connected; "
			    "--end-process ends who has them"));
	else
		error_set(error, _("Windows closes no connections over IPv6 from outside; "
				   "--end-process ends who has them"));
	return CLOSE_CANNOT;
}

static enum close_result not_permitted(struct error *error)
{
	error_set(error, _("no privilege to close sockets of others; run as administrator"));
	return CLOSE_NOT_PERMITTED;
}

/*
 * Reading the table for each of thousands would take longer than closing them. When the call has told the truth a few times it
 * is believed, and looked at again now and then; when it has not, a few times in a row, this Windows closes nothing. What was
 * won is measured afterwards in any case.
 */
static bool is_believed(const struct closer *closer)
{
	return closer->proven >= PROVEN &&
	       clock_monotonic_ms() - closer->verified_ms < FRESH_MS;
}

static enum close_result still_there(struct closer *closer, struct error *error)
{
	closer->disproven++;
	error_set(error,
		  _("Windows says that it closed the connection, and it is still there"));
	return !closer->proven && closer->disproven >= PROVEN ? CLOSE_NOT_SUPPORTED :
								CLOSE_FAILED;
}

/* Whether it has gone, as the call says. */
static enum close_result verify(struct closer *closer, const struct socket_record *record,
				struct error *error)
{
	for (int i = 0; i < LOOKS; i++) {
		int there = look(closer, record, true, error);

		if (there < 0)
			return CLOSE_FAILED;
		if (!there) {
			closer->proven++;
			closer->verified_ms = closer->read_ms;
			return CLOSE_DONE;
		}
		clock_rest_ms(LOOK_MS);
	}
	return still_there(closer, error);
}

static enum close_result explain(struct closer *closer, const struct socket_record *record,
				 DWORD failed, struct error *error)
{
	struct error other;

	/* Of one that is not there any more the errors are the same. */
	if (!look(closer, record, true, &other))
		return gone(error);
	switch (failed) {
	case ERROR_ACCESS_DENIED:
	case NETWORK_ACCESS_DENIED:
		return not_permitted(error);
	case NOT_ELEVATED:
		if (!closer->route.is_elevated())
			return not_permitted(error);
		break;
	case ERROR_NOT_SUPPORTED:
	case ERROR_CALL_NOT_IMPLEMENTED:
		error_set(error, _("this Windows closes no connections from outside: %s"),
			  error_text(failed));
		return CLOSE_NOT_SUPPORTED;
	}
	if (record->state == SOCKET_TIME_WAIT)
		error_set(error, _("Windows does not end TIME_WAIT before its time: %s"),
			  error_text(failed));
	else
		error_set(error, "SetTcpEntry: %s", error_text(failed));
	return CLOSE_FAILED;
}

enum close_result close_socket(struct closer *closer, const struct socket_record *record,
			       struct error *error)
{
	MIB_TCPROW row = row_of(record);
	DWORD failed;

	if (!close_can(record))
		return refuse_kind(record, error);
	if (!closer->route.set_entry) {
		error_set(error, _("this Windows closes no connections from outside: %s"),
			  error_text(ERROR_PROC_NOT_FOUND));
		return CLOSE_NOT_SUPPORTED;
	}
	switch (look(closer, record, false, error)) {
	case 0:
		return gone(error);
	case -1:
		return CLOSE_FAILED;
	}
	failed = closer->route.set_entry(&row);
	if (failed)
		return explain(closer, record, failed, error);
	return is_believed(closer) ? CLOSE_DONE : verify(closer, record, error);
}

/* ---- what moves ---- */

static bool read_statistics(struct closer *closer, MIB_TCPROW *row,
			    TCP_ESTATS_DATA_RW_v0 *switches, TCP_ESTATS_DATA_ROD_v0 *data)
{
	memset(switches, 0, sizeof *switches);
	memset(data, 0, sizeof *data);
	return !closer->route.statistics(row, TcpConnectionEstatsData, (UCHAR *)switches, 0,
					 sizeof *switches, NULL, 0, 0, (UCHAR *)data, 0,
					 sizeof *data);
}

/* Windows counts what moves on a connection from when it is asked to, which takes administrator rights. It does not tell when
 * something moved last. */
struct close_motion close_watch(struct closer *closer, const struct socket_record *record)
{
	struct close_motion motion = { .quiet_ms = -1 };
	TCP_ESTATS_DATA_RW_v0 switches;
	TCP_ESTATS_DATA_ROD_v0 data;
	MIB_TCPROW row = row_of(record);

	if (!close_can(record) || !closer->route.statistics || !closer->route.set_statistics ||
	    !read_statistics(closer, &row, &switches, &data))
		return motion;
	if (!switches.EnableCollection) {
		switch_statistics(closer, &row, true);
		if (!read_statistics(closer, &row, &switches, &data) ||
		    !switches.EnableCollection)
			return motion;
		array_reserve(closer->watched, closer->watched_count,
			      closer->watched_capacity);
		closer->watched[closer->watched_count++] = row;
	}
	motion.known = true;
	motion.bytes_sent = data.DataBytesOut;
	motion.bytes_received = data.DataBytesIn;
	return motion;
}
