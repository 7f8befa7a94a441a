#include "mib_tables.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct mib_row connection = {
	.state = 5,
	.pid = 812,
	.local = { 10, 0, 0, 5 },
	.remote = { 10, 0, 9, 1 },
	.local_port = 49152,
	.remote_port = 443,
	.created = UINT64_C(133444736000000000), /* 2023-11-14T22:13:20Z */
};

static bool is_six(enum mib_table_kind kind)
{
	return kind == MIB_TABLE_TCP6_PID || kind == MIB_TABLE_TCP6_MODULE ||
	       kind == MIB_TABLE_UDP6_PID || kind == MIB_TABLE_UDP6_MODULE ||
	       kind == MIB_TABLE_TCP6_2;
}

static bool is_udp(enum mib_table_kind kind)
{
	return kind >= MIB_TABLE_UDP4_PID && kind <= MIB_TABLE_UDP6_MODULE;
}

static bool is_timed(enum mib_table_kind kind)
{
	return kind == MIB_TABLE_TCP4_MODULE || kind == MIB_TABLE_TCP6_MODULE ||
	       kind == MIB_TABLE_UDP4_MODULE || kind == MIB_TABLE_UDP6_MODULE;
}

static struct dossier_socket row_of(enum mib_table_kind kind, const struct mib_row *row)
{
	struct mib_bytes bytes = mib_bytes_of(kind, row, 1, 1);
	struct dossier_socket socket;
	struct mib_table table;

	assert_true(mib_table_open(&table, kind, bytes.bytes, bytes.size));
	assert_int_equal(table.count, 1);
	assert_int_equal(table.missing, 0);
	mib_table_row(&table, 0, &socket);
	mib_bytes_free(&bytes);
	return socket;
}

TEST(every_kind_of_table_gives_its_rows_whole)
{
	for (int kind = 0; kind < MIB_TABLE_KINDS; kind++) {
		struct mib_row made = connection;
		struct dossier_socket row;
		struct address local, remote;

		if (is_six(kind)) {
			made.local[0] = made.remote[0] = 0xfd;
			made.remote[15] = 9;
			local = address_ipv6(made.local);
			remote = address_ipv6(made.remote);
		} else {
			local = address_ipv4(made.local);
			remote = address_ipv4(made.remote);
		}
		row = row_of(kind, &made);
		assert_that(address_equal(&row.local, &local), "kind %d", kind);
		assert_that(row.local_port == 49152, "kind %d: port %d", kind, row.local_port);
		assert_that(row.pid == 812, "kind %d: pid %d", kind, row.pid);
		assert_that(row.protocol == (is_udp(kind) ? PROTOCOL_UDP : PROTOCOL_TCP),
			    "kind %d", kind);
		assert_that(is_udp(kind) || address_equal(&row.remote, &remote), "kind %d",
			    kind);
		assert_that(row.remote_port == (is_udp(kind) ? 0 : 443), "kind %d", kind);
		assert_that(row.state ==
				    (is_udp(kind) ? SOCKET_UNCONNECTED : SOCKET_ESTABLISHED),
			    "kind %d", kind);
		assert_that(row.created_ms == (is_timed(kind) ? INT64_C(1700000000000) : 0),
			    "kind %d", kind);
	}
}

TEST(each_of_the_twelve_states_is_told_by_its_number)
{
	static const uint8_t states[] = {
		SOCKET_CLOSE,	    SOCKET_LISTEN,    SOCKET_SYN_SENT,	SOCKET_SYN_RECV,
		SOCKET_ESTABLISHED, SOCKET_FIN_WAIT1, SOCKET_FIN_WAIT2, SOCKET_CLOSE_WAIT,
		SOCKET_CLOSING,	    SOCKET_LAST_ACK,  SOCKET_TIME_WAIT, SOCKET_CLOSE,
	};

	for (uint32_t state = 1; state <= 12; state++) {
		struct mib_row made = connection;

		made.state = state;
		assert_true(mib_table_state_is_known(state));
		assert_that(row_of(MIB_TABLE_TCP4_PID, &made).state == states[state - 1],
			    "state %u", state);
		assert_that(row_of(MIB_TABLE_TCP6_2, &made).state == states[state - 1],
			    "state %u", state);
	}
}

TEST(a_state_that_is_none_of_these_still_has_its_port)
{
	static const uint32_t odd[] = { 0, 13, 100, UINT32_MAX };

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct mib_row made = connection;
		struct dossier_socket row;

		made.state = odd[i];
		row = row_of(MIB_TABLE_TCP4_PID, &made);
		assert_false(mib_table_state_is_known(odd[i]));
		assert_int_equal(row.state, SOCKET_BOUND);
		assert_int_equal(row.local_port, 49152);
	}
}

TEST(what_a_listener_has_for_a_peer_means_nothing)
{
	struct mib_row made = connection;
	struct dossier_socket row;

	made.state = 2;
	row = row_of(MIB_TABLE_TCP4_PID, &made);
	assert_int_equal(row.remote.family, FAMILY_NONE);
	assert_int_equal(row.remote_port, 0);
}

TEST(a_mapped_address_is_the_ipv4_address_that_it_stands_for)
{
	struct mib_row made = connection;
	struct dossier_socket row;
	const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 5 };

	memcpy(made.local, mapped, sizeof mapped);
	row = row_of(MIB_TABLE_TCP6_PID, &made);
	assert_int_equal(row.local.family, FAMILY_IPV4);
	assert_int_equal(row.local.bytes[3], 5);
}

TEST(without_a_process_a_row_is_nobodys_only_where_that_can_be)
{
	/* TIME_WAIT, FIN_WAIT1, LAST_ACK: TCP goes on with these when the process is gone. */
	static const uint32_t may[] = { 11, 6, 10, 4 }, must_not[] = { 2, 3, 5, 8, 100 };
	struct mib_row made = connection;

	made.pid = 0;
	for (size_t i = 0; i < sizeof may / sizeof *may; i++) {
		made.state = may[i];
		assert_that(row_of(MIB_TABLE_TCP4_PID, &made).pid == 0, "state %u", may[i]);
	}
	for (size_t i = 0; i < sizeof must_not / sizeof *must_not; i++) {
		made.state = must_not[i];
		assert_that(row_of(MIB_TABLE_TCP4_PID, &made).pid == -1, "state %u",
			    must_not[i]);
	}
	assert_int_equal(row_of(MIB_TABLE_UDP4_PID, &made).pid, -1);
}

TEST(a_time_before_1970_is_none)
{
	struct mib_row made = connection;

	made.created = 1;
	assert_int_equal(row_of(MIB_TABLE_TCP4_MODULE, &made).created_ms, 0);
}

TEST(a_count_that_lies_reads_no_more_than_there_is)
{
	for (int kind = 0; kind < MIB_TABLE_KINDS; kind++) {
		const struct mib_row rows[] = { connection, connection, connection };
		struct mib_bytes bytes = mib_bytes_of(kind, rows, 3, UINT32_MAX);
		struct dossier_socket row;
		struct mib_table table;

		assert_true(mib_table_open(&table, kind, bytes.bytes, bytes.size));
		assert_that(table.count == 3, "kind %d: %zu rows", kind, table.count);
		assert_int_equal(table.missing, UINT32_MAX - 3u);
		for (size_t i = 0; i < table.count; i++)
			mib_table_row(&table, i, &row);
		mib_bytes_free(&bytes);
	}
}

TEST(room_behind_the_rows_is_no_row)
{
	const struct mib_row rows[] = { connection, connection };
	struct mib_bytes bytes = mib_bytes_of(MIB_TABLE_TCP4_PID, rows, 2, 1);
	struct mib_table table;

	assert_true(mib_table_open(&table, MIB_TABLE_TCP4_PID, bytes.bytes, bytes.size));
	assert_int_equal(table.count, 1);
	assert_int_equal(table.missing, 0);
	mib_bytes_free(&bytes);
}

/* Each cut in memory of its own, so that a sanitizer sees a step behind the end. */
TEST(a_table_cut_anywhere_has_only_whole_rows)
{
	for (int kind = 0; kind < MIB_TABLE_KINDS; kind++) {
		const struct mib_row rows[] = { connection, connection };
		struct mib_bytes whole = mib_bytes_of(kind, rows, 2, 2);

		for (size_t size = 0; size <= whole.size; size++) {
			uint8_t *cut = malloc(size ? size : 1);
			struct dossier_socket row;
			struct mib_table table;

			memcpy(cut, whole.bytes, size);
			assert_int_equal(mib_table_open(&table, kind, cut, size), size >= 4);
			assert_true(size < 4 || table.count + table.missing == 2);
			assert_int_equal(table.count == 2, size == whole.size);
			for (size_t i = 0; i < table.count; i++) {
				mib_table_row(&table, i, &row);
				assert_int_equal(row.local_port, 49152);
			}
			free(cut);
		}
		mib_bytes_free(&whole);
	}
}

SUITE(mib_table, cmocka_unit_test(every_kind_of_table_gives_its_rows_whole),
      cmocka_unit_test(each_of_the_twelve_states_is_told_by_its_number),
      cmocka_unit_test(a_state_that_is_none_of_these_still_has_its_port),
      cmocka_unit_test(what_a_listener_has_for_a_peer_means_nothing),
      cmocka_unit_test(a_mapped_address_is_the_ipv4_address_that_it_stands_for),
      cmocka_unit_test(without_a_process_a_row_is_nobodys_only_where_that_can_be),
      cmocka_unit_test(a_time_before_1970_is_none),
      cmocka_unit_test(a_count_that_lies_reads_no_more_than_there_is),
      cmocka_unit_test(room_behind_the_rows_is_no_row),
      cmocka_unit_test(a_table_cut_anywhere_has_only_whole_rows));
