#include "source/windows/sockets/bound_wmi.h"

#include "fake_wmi.h"
#include "suite.h"

#include <string.h>

enum { ESTABLISHED = 5, BOUND = 100 };

static int read_by(const struct fake_wmi *fake, struct rows *rows, struct error *error)
{
	const struct wmi_route route = fake_wmi_begin(fake);
	int failed = bound_wmi_read(&route, rows, error);

	assert_int_equal(fake_wmi_end(), 0);
	return failed;
}

TEST(bound_ports_are_rows_and_connections_are_not)
{
	static const struct fake_wmi fake = {
		.connections = { { 50000, BOUND, 4711 },
				 { 50001, ESTABLISHED, 4711 },
				 { 50002, BOUND, -1 },
				 { 50003, BOUND, 4712 } },
		.addresses = { L"10.0.0.5", L"10.0.0.5", L"::", L"fe80::1%12" },
		.connection_count = 4,
		.ends = 1, /* WBEM_S_FALSE */
		.type = VT_I4,
	};
	struct rows rows = { .count = 0 };
	struct error error;

	assert_int_equal(read_by(&fake, &rows, &error), 0);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.items[0].local_port, 50000);
	assert_int_equal(rows.items[0].state, SOCKET_BOUND);
	assert_int_equal(rows.items[0].pid, 4711);
	assert_int_equal(rows.items[1].pid, -1); /* nobody's, not process 0 */
	assert_int_equal(rows.items[2].local_port, 50003);
	rows_free(&rows);
}

TEST(none_is_an_answer)
{
	static const struct fake_wmi fake = { .ends = 1 };
	struct rows rows = { .count = 0 };
	struct error error;

	assert_int_equal(read_by(&fake, &rows, &error), 0);
	assert_int_equal(rows.count, 0);
	rows_free(&rows);
}

TEST(a_row_without_an_address_or_a_port_is_none)
{
	static const struct fake_wmi fake = {
		.connections = { { 50000, BOUND, 4711 },
				 { -1, BOUND, 4711 },
				 { 50002, -1, 4 } },
		.addresses = { NULL, L"10.0.0.5", L"10.0.0.5" },
		.connection_count = 3,
		.ends = 1,
		.type = VT_I4,
	};
	struct rows rows = { .count = 0 };
	struct error error;

	assert_int_equal(read_by(&fake, &rows, &error), 0);
	assert_int_equal(rows.count, 0);
	rows_free(&rows);
}

/* Half of the rows would be told as all of them. */
TEST(what_is_denied_absent_or_breaks_off_has_no_rows_and_a_sentence)
{
	static const struct {
		struct fake_wmi fake;
		const char *why;
	} cases[] = {
		{ { .connects = (HRESULT)0x80041003 }, "denied" },
		{ { .connects = (HRESULT)0x8004100e }, "does not tell it by WMI" },
		{ { .asks = (HRESULT)0x80041010 }, "does not tell it by WMI" },
		{ { .connections = { { 50000, BOUND, 4711 } },
		    .addresses = { L"10.0.0.5" },
		    .connection_count = 1,
		    .ends = (HRESULT)0x80041001,
		    .type = VT_I4 },
		  "0x80041001" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rows rows = { .count = 0 };
		struct error error;

		assert_int_equal(read_by(&cases[i].fake, &rows, &error), -1);
		assert_that(strstr(error.text, cases[i].why), "case %zu: %s", i, error.text);
		assert_int_equal(rows.count, 0);
		rows_free(&rows);
	}
}

TEST(a_windows_without_wmi_is_told_as_such)
{
	struct rows rows = { .count = 0 };
	struct error error;

	assert_int_equal(bound_wmi_read(NULL, &rows, &error), -1);
	assert_true(*error.text);
	assert_int_equal(rows.count, 0);
}

SUITE(bound_wmi, cmocka_unit_test(bound_ports_are_rows_and_connections_are_not),
      cmocka_unit_test(none_is_an_answer),
      cmocka_unit_test(a_row_without_an_address_or_a_port_is_none),
      cmocka_unit_test(what_is_denied_absent_or_breaks_off_has_no_rows_and_a_sentence),
      cmocka_unit_test(a_windows_without_wmi_is_told_as_such));
