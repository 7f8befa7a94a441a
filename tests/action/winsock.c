#include "action/winsock.h"

#include "suite.h"

#include <stdbool.h>
#include <string.h>

static const struct winsock_facts windows = { .room = -1 }, windows_full = { .room = 0 },
				  windows_room = { .room = 1 },
				  wine = { .is_wine = true, .room = -1 },
				  wine_full = { .is_wine = true, .room = 0 },
				  wine_room = { .is_wine = true, .room = 1 };

static enum probe_outcome tcp(int error, const char *call, const struct winsock_facts *facts)
{
	return winsock_outcome(error, call, PROTOCOL_TCP, facts);
}

static enum probe_outcome udp(int error, const char *call, const struct winsock_facts *facts)
{
	return winsock_outcome(error, call, PROTOCOL_UDP, facts);
}

TEST(no_buffers_is_a_lack_of_ports_until_the_tables_say_that_some_are_free)
{
	static const char *const calls[] = { "connect", "bind", "send" };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(tcp(10055, calls[i], &windows), PROBE_NO_PORT);
		assert_int_equal(tcp(10055, calls[i], &windows_full), PROBE_NO_PORT);
		assert_int_equal(tcp(10055, calls[i], &windows_room), PROBE_NO_MEMORY);
		assert_int_equal(udp(10055, calls[i], &windows_full), PROBE_NO_PORT);
		assert_int_equal(udp(10055, calls[i], &windows_room), PROBE_NO_MEMORY);
	}
}

TEST(no_buffers_of_a_call_that_takes_no_port_is_memory)
{
	assert_int_equal(tcp(10055, "socket", &windows_full), PROBE_NO_MEMORY);
	assert_int_equal(tcp(10055, "bind", &windows_full), PROBE_NO_PORT);
	assert_int_equal(tcp(8, "connect", &windows_full), PROBE_NO_MEMORY);
}

TEST(an_address_in_use_is_a_clash_of_connect_and_a_lack_of_ports_of_bind)
{
	assert_int_equal(tcp(10048, "connect", &windows), PROBE_CLASH);
	assert_int_equal(tcp(10048, "connect", &windows_full), PROBE_CLASH);
	assert_int_equal(tcp(10048, "bind", &windows), PROBE_NO_PORT);
	assert_int_equal(tcp(10048, "bind", &wine), PROBE_NO_PORT);
	assert_int_equal(udp(10048, "send", &wine), PROBE_NO_PORT);
}

TEST(an_address_that_is_not_available_is_foreign_to_bind)
{
	assert_int_equal(tcp(10049, "bind", &windows_full), PROBE_NOT_OURS);
	assert_int_equal(tcp(10049, "bind", &wine_full), PROBE_NOT_OURS);
	assert_int_equal(udp(10049, "bind", &wine_full), PROBE_NOT_OURS);
}

TEST(an_address_that_is_not_available_to_connect_is_a_lack_of_ports_under_wine_only)
{
	assert_int_equal(tcp(10049, "connect", &windows_full), PROBE_UNREACHABLE);
	assert_int_equal(tcp(10049, "connect", &wine_full), PROBE_NO_PORT);
	assert_int_equal(tcp(10049, "connect", &wine), PROBE_NO_PORT);
}

TEST(with_ports_left_wine_means_that_there_is_no_source_address)
{
	assert_int_equal(tcp(10049, "connect", &wine_room), PROBE_UNREACHABLE);
	assert_int_equal(tcp(10049, "connect", &wine_full), PROBE_NO_PORT);
	assert_int_equal(udp(10049, "connect", &wine_full), PROBE_UNREACHABLE);
}

TEST(a_datagram_that_would_block_has_no_port_under_wine_only)
{
	assert_int_equal(udp(10035, "connect", &wine), PROBE_NO_PORT);
	assert_int_equal(udp(10035, "connect", &windows), PROBE_FAILED);
	assert_int_equal(tcp(10035, "connect", &wine), PROBE_FAILED);
}

TEST(a_reset_is_the_answer_of_a_closed_port_to_a_datagram)
{
	assert_int_equal(udp(10054, "send", &windows), PROBE_REFUSED);
	assert_int_equal(tcp(10054, "connect", &windows), PROBE_RESET);
}

TEST(what_others_say_is_no_lack_of_ports_whatever_the_room)
{
	static const struct {
		int error;
		enum probe_outcome outcome;
	} cases[] = {
		{ 10013, PROBE_FORBIDDEN },   { 10024, PROBE_NO_DESCRIPTOR },
		{ 10050, PROBE_UNREACHABLE }, { 10051, PROBE_UNREACHABLE },
		{ 10052, PROBE_UNREACHABLE }, { 10060, PROBE_TIMED_OUT },
		{ 10061, PROBE_REFUSED },     { 10064, PROBE_UNREACHABLE },
		{ 10065, PROBE_UNREACHABLE }, { 10047, PROBE_FAILED },
		{ 10053, PROBE_FAILED },      { 12345, PROBE_FAILED },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(tcp(cases[i].error, "connect", &windows_full),
				 cases[i].outcome);
		assert_int_equal(tcp(cases[i].error, "connect", &wine_room), cases[i].outcome);
	}
}

TEST(errors_have_the_names_of_winsock_and_words_of_ours)
{
	assert_string_equal(winsock_name(10055), "WSAENOBUFS");
	assert_string_equal(winsock_name(10049), "WSAEADDRNOTAVAIL");
	assert_string_equal(winsock_name(11001), "WSAHOST_NOT_FOUND");
	assert_null(winsock_name(12345));
	assert_non_null(strstr(winsock_text(10055), "port"));
	assert_non_null(winsock_text(12345));
	for (int error = 1; error < 12000; error++)
		assert_that(!winsock_name(error) || !strncmp(winsock_name(error), "WSA", 3),
			    "%d", error);
}

SUITE(winsock,
      cmocka_unit_test(no_buffers_is_a_lack_of_ports_until_the_tables_say_that_some_are_free),
      cmocka_unit_test(no_buffers_of_a_call_that_takes_no_port_is_memory),
      cmocka_unit_test(an_address_in_use_is_a_clash_of_connect_and_a_lack_of_ports_of_bind),
      cmocka_unit_test(an_address_that_is_not_available_is_foreign_to_bind),
      cmocka_unit_test(
	      an_address_that_is_not_available_to_connect_is_a_lack_of_ports_under_wine_only),
      cmocka_unit_test(with_ports_left_wine_means_that_there_is_no_source_address),
      cmocka_unit_test(a_datagram_that_would_block_has_no_port_under_wine_only),
      cmocka_unit_test(a_reset_is_the_answer_of_a_closed_port_to_a_datagram),
      cmocka_unit_test(what_others_say_is_no_lack_of_ports_whatever_the_room),
      cmocka_unit_test(errors_have_the_names_of_winsock_and_words_of_ours));
