#include "action/close.h"

#include "action/windows/close_route.h"
#include "base/arena.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/* The system, as these tests have it: a table of connections, and what its functions say. */
static struct {
	MIB_TCPROW_OWNER_MODULE rows[200];
	DWORD count;
	DWORD table_fails, set_fails;
	unsigned grows; /* so many calls find the table larger than the one before said */
	unsigned reads, sets;
	bool keeps;    /* SetTcpEntry() says that it did, and does nothing */
	bool replaces; /* another connection has the addresses and ports at once */
	bool vanishes; /* the connection goes by itself when it is to be closed */
	bool elevated;
	bool collects, may_not_collect;
	uint64_t sent;
	unsigned switched_off;
} machine;

static DWORD WINAPI table(void *bytes, DWORD *size, BOOL sorted, ULONG family,
			  TCP_TABLE_CLASS class, ULONG reserved)
{
	MIB_TCPTABLE_OWNER_MODULE *told = bytes;
	DWORD needed = (DWORD)(offsetof(MIB_TCPTABLE_OWNER_MODULE, table) +
			       machine.count * sizeof machine.rows[0]);

	(void)sorted;
	(void)reserved;
	assert_int_equal(family, AF_INET);
	assert_int_equal(class, TCP_TABLE_OWNER_MODULE_ALL);
	machine.reads++;
	if (machine.table_fails)
		return machine.table_fails;
	if (machine.grows) {
		machine.grows--;
		*size = *size * 2;
		return ERROR_INSUFFICIENT_BUFFER;
	}
	if (*size < needed) {
		*size = needed;
		return ERROR_INSUFFICIENT_BUFFER;
	}
	told->dwNumEntries = machine.count;
	memcpy(told->table, machine.rows, machine.count * sizeof machine.rows[0]);
	return NO_ERROR;
}

static DWORD find(const MIB_TCPROW *row)
{
	DWORD i = 0;

	while (i < machine.count &&
	       (machine.rows[i].dwLocalAddr != row->dwLocalAddr ||
		(machine.rows[i].dwLocalPort & 0xffff) != row->dwLocalPort ||
		machine.rows[i].dwRemoteAddr != row->dwRemoteAddr ||
		machine.rows[i].dwRemotePort != row->dwRemotePort))
		i++;
	return i;
}

static DWORD WINAPI set_entry(MIB_TCPROW *row)
{
	DWORD at = find(row);

	machine.sets++;
	assert_int_equal(row->dwState, MIB_TCP_STATE_DELETE_TCB);
	if (machine.vanishes)
		machine.rows[at] = machine.rows[--machine.count];
	if (machine.set_fails)
		return machine.set_fails;
	if (at == machine.count)
		return ERROR_NOT_FOUND;
	if (machine.replaces)
		machine.rows[at].liCreateTimestamp.QuadPart += 10000000;
	else if (!machine.keeps)
		machine.rows[at] = machine.rows[--machine.count];
	return NO_ERROR;
}

static ULONG WINAPI statistics(MIB_TCPROW *row, TCP_ESTATS_TYPE type, UCHAR *rw,
			       ULONG rw_version, ULONG rw_size, UCHAR *ros, ULONG ros_version,
			       ULONG ros_size, UCHAR *rod, ULONG rod_version, ULONG rod_size)
{
	(void)rw_version;
	(void)ros;
	(void)ros_version;
	(void)ros_size;
	(void)rod_version;
	assert_int_equal(type, TcpConnectionEstatsData);
	assert_int_equal(rw_size, sizeof(TCP_ESTATS_DATA_RW_v0));
	assert_int_equal(rod_size, sizeof(TCP_ESTATS_DATA_ROD_v0));
	if (find(row) == machine.count)
		return ERROR_NOT_FOUND;
	((TCP_ESTATS_DATA_RW_v0 *)rw)->EnableCollection = machine.collects;
	if (machine.collects)
		((TCP_ESTATS_DATA_ROD_v0 *)rod)->DataBytesOut = machine.sent;
	return NO_ERROR;
}

static ULONG WINAPI set_statistics(MIB_TCPROW *row, TCP_ESTATS_TYPE type, UCHAR *rw,
				   ULONG version, ULONG size, ULONG offset)
{
	bool on = ((TCP_ESTATS_DATA_RW_v0 *)rw)->EnableCollection;

	(void)row;
	(void)type;
	(void)version;
	(void)size;
	(void)offset;
	if (machine.may_not_collect)
		return ERROR_ACCESS_DENIED;
	machine.switched_off += !on;
	machine.collects = on;
	return NO_ERROR;
}

static bool elevated(void)
{
	return machine.elevated;
}

static const struct close_route route = { table, set_entry, statistics, set_statistics,
					  elevated };

/* 10.0.0.1:40000+i -> 10.0.9.1:5432, made at second 1000+i since 1970. */
static struct socket_record record_at(unsigned i)
{
	struct socket_record record = {
		.state = SOCKET_CLOSE_WAIT,
		.local_port = (uint16_t)(40000 + i),
		.remote_port = 5432,
		.cookie = (1000 + i) * UINT64_C(1000),
	};

	assert_true(address_parse("10.0.0.1", &record.local));
	assert_true(address_parse("10.0.9.1", &record.remote));
	return record;
}

static void fill_machine(unsigned count)
{
	memset(&machine, 0, sizeof machine);
	for (unsigned i = 0; i < count; i++) {
		struct socket_record record = record_at(i);
		MIB_TCPROW_OWNER_MODULE *row = &machine.rows[machine.count++];

		memcpy(&row->dwLocalAddr, record.local.bytes, 4);
		memcpy(&row->dwRemoteAddr, record.remote.bytes, 4);
		/* The upper half of a port may hold anything. */
		row->dwLocalPort = htons(record.local_port) | 0xabcd0000;
		row->dwRemotePort = htons(record.remote_port);
		row->liCreateTimestamp.QuadPart =
			((int64_t)record.cookie + INT64_C(11644473600000)) * 10000;
	}
	machine.elevated = true;
}

static enum close_result close_one(const struct close_route *by,
				   const struct socket_record *record, struct error *error)
{
	struct closer *closer = close_open_by(by, error);
	enum close_result result;

	assert_non_null(closer);
	error->text[0] = '\0';
	result = close_socket(closer, record, error);
	close_end(closer);
	return result;
}

TEST(a_connection_is_closed_and_the_others_stay)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	assert_int_equal(close_one(&route, &record, &error), CLOSE_DONE);
	assert_int_equal(machine.count, 2);
	assert_int_equal(machine.rows[0].dwLocalPort & 0xffff, htons(40000));
	assert_int_equal(machine.rows[1].dwLocalPort & 0xffff, htons(40002));
}

TEST(what_is_not_there_any_more_is_gone_and_nothing_is_called)
{
	struct socket_record record = record_at(7);
	struct error error;

	fill_machine(3);
	assert_int_equal(close_one(&route, &record, &error), CLOSE_GONE);
	assert_int_equal(machine.sets, 0);
	assert_int_equal(machine.count, 3);
}

TEST(another_connection_with_the_same_addresses_and_ports_is_left_alone)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	record.cookie += 5000;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_GONE);
	assert_int_equal(machine.sets, 0);
	/* Where its time was not told, addresses and ports must do. */
	record.cookie = 0;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_DONE);
}

TEST(one_that_comes_right_after_it_does_not_make_it_a_failure)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	machine.replaces = true;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_DONE);
	assert_int_equal(machine.count, 3);
}

TEST(a_call_that_says_so_and_does_nothing_is_a_failure)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	machine.keeps = true;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	assert_non_null(strstr(error.text, "still there"));
}

TEST(a_call_that_has_told_the_truth_is_not_asked_after_each_of_many)
{
	enum { MANY = 150 };
	struct error error;
	struct closer *closer = close_open_by(&route, &error);

	fill_machine(MANY);
	for (unsigned i = 0; i < MANY; i++) {
		struct socket_record record = record_at(i);

		assert_int_equal(close_socket(closer, &record, &error), CLOSE_DONE);
	}
	assert_int_equal(machine.count, 0);
	assert_int_equal(machine.sets, MANY);
	assert_in_range(machine.reads, 5, MANY / 2);
	close_end(closer);
}

TEST(a_call_that_never_does_what_it_says_is_given_up)
{
	struct error error;
	struct closer *closer = close_open_by(&route, &error);

	fill_machine(5);
	machine.keeps = true;
	for (unsigned i = 0; i < 4; i++) {
		struct socket_record record = record_at(i);

		assert_int_equal(close_socket(closer, &record, &error),
				 i < 3 ? CLOSE_FAILED : CLOSE_NOT_SUPPORTED);
	}
	assert_non_null(strstr(error.text, "still there"));
	close_end(closer);
}

TEST(one_that_goes_by_itself_is_gone_whatever_the_call_says)
{
	static const DWORD says[] = { 87, 317, 5 };
	struct socket_record record = record_at(1);
	struct error error;

	for (size_t i = 0; i < 3; i++) {
		fill_machine(3);
		machine.vanishes = true;
		machine.set_fails = says[i];
		assert_int_equal(close_one(&route, &record, &error), CLOSE_GONE);
	}
}

TEST(without_rights_it_says_what_is_needed)
{
	static const DWORD says[] = { 5, 65, 317 };
	struct socket_record record = record_at(1);
	struct error error;

	for (size_t i = 0; i < 3; i++) {
		fill_machine(3);
		machine.set_fails = says[i];
		machine.elevated = false;
		assert_int_equal(close_one(&route, &record, &error), CLOSE_NOT_PERMITTED);
		assert_non_null(strstr(error.text, "administrator"));
	}
}

TEST(what_windows_says_of_those_without_rights_is_another_failure_to_those_who_have_them)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	machine.set_fails = 317;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	assert_non_null(strstr(error.text, "317"));
	machine.set_fails = 87;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	record.state = SOCKET_TIME_WAIT;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	assert_non_null(strstr(error.text, "TIME_WAIT"));
}

TEST(a_windows_that_cannot_is_told_as_such)
{
	struct close_route without = route;
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	machine.set_fails = 50;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_NOT_SUPPORTED);
	without.set_entry = NULL;
	assert_int_equal(close_one(&without, &record, &error), CLOSE_NOT_SUPPORTED);
	without.table = NULL;
	assert_null(close_open_by(&without, &error));
}

TEST(other_kinds_cannot_be_closed_and_the_remedy_is_named)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	assert_true(close_can(&record));
	record.state = SOCKET_LISTEN;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_CANNOT);
	record.state = SOCKET_BOUND;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_CANNOT);
	record = record_at(1);
	record.protocol = PROTOCOL_UDP;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_CANNOT);
	record = record_at(1);
	assert_true(address_parse("2001:db8::1", &record.local));
	assert_int_equal(close_one(&route, &record, &error), CLOSE_CANNOT);
	assert_non_null(strstr(error.text, "--end-process"));
	assert_int_equal(machine.sets + machine.reads, 0);
}

TEST(a_table_that_grows_is_read_again_but_not_for_ever)
{
	struct socket_record record = record_at(150);
	struct error error;

	fill_machine(200);
	machine.grows = 3;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_DONE);
	fill_machine(200);
	machine.grows = 1000;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	assert_int_equal(machine.sets, 0);
	assert_in_range(machine.reads, 2, 20);
}

TEST(without_the_table_nothing_is_closed)
{
	struct socket_record record = record_at(1);
	struct error error;

	fill_machine(3);
	machine.table_fails = ERROR_ACCESS_DENIED;
	assert_int_equal(close_one(&route, &record, &error), CLOSE_FAILED);
	assert_int_equal(machine.sets, 0);
	assert_non_null(strstr(error.text, "table"));
}

TEST(what_moves_is_counted_from_when_it_is_watched_and_no_longer)
{
	struct socket_record record = record_at(1);
	struct error error;
	struct closer *closer;
	struct close_motion motion;

	fill_machine(3);
	machine.sent = 10;
	closer = close_open_by(&route, &error);
	motion = close_watch(closer, &record);
	assert_true(motion.known && motion.bytes_sent == 10 && motion.quiet_ms == -1);
	machine.sent = 30;
	motion = close_watch(closer, &record);
	assert_int_equal(motion.bytes_sent, 30);
	assert_int_equal(machine.switched_off, 0);
	close_end(closer);
	assert_int_equal(machine.switched_off, 1);
	assert_false(machine.collects);
}

TEST(what_others_count_already_is_not_switched_off)
{
	struct socket_record record = record_at(1);
	struct error error;
	struct closer *closer;

	fill_machine(3);
	machine.collects = true;
	closer = close_open_by(&route, &error);
	assert_true(close_watch(closer, &record).known);
	close_end(closer);
	assert_int_equal(machine.switched_off, 0);
	assert_true(machine.collects);
}

TEST(what_cannot_be_watched_is_not_known)
{
	struct close_route without = route;
	struct socket_record record = record_at(1), gone = record_at(9);
	struct error error;
	struct closer *closer;

	fill_machine(3);
	machine.may_not_collect = true;
	closer = close_open_by(&route, &error);
	assert_false(close_watch(closer, &record).known);
	assert_false(close_watch(closer, &gone).known);
	close_end(closer);
	without.statistics = NULL;
	closer = close_open_by(&without, &error);
	assert_false(close_watch(closer, &record).known);
	close_end(closer);
}

SUITE(windows_close, cmocka_unit_test(a_connection_is_closed_and_the_others_stay),
      cmocka_unit_test(what_is_not_there_any_more_is_gone_and_nothing_is_called),
      cmocka_unit_test(another_connection_with_the_same_addresses_and_ports_is_left_alone),
      cmocka_unit_test(one_that_comes_right_after_it_does_not_make_it_a_failure),
      cmocka_unit_test(a_call_that_says_so_and_does_nothing_is_a_failure),
      cmocka_unit_test(a_call_that_has_told_the_truth_is_not_asked_after_each_of_many),
      cmocka_unit_test(a_call_that_never_does_what_it_says_is_given_up),
      cmocka_unit_test(one_that_goes_by_itself_is_gone_whatever_the_call_says),
      cmocka_unit_test(without_rights_it_says_what_is_needed),
      cmocka_unit_test(
	      what_windows_says_of_those_without_rights_is_another_failure_to_those_who_have_them),
      cmocka_unit_test(a_windows_that_cannot_is_told_as_such),
      cmocka_unit_test(other_kinds_cannot_be_closed_and_the_remedy_is_named),
      cmocka_unit_test(a_table_that_grows_is_read_again_but_not_for_ever),
      cmocka_unit_test(without_the_table_nothing_is_closed),
      cmocka_unit_test(what_moves_is_counted_from_when_it_is_watched_and_no_longer),
      cmocka_unit_test(what_others_count_already_is_not_switched_off),
      cmocka_unit_test(what_cannot_be_watched_is_not_known));
