#include "source/artefact/row.h"

#include "suite.h"

#include <string.h>

struct taken {
	struct dossier_socket rows[8];
	size_t count;
};

static void take(void *context, const struct dossier_socket *row)
{
	struct taken *taken = context;

	taken->rows[taken->count++] = *row;
}

static struct dossier_socket row_in(uint8_t state, uint16_t port, int32_t pid)
{
	return (struct dossier_socket){
		.local = { .family = FAMILY_IPV4, .bytes = { 10, 0, 0, 5 } },
		.local_port = port,
		.state = state,
		.pid = pid,
	};
}

static struct taken taken_of(const struct dossier_socket *rows, size_t count, bool bound)
{
	const struct row_listing listing = { rows, count, bound };
	struct taken taken = { .count = 0 };

	row_each(&listing, PROTOCOL_TCP, take, &taken);
	return taken;
}

TEST(listeners_come_first_and_once)
{
	const struct dossier_socket rows[] = {
		row_in(SOCKET_ESTABLISHED, 443, 8),
		row_in(SOCKET_LISTEN, 443, 8),
	};
	struct taken taken = taken_of(rows, 2, false);

	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.rows[0].state, SOCKET_LISTEN);
	assert_int_equal(taken.rows[1].state, SOCKET_ESTABLISHED);
}

TEST(a_port_that_is_bound_and_connected_is_held_once)
{
	const struct dossier_socket rows[] = {
		row_in(SOCKET_BOUND, 50000, 8),
		row_in(SOCKET_ESTABLISHED, 50000, 8),
		row_in(SOCKET_BOUND, 50001, 8),
	};
	struct taken taken = taken_of(rows, 3, true);

	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.rows[0].local_port, 50000);
	assert_int_equal(taken.rows[0].state, SOCKET_ESTABLISHED);
	assert_int_equal(taken.rows[1].local_port, 50001);
}

TEST(a_port_that_two_processes_have_is_held_by_both)
{
	const struct dossier_socket rows[] = {
		row_in(SOCKET_BOUND, 50000, 8),
		row_in(SOCKET_ESTABLISHED, 50000, 9),
	};

	assert_int_equal(taken_of(rows, 2, true).count, 2);
}

static struct dossier_socket row_at(uint8_t state, const char *local, int32_t pid)
{
	struct dossier_socket row = { .state = state, .pid = pid };

	assert_true(address_parse_endpoint(local, &row.local, &row.local_port));
	return row;
}

static void expect_bound(const struct dossier_socket *rows, size_t count, size_t bound)
{
	struct taken taken = taken_of(rows, count, true);
	size_t found = 0;

	for (size_t i = 0; i < taken.count; i++)
		found += taken.rows[i].state == SOCKET_BOUND;
	assert_int_equal(found, bound);
}

TEST(a_socket_of_both_families_that_is_connected_over_ipv4_is_held_once)
{
	const struct dossier_socket rows[] = {
		row_at(SOCKET_ESTABLISHED, "10.0.0.5:50000", 8),
		row_at(SOCKET_BOUND, "[::]:50000", 8),
	};
	struct taken taken = taken_of(rows, 2, true);

	assert_int_equal(taken.count, 1);
	assert_int_equal(taken.rows[0].state, SOCKET_ESTABLISHED);
}

TEST(a_leak_over_ipv6_is_not_hidden_by_what_others_have_over_ipv4)
{
	const struct dossier_socket other_process[] = {
		row_at(SOCKET_ESTABLISHED, "10.0.0.5:50000", 9),
		row_at(SOCKET_BOUND, "[::]:50000", 8),
	};
	const struct dossier_socket other_port[] = {
		row_at(SOCKET_ESTABLISHED, "10.0.0.5:50001", 8),
		row_at(SOCKET_BOUND, "[::]:50000", 8),
	};
	const struct dossier_socket one_address[] = {
		row_at(SOCKET_ESTABLISHED, "127.0.0.1:50000", 8),
		row_at(SOCKET_BOUND, "[::1]:50000", 8),
	};

	expect_bound(other_process, 2, 1);
	expect_bound(other_port, 2, 1);
	expect_bound(one_address, 2, 1);
}

TEST(a_leak_over_ipv4_is_not_hidden_by_a_connection_over_ipv6)
{
	const struct dossier_socket rows[] = {
		row_at(SOCKET_ESTABLISHED, "[2001:db8::5]:50000", 8),
		row_at(SOCKET_BOUND, "0.0.0.0:50000", 8),
	};

	expect_bound(rows, 2, 1);
}

TEST(a_socket_of_both_families_that_is_listed_as_bound_in_both_is_one)
{
	const struct dossier_socket rows[] = {
		row_at(SOCKET_ESTABLISHED, "[2001:db8::5]:50000", 8),
		row_at(SOCKET_BOUND, "0.0.0.0:50000", 8),
		row_at(SOCKET_BOUND, "[::]:50000", 8),
		row_at(SOCKET_ESTABLISHED, "10.0.0.5:50001", 8),
		row_at(SOCKET_BOUND, "0.0.0.0:50001", 8),
		row_at(SOCKET_BOUND, "[::]:50001", 8),
	};
	const struct dossier_socket of_two[] = {
		row_at(SOCKET_ESTABLISHED, "[2001:db8::5]:50000", 8),
		row_at(SOCKET_BOUND, "0.0.0.0:50000", 9),
		row_at(SOCKET_BOUND, "[::]:50000", 8),
	};

	expect_bound(rows, 6, 0);
	expect_bound(of_two, 3, 1);
	expect_bound(&rows[1], 2,
		     2); /* without a connection it holds a port of either family */
}

TEST(rows_of_another_protocol_are_left_alone)
{
	struct dossier_socket row = row_in(SOCKET_UNCONNECTED, 53, 8);

	row.protocol = PROTOCOL_UDP;
	assert_int_equal(taken_of(&row, 1, false).count, 0);
}

TEST(who_has_a_row_is_its_process_or_nobody_or_not_known)
{
	struct dossier_socket row = row_in(SOCKET_ESTABLISHED, 50000, 8);

	assert_int_equal(row_owner_kind(&row), OWNER_PROCESS);
	row.pid = 0;
	assert_int_equal(row_owner_kind(&row), OWNER_NOBODY);
	row.pid = -1;
	assert_int_equal(row_owner_kind(&row), OWNER_HIDDEN);
	row.state = SOCKET_TIME_WAIT;
	assert_int_equal(row_owner_kind(&row), OWNER_NOBODY);
}

TEST(on_windows_ipv6_keeps_out_of_ipv4)
{
	struct dossier_socket row = row_in(SOCKET_LISTEN, 80, 8);

	row.ipv6_only = IPV6_ONLY_UNKNOWN;
	row.local.family = FAMILY_IPV6;
	assert_int_equal(row_record(&row, true).ipv6_only, IPV6_ONLY_YES);
	assert_int_equal(row_record(&row, false).ipv6_only, IPV6_ONLY_UNKNOWN);
}

SUITE(row, cmocka_unit_test(listeners_come_first_and_once),
      cmocka_unit_test(a_port_that_is_bound_and_connected_is_held_once),
      cmocka_unit_test(a_port_that_two_processes_have_is_held_by_both),
      cmocka_unit_test(a_socket_of_both_families_that_is_connected_over_ipv4_is_held_once),
      cmocka_unit_test(a_leak_over_ipv6_is_not_hidden_by_what_others_have_over_ipv4),
      cmocka_unit_test(a_leak_over_ipv4_is_not_hidden_by_a_connection_over_ipv6),
      cmocka_unit_test(a_socket_of_both_families_that_is_listed_as_bound_in_both_is_one),
      cmocka_unit_test(rows_of_another_protocol_are_left_alone),
      cmocka_unit_test(who_has_a_row_is_its_process_or_nobody_or_not_known),
      cmocka_unit_test(on_windows_ipv6_keeps_out_of_ipv4));
