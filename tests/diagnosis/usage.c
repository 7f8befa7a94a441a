#include "diagnosis/machine.h"

#include <stdio.h>

/* Destinations, pools and namespaces, and the shares of those who use them. */

static const struct destination *destination_to(const struct diagnosis *diagnosis,
						uint16_t port)
{
	for (size_t i = 0; i < diagnosis->destination_count; i++)
		if (diagnosis->destinations[i].port == port)
			return &diagnosis->destinations[i];
	return NULL;
}

static const struct pool *pool_of(const struct diagnosis *diagnosis, enum capacity_kind kind,
				  const char *source)
{
	struct address address;

	assert_true(address_parse(source, &address));
	for (size_t i = 0; i < diagnosis->pool_count; i++)
		if (diagnosis->pools[i].kind == kind &&
		    address_equal(&diagnosis->pools[i].source, &address))
			return &diagnosis->pools[i];
	return NULL;
}

TEST(a_destination_joins_its_states_and_owners)
{
	struct snapshot machine = machine_new();
	const struct destination *destination;
	struct diagnosis diagnosis;

	hold(&machine, .count = 10, .pid = 100);
	hold(&machine, .first = 40010, .count = 5, .pid = 200);
	hold(&machine, .first = 40015, .count = 20, .state = SOCKET_TIME_WAIT,
	     .expires_ms = 41000);
	hold(&machine, .first = 40035, .count = 2, .state = SOCKET_TIME_WAIT, .age = AGE_YOUNG,
	     .expires_ms = 59500);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destination_count, 1);
	destination = &diagnosis.destinations[0];
	assert_int_equal(destination->states[SOCKET_ESTABLISHED], 15);
	assert_int_equal(destination->states[SOCKET_TIME_WAIT], 22);
	assert_int_equal(destination->latest_expiry_ms, 59500);
	assert_int_equal(destination->holding_count, 4);
	assert_int_equal(destination->share_count, 3);
	assert_int_equal(destination->shares[0].ports, 22);
	assert_int_equal(destination->shares[0].owner_kind, OWNER_NOBODY);
	assert_int_equal(destination->shares[1].ports, 10);
	assert_int_equal(machine.processes[destination->shares[1].process].pid, 100);
	assert_int_equal(destination->shares[2].ports, 5);
	assert_room(destination->capacity, 63);
	machine_end(&machine, &diagnosis);
}

TEST(many_owners_of_one_destination_are_told_apart)
{
	enum { OWNERS = 40 };
	struct snapshot machine = machine_new();
	const struct destination *destination;
	struct diagnosis diagnosis;

	for (unsigned i = 0; i < OWNERS; i++) {
		hold(&machine, .first = (uint16_t)(40000 + i), .pid = (int32_t)(100 + i));
		hold(&machine, .first = (uint16_t)(40099 - i), .pid = (int32_t)(100 + i));
		hold(&machine, .first = (uint16_t)(40000 + i), .pid = (int32_t)(100 + i));
	}
	diagnosis = judge(&machine);
	destination = &diagnosis.destinations[0];
	assert_int_equal(destination->share_count, OWNERS);
	for (unsigned i = 0; i < OWNERS; i++) {
		assert_int_equal(destination->shares[i].ports, 2);
		assert_int_equal(machine.processes[destination->shares[i].process].pid,
				 100 + i);
	}
	machine_end(&machine, &diagnosis);
}

/* Somebody's listing may be made so. It took longer than this program may, once. */
TEST(very_many_owners_and_destinations_are_told_apart)
{
	enum { ROWS = 60000 };
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;

	*windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4) =
		(struct windows_range){ .range = { 49152, 65535 }, .assumed = true };
	for (unsigned i = 0; i < ROWS; i++) {
		char remote[64];

		snprintf(remote, sizeof remote, "10.9.%u.%u:443", i / 250, i % 250);
		hold(&machine, .first = (uint16_t)(49152 + i % 16384),
		     .pid = (int32_t)(100 + i), .remote = remote);
	}
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destination_count, ROWS);
	machine_end(&machine, &diagnosis);
}

TEST(source_destination_port_and_namespace_tell_destinations_apart)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine_add_netns(&machine);
	hold(&machine, .count = 3);
	hold(&machine, .count = 3, .local = "10.0.0.2");
	hold(&machine, .count = 3, .remote = "10.0.9.2:5432");
	hold(&machine, .count = 3, .remote = "10.0.9.1:5433");
	hold(&machine, .count = 3, .netns = 1);
	hold(&machine, .count = 3, .state = SOCKET_FIN_WAIT1);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destination_count, 5);
	machine_end(&machine, &diagnosis);
}

TEST(the_fullest_destination_comes_first)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 10, .remote = "10.0.9.1:1");
	hold(&machine, .count = 30, .remote = "10.0.9.1:3");
	hold(&machine, .count = 20, .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destinations[0].port, 3);
	assert_int_equal(diagnosis.destinations[1].port, 2);
	assert_int_equal(diagnosis.destinations[2].port, 1);
	machine_end(&machine, &diagnosis);
}

/* 10 of 100 is fuller than 1,000 of 28,232, however the numbers look. */
TEST(fullness_is_relative_to_the_range)
{
	struct snapshot machine = machine_new();
	uint32_t large = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	machine.namespaces[large].settings.range = (struct port_range){ 32768, 60999 };
	hold(&machine, .count = 10, .remote = "10.0.9.1:1");
	hold(&machine, .netns = large, .first = 33000, .count = 1000, .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destinations[0].port, 1);
	machine_end(&machine, &diagnosis);
}

TEST(what_cannot_take_an_ephemeral_port_is_no_destination)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .state = SOCKET_LISTEN, .first = 40050, .pid = 100);
	hold(&machine, .first = 40050, .each = 10, .remote = "10.0.7.7:51000", .pid = 100);
	hold(&machine, .state = SOCKET_BOUND, .first = 40060, .pid = 100);
	hold(&machine, .first = 8080, .count = 10, .remote = "10.0.7.7:51000", .pid = 100);
	hold(&machine, .protocol = PROTOCOL_UDP, .count = 10, .remote = "10.0.9.1:53",
	     .pid = 100);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destination_count, 0);
	machine_end(&machine, &diagnosis);
}

TEST(a_destinations_ports_outside_the_range_are_not_counted)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .first = 39995, .count = 10, .remote = "10.0.9.1:80");
	diagnosis = judge(&machine);
	assert_int_equal(destination_to(&diagnosis, 80)->states[SOCKET_ESTABLISHED], 5);
	assert_room(destination_to(&diagnosis, 80)->capacity, 95);
	machine_end(&machine, &diagnosis);
}

TEST(there_is_a_pool_for_every_address_that_bind_draws_from)
{
	struct snapshot machine = machine_new();
	const struct pool *pool;
	struct diagnosis diagnosis;

	hold(&machine, .count = 20, .kind = BIND_OWNED, .pid = 100);
	hold(&machine, .first = 40020, .count = 10, .state = SOCKET_BOUND,
	     .local = "127.0.0.1", .pid = 200);
	hold(&machine, .first = 40030, .count = 5, .pid = 300);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.pool_count, 2);
	pool = pool_of(&diagnosis, CAPACITY_BIND, "10.0.0.1");
	assert_room(pool->capacity, 75);
	assert_int_equal(pool->bind_made, 20);
	assert_int_equal(pool->share_count, 2);
	assert_int_equal(pool->shares[0].ports, 20);
	assert_int_equal(pool->shares[1].ports, 5);
	assert_int_equal(pool_of(&diagnosis, CAPACITY_BIND, "127.0.0.1")->bind_made, 10);
	machine_end(&machine, &diagnosis);
}

TEST(plain_connections_and_listeners_make_no_pool)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 50, .pid = 100);
	hold(&machine, .first = 40050, .count = 10, .state = SOCKET_LISTEN, .pid = 100);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.pool_count, 0);
	machine_end(&machine, &diagnosis);
}

TEST(udp_has_one_pool_per_family)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .protocol = PROTOCOL_UDP, .count = 10, .pid = 100);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40010, .count = 10,
	     .local = "127.0.0.1", .state = SOCKET_UNCONNECTED, .pid = 100);
	hold(&machine, .protocol = PROTOCOL_UDP, .first = 40020, .count = 5, .local = "::1",
	     .ipv6_only = IPV6_ONLY_YES, .state = SOCKET_UNCONNECTED, .pid = 100);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.pool_count, 2);
	assert_room(pool_of(&diagnosis, CAPACITY_UDP_CONNECT, "0.0.0.0")->capacity, 80);
	assert_non_null(pool_of(&diagnosis, CAPACITY_UDP_CONNECT, "::"));
	machine_end(&machine, &diagnosis);
}

TEST(a_namespace_knows_what_bind_took_and_who_did)
{
	struct snapshot machine = machine_new();
	const struct namespace_view *view;
	struct diagnosis diagnosis;

	hold(&machine, .count = 8, .state = SOCKET_BOUND, .pid = 100);
	hold(&machine, .first = 40010, .count = 3, .state = SOCKET_LISTEN, .pid = 200);
	hold(&machine, .first = 40020, .count = 5, .kind = BIND_OWNED, .pid = 300);
	hold(&machine, .first = 40030, .count = 20, .pid = 400);
	hold(&machine, .first = 50000, .count = 20, .state = SOCKET_BOUND, .pid = 400);
	diagnosis = judge(&machine);
	view = &diagnosis.namespaces[0];
	assert_room(view->anywhere, 84);
	assert_int_equal(view->anywhere.blocked_by_bind, 16);
	assert_int_equal(view->bound_only, 8);
	assert_int_equal(view->share_count, 3);
	assert_int_equal(machine.processes[view->shares[0].process].pid, 100);
	assert_int_equal(machine.processes[view->shares[1].process].pid, 300);
	assert_int_equal(machine.processes[view->shares[2].process].pid, 200);
	machine_end(&machine, &diagnosis);
}

TEST(a_namespace_counts_connections_and_the_different_ports_they_use)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 30, .remote = "10.0.9.1:1");
	hold(&machine, .first = 40020, .count = 30, .remote = "10.0.9.1:2");
	hold(&machine, .first = 8000, .count = 30, .remote = "10.0.9.1:3");
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.namespaces[0].connections, 60);
	assert_int_equal(diagnosis.namespaces[0].connection_ports, 50);
	machine_end(&machine, &diagnosis);
}

TEST(users_are_told_apart_where_processes_are_hidden)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 10, .owner = OWNER_HIDDEN, .user = 33);
	hold(&machine, .first = 40010, .count = 20, .owner = OWNER_HIDDEN, .user = 1000);
	hold(&machine, .first = 40030, .count = 5, .owner = OWNER_UNFOUND, .user = 33);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destinations[0].share_count, 3);
	assert_int_equal(diagnosis.destinations[0].shares[0].user, 1000);
	assert_int_equal(diagnosis.destinations[0].shares[1].user, 33);
	assert_int_equal(diagnosis.destinations[0].shares[2].owner_kind, OWNER_UNFOUND);
	machine_end(&machine, &diagnosis);
}

TEST(a_thousand_destinations_are_kept_apart)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	char endpoint[32];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(endpoint, sizeof endpoint, "10.0.%u.%u:80", i / 250, i % 250 + 1);
		hold(&machine, .first = (uint16_t)(40000 + i % 100), .remote = endpoint);
		hold(&machine, .first = (uint16_t)(40000 + i % 99), .remote = endpoint,
		     .state = SOCKET_CLOSE_WAIT, .pid = 100);
	}
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.destination_count, 1000);
	machine_end(&machine, &diagnosis);
}

SUITE(usage, cmocka_unit_test(a_destination_joins_its_states_and_owners),
      cmocka_unit_test(many_owners_of_one_destination_are_told_apart),
      cmocka_unit_test(very_many_owners_and_destinations_are_told_apart),
      cmocka_unit_test(source_destination_port_and_namespace_tell_destinations_apart),
      cmocka_unit_test(the_fullest_destination_comes_first),
      cmocka_unit_test(fullness_is_relative_to_the_range),
      cmocka_unit_test(what_cannot_take_an_ephemeral_port_is_no_destination),
      cmocka_unit_test(a_destinations_ports_outside_the_range_are_not_counted),
      cmocka_unit_test(there_is_a_pool_for_every_address_that_bind_draws_from),
      cmocka_unit_test(plain_connections_and_listeners_make_no_pool),
      cmocka_unit_test(udp_has_one_pool_per_family),
      cmocka_unit_test(a_namespace_knows_what_bind_took_and_who_did),
      cmocka_unit_test(a_namespace_counts_connections_and_the_different_ports_they_use),
      cmocka_unit_test(users_are_told_apart_where_processes_are_hidden),
      cmocka_unit_test(a_thousand_destinations_are_kept_apart), );
