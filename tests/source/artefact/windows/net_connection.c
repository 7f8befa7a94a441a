#include "source/artefact/windows/net_connection.h"

#include "suite.h"

static bool is_bound(const char *address, int64_t port, int64_t state, int64_t pid)
{
	const struct net_connection connection = { address, port, state, pid };
	struct dossier_socket row;

	return net_connection_bound(&connection, &row);
}

TEST(a_state_beyond_the_documented_ones_is_bound)
{
	const struct net_connection connection = { "10.0.0.5", 50123, 100, 4321 };
	char text[ADDRESS_TEXT_SIZE];
	struct dossier_socket row;

	assert_true(net_connection_bound(&connection, &row));
	assert_int_equal(row.state, SOCKET_BOUND);
	assert_int_equal(row.protocol, PROTOCOL_TCP);
	assert_int_equal(row.pid, 4321);
	assert_int_equal(row.remote.family, FAMILY_NONE);
	assert_string_equal(address_print_endpoint(text, &row.local, row.local_port),
			    "10.0.0.5:50123");
	assert_true(is_bound("0.0.0.0", 1, 13, 1));
	for (int64_t state = -1; state <= 12; state++)
		assert_false(is_bound("0.0.0.0", 50123, state, 1));
}

TEST(the_zone_of_an_address_is_dropped)
{
	const struct net_connection connection = { "fe80::1%12", 50123, 100, 4321 };
	char text[ADDRESS_TEXT_SIZE];
	struct dossier_socket row;

	assert_true(net_connection_bound(&connection, &row));
	assert_string_equal(address_print(text, &row.local), "fe80::1");
}

TEST(a_row_without_port_or_address_is_none)
{
	assert_false(is_bound("", 50123, 100, 1));
	assert_false(is_bound("here", 50123, 100, 1));
	assert_false(is_bound("::", -1, 100, 1));
	assert_false(is_bound("::", 0, 100, 1));
	assert_false(is_bound("::", 65536, 100, 1));
	assert_true(is_bound("::", 65535, 100, 1));
}

TEST(an_owner_that_cannot_be_is_not_told)
{
	static const int64_t pids[] = { -1, 0, INT64_C(1) << 31 };

	for (size_t i = 0; i < sizeof pids / sizeof pids[0]; i++) {
		const struct net_connection connection = { "::", 50123, 100, pids[i] };
		struct dossier_socket row;

		assert_true(net_connection_bound(&connection, &row));
		assert_int_equal(row.pid, -1);
	}
}

SUITE(net_connection, cmocka_unit_test(a_state_beyond_the_documented_ones_is_bound),
      cmocka_unit_test(the_zone_of_an_address_is_dropped),
      cmocka_unit_test(a_row_without_port_or_address_is_none),
      cmocka_unit_test(an_owner_that_cannot_be_is_not_told));
