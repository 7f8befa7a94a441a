#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "udp_pool_full";

static enum severity with_udp(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .protocol = PROTOCOL_UDP, .count = count, .remote = "10.0.9.1:53",
	     .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(udp_with_more_than_a_fifth_left_is_ok)
{
	assert_int_equal(with_udp(79), SEVERITY_OK);
}

TEST(udp_with_a_fifth_left_is_filling)
{
	assert_int_equal(with_udp(80), SEVERITY_WARNING);
	assert_int_equal(with_udp(94), SEVERITY_WARNING);
}

TEST(udp_with_a_twentieth_left_is_full)
{
	assert_int_equal(with_udp(95), SEVERITY_CRITICAL);
	assert_int_equal(with_udp(100), SEVERITY_CRITICAL);
}

TEST(udp_sockets_on_many_addresses_fill_the_pool_together)
{
	struct snapshot machine = machine_new();

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 40, .local = "10.0.0.1", .pid = 812);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40040, .count = 40,
	     .local = "127.0.0.1", .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_WARNING);
	snapshot_free(&machine);
}

TEST(full_udp_names_the_greatest_holder_and_the_numbers)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 10, .pid = 700);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40010, .count = 90, .pid = 812,
	     .state = SOCKET_UNCONNECTED, .local = "0.0.0.0");
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_string_equal(finding->subject, "udp IPv4");
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "room_min"), 0);
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_int_equal(evidence_of(finding, "eligible"), 100);
	assert_non_null(strstr(finding->title, "EAGAIN"));
	assert_int_equal(finding->shares[0].ports, 90);
	assert_int_equal(remedy_with(finding, "restart")->room_after_min, 90);
	assert_int_equal(remedy_with(finding, "widen")->room_after_min, 64412);
	assert_int_equal(remedy_with(finding, "mend")->room_after_min, -1);
	assert_true(is_useless(finding, "SO_REUSEPORT"));
	machine_end(&machine, &diagnosis);
}

TEST(ipv6_only_sockets_fill_ipv6_and_not_ipv4)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 100, .state = SOCKET_UNCONNECTED,
	     .local = "::", .ipv6_only = IPV6_ONLY_YES, .pid = 812);
	hold(&machine, .protocol = PROTOCOL_UDP, .count = 10, .state = SOCKET_UNCONNECTED,
	     .local = "0.0.0.0", .pid = 812);
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, rule)->subject, "udp IPv6");
	machine_end(&machine, &diagnosis);
}

static enum severity severity_of(const struct snapshot *machine, const char *subject)
{
	struct diagnosis diagnosis = judge(machine);
	enum severity severity = SEVERITY_OK;

	for (size_t i = 0; i < diagnosis.finding_count; i++)
		if (!strcmp(diagnosis.findings[i].subject, subject))
			severity = diagnosis.findings[i].severity;
	diagnosis_free(&diagnosis);
	return severity;
}

TEST(a_udp_wildcard_of_unknown_openness_makes_ipv4_unknown)
{
	struct snapshot machine = machine_new();

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 79, .state = SOCKET_UNCONNECTED,
	     .local = "::", .ipv6_only = IPV6_ONLY_UNKNOWN, .pid = 812);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40078, .state = SOCKET_UNCONNECTED,
	     .local = "0.0.0.0", .pid = 812);
	assert_int_equal(severity_of(&machine, "udp IPv4"), SEVERITY_OK);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40079, .state = SOCKET_UNCONNECTED,
	     .local = "10.0.0.1", .pid = 812);
	assert_int_equal(severity_of(&machine, "udp IPv4"), SEVERITY_UNKNOWN);
	assert_int_equal(severity_of(&machine, "udp IPv6"), SEVERITY_WARNING);
	snapshot_free(&machine);
}

SUITE(udp_pool_full, cmocka_unit_test(udp_with_more_than_a_fifth_left_is_ok),
      cmocka_unit_test(udp_with_a_fifth_left_is_filling),
      cmocka_unit_test(udp_with_a_twentieth_left_is_full),
      cmocka_unit_test(udp_sockets_on_many_addresses_fill_the_pool_together),
      cmocka_unit_test(full_udp_names_the_greatest_holder_and_the_numbers),
      cmocka_unit_test(ipv6_only_sockets_fill_ipv6_and_not_ipv4),
      cmocka_unit_test(a_udp_wildcard_of_unknown_openness_makes_ipv4_unknown), );
