#include "diagnosis/machine.h"

#define udp(machine, ...) hold(machine, .protocol = PROTOCOL_UDP, __VA_ARGS__)
#define unconnected(machine, ...) udp(machine, .state = SOCKET_UNCONNECTED, __VA_ARGS__)
#define connect_to(machine, ...) room(machine, .kind = CAPACITY_UDP_CONNECT, __VA_ARGS__)
#define bind_to(machine, ...) room(machine, .kind = CAPACITY_UDP_BIND, __VA_ARGS__)

TEST(a_quiet_machine_has_the_whole_range_for_udp)
{
	struct snapshot machine = machine_new();

	assert_room(connect_to(&machine, 0), 100);
	assert_room(bind_to(&machine, .from = "0.0.0.0"), 100);
	snapshot_free(&machine);
}

TEST(a_udp_connection_takes_its_port_from_every_destination)
{
	struct snapshot machine = machine_new();

	udp(&machine, .count = 30, .remote = "10.0.9.1:53");
	assert_room(connect_to(&machine, .to = "10.0.9.1:53"), 70);
	assert_room(connect_to(&machine, .to = "10.0.9.9:53"), 70);
	snapshot_free(&machine);
}

TEST(an_automatic_udp_port_must_be_free_on_every_address)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 10, .local = "127.0.0.1");
	unconnected(&machine, .count = 5, .first = 40010, .local = "10.0.0.5");
	assert_room(connect_to(&machine, 0), 85);
	snapshot_free(&machine);
}

TEST(a_udp_port_for_one_address_may_be_taken_on_another)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 100, .local = "127.0.0.1");
	assert_room(bind_to(&machine, .from = "127.0.0.1"), 0);
	assert_room(bind_to(&machine, .from = "127.0.0.5"), 100);
	assert_room(bind_to(&machine, .from = "0.0.0.0"), 0);
	assert_room(connect_to(&machine, 0), 0);
	snapshot_free(&machine);
}

TEST(after_a_bind_without_a_port_only_that_address_counts)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 30, .local = "127.0.0.5");
	assert_room(connect_to(&machine, 0), 70);
	assert_room(connect_to(&machine, .from = "127.0.0.1"), 100);
	assert_room(connect_to(&machine, .from = "127.0.0.5"), 70);
	snapshot_free(&machine);
}

TEST(ipv6_wildcards_keep_out_of_ipv4_where_that_is_the_default)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 30, .local = "127.0.0.1");
	machine.namespaces[0].settings.bindv6only = 0;
	assert_room(bind_to(&machine, .from = "::"), 70);
	assert_room(connect_to(&machine, .to = "[::1]:53"), 70);
	machine.namespaces[0].settings.bindv6only = 1;
	assert_room(bind_to(&machine, .from = "::"), 100);
	assert_room(connect_to(&machine, .to = "[::1]:53"), 100);
	machine.namespaces[0].settings.bindv6only = -1;
	assert_between(bind_to(&machine, .from = "::"), 70, 100);
	snapshot_free(&machine);
}

TEST(udp_wildcards_follow_the_families)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 10, .local = "::");
	unconnected(&machine, .count = 10, .first = 40010,
		    .local = "::", .ipv6_only = IPV6_ONLY_YES);
	unconnected(&machine, .count = 10, .first = 40020, .local = "0.0.0.0");
	assert_room(bind_to(&machine, .from = "10.0.0.1"), 80);
	assert_room(bind_to(&machine, .from = "::1"), 80);
	assert_room(bind_to(&machine, .from = "::"), 70);
	assert_room(bind_to(&machine, .from = "::", .only_six = true), 80);
	assert_room(connect_to(&machine, 0), 80);
	assert_room(connect_to(&machine, .to = "[::1]:53"), 70);
	assert_room(connect_to(&machine, .to = "[::1]:53", .only_six = true), 80);
	snapshot_free(&machine);
}

TEST(a_udp_socket_on_an_ipv6_address_takes_nothing_from_ipv4_addresses)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 10, .local = "::1", .ipv6_only = IPV6_ONLY_YES);
	assert_room(bind_to(&machine, .from = "127.0.0.1"), 100);
	assert_room(connect_to(&machine, 0), 100);
	snapshot_free(&machine);
}

TEST(a_udp_wildcard_of_unknown_openness_makes_an_interval)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 10, .local = "::", .ipv6_only = IPV6_ONLY_UNKNOWN);
	assert_between(connect_to(&machine, 0), 90, 100);
	assert_room(connect_to(&machine, .from = "::1", .to = "[::1]:53"), 90);
	snapshot_free(&machine);
}

TEST(tcp_has_no_influence_on_udp)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 50);
	hold(&machine, .state = SOCKET_LISTEN, .first = 40050, .count = 50, .local = "::");
	assert_room(connect_to(&machine, 0), 100);
	assert_room(bind_to(&machine, .from = "0.0.0.0"), 100);
	snapshot_free(&machine);
}

TEST(udp_gets_no_reserved_port)
{
	struct snapshot machine = machine_new();

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40010-40029"));
	unconnected(&machine, .first = 40025, .count = 10, .local = "0.0.0.0");
	assert_room(connect_to(&machine, 0), 75);
	assert_room(bind_to(&machine, .from = "10.0.0.1"), 75);
	snapshot_free(&machine);
}

TEST(udp_keeps_to_a_range_of_its_own)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 15, .local = "0.0.0.0");
	assert_room(connect_to(&machine, .own = { 40010, 40019 }), 5);
	assert_room(bind_to(&machine, .own = { 40010, 40018 }), 4);
	snapshot_free(&machine);
}

TEST(udp_uses_an_odd_range_whole)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = 40098;
	assert_room(connect_to(&machine, 0), 99);
	assert_room(bind_to(&machine, .from = "10.0.0.1"), 99);
	snapshot_free(&machine);
}

/* The UDP dump shows every socket that has a port, bound ones too. */
TEST(invisible_bound_tcp_sockets_do_not_matter_to_udp)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].bound_seen = false;
	machine.namespaces[0].untested_why = "no privilege";
	port_set_add(&machine.namespaces[0].maybe_bound, 40000);
	port_set_add(&machine.namespaces[0].known_bind, 40001);
	assert_room(connect_to(&machine, 0), 100);
	assert_room(bind_to(&machine, .from = "10.0.0.1"), 100);
	snapshot_free(&machine);
}

TEST(udp_sockets_that_share_a_port_take_one)
{
	struct snapshot machine = machine_new();

	unconnected(&machine, .count = 5, .each = 8, .local = "0.0.0.0");
	assert_room(connect_to(&machine, 0), 95);
	snapshot_free(&machine);
}

SUITE(udp_room, cmocka_unit_test(a_quiet_machine_has_the_whole_range_for_udp),
      cmocka_unit_test(a_udp_connection_takes_its_port_from_every_destination),
      cmocka_unit_test(an_automatic_udp_port_must_be_free_on_every_address),
      cmocka_unit_test(a_udp_port_for_one_address_may_be_taken_on_another),
      cmocka_unit_test(after_a_bind_without_a_port_only_that_address_counts),
      cmocka_unit_test(ipv6_wildcards_keep_out_of_ipv4_where_that_is_the_default),
      cmocka_unit_test(udp_wildcards_follow_the_families),
      cmocka_unit_test(a_udp_socket_on_an_ipv6_address_takes_nothing_from_ipv4_addresses),
      cmocka_unit_test(a_udp_wildcard_of_unknown_openness_makes_an_interval),
      cmocka_unit_test(tcp_has_no_influence_on_udp),
      cmocka_unit_test(udp_gets_no_reserved_port),
      cmocka_unit_test(udp_keeps_to_a_range_of_its_own),
      cmocka_unit_test(udp_uses_an_odd_range_whole),
      cmocka_unit_test(invisible_bound_tcp_sockets_do_not_matter_to_udp),
      cmocka_unit_test(udp_sockets_that_share_a_port_take_one), );
