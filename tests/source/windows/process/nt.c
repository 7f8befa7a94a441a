#include "source/windows/process/nt.h"

#include "fake_nt.h"
#include "suite.h"

#include <string.h>

static int read_handles(const struct nt_route *route, struct nt_table *table,
			struct error *error)
{
	return nt_table_read(route, NT_HANDLES, table, error);
}

static const struct fake_handle one = { .pid = 100, .handle = 4, .type = 1 };

TEST(a_table_that_grows_while_it_is_read_is_read_again)
{
	struct nt_route route;
	struct nt_table table;
	struct error error;

	fake_begin(&one, 1, &route);
	fake.grows = 5;
	assert_int_equal(read_handles(&route, &table, &error), 0);
	assert_int_equal(fake.grows, 0);
	assert_int_equal(table.size, 16 + 2 * 40);
	nt_table_free(&table);
	fake_end();
}

TEST(one_that_never_ends_growing_is_given_up)
{
	struct nt_route route;
	struct nt_table table;
	struct error error;

	fake_begin(&one, 1, &route);
	fake.grows = UINT32_MAX;
	assert_int_equal(read_handles(&route, &table, &error), -1);
	assert_non_null(strstr(error.text, "grew"));
	assert_null(table.bytes);
	fake_end();
}

TEST(what_is_denied_or_absent_is_said)
{
	struct nt_route route;
	struct nt_table table;
	struct error error;

	fake_begin(&one, 1, &route);
	fake.status = 0xc0000022;
	assert_int_equal(read_handles(&route, &table, &error), -1);
	assert_non_null(strstr(error.text, "denied"));
	fake.status = 0xc0000003;
	assert_int_equal(read_handles(&route, &table, &error), -1);
	assert_non_null(strstr(error.text, "does not have it"));
	fake.status = 0xc0000123;
	assert_int_equal(read_handles(&route, &table, &error), -1);
	assert_non_null(strstr(error.text, "0xc0000123"));
	route.query_system = NULL;
	assert_int_equal(read_handles(&route, &table, &error), -1);
	assert_non_null(strstr(error.text, "does not have it"));
	fake_end();
}

TEST(the_systems_own_tables_are_read)
{
	struct nt_route route;
	struct nt_table table;
	struct error error;

	nt_find(&route);
	assert_int_equal(nt_table_read(&route, NT_PROCESSES, &table, &error), 0);
	assert_true(table.size > 256);
	nt_table_free(&table);
	assert_int_equal(nt_table_read(&route, NT_HANDLES, &table, &error), 0);
	assert_true(table.size > 16 + 40);
	nt_table_free(&table);
}

SUITE(nt, cmocka_unit_test(a_table_that_grows_while_it_is_read_is_read_again),
      cmocka_unit_test(one_that_never_ends_growing_is_given_up),
      cmocka_unit_test(what_is_denied_or_absent_is_said),
      cmocka_unit_test(the_systems_own_tables_are_read));
