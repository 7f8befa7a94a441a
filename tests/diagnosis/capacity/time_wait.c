#include "diagnosis/machine.h"

#include <string.h>

/*
 * 30 ports in TIME_WAIT towards this host's own address, so that nothing but the one condition
 * that a test is about decides whether they can be reused.
 */
#define OWN "10.0.0.1:80"

enum { REUSED = 100, NOT_REUSED = 70 };

static struct snapshot machine_with(struct sockets sockets, int tw_reuse)
{
	struct snapshot machine = machine_new();

	sockets.state = SOCKET_TIME_WAIT;
	sockets.count = 30;
	if (!sockets.remote)
		sockets.remote = OWN;
	machine.namespaces[0].settings.tw_reuse = tw_reuse;
	machine_hold(&machine, &sockets);
	return machine;
}

static struct capacity room_of(struct sockets sockets, int tw_reuse)
{
	struct snapshot machine = machine_with(sockets, tw_reuse);
	struct capacity capacity = room(&machine, .from = sockets.local,
					.to = sockets.remote ? sockets.remote : OWN);

	snapshot_free(&machine);
	return capacity;
}

TEST(without_tw_reuse_time_wait_holds_its_port)
{
	struct capacity capacity = room_of((struct sockets){ 0 }, 0);

	assert_room(capacity, NOT_REUSED);
	assert_int_equal(capacity.busy, 30);
	assert_int_equal(capacity.reusable, 0);
}

TEST(with_tw_reuse_old_time_wait_is_reused)
{
	struct capacity capacity = room_of((struct sockets){ 0 }, 1);

	assert_room(capacity, REUSED);
	assert_int_equal(capacity.busy, 0);
	assert_int_equal(capacity.reusable, 30);
	assert_int_equal(capacity.free, 70);
}

TEST(with_tw_reuse_for_loopback_other_addresses_are_not_reused)
{
	assert_room(room_of((struct sockets){ 0 }, 2), NOT_REUSED);
}

TEST(with_tw_reuse_for_loopback_a_loopback_source_or_destination_is_reused)
{
	assert_room(
		room_of((struct sockets){ .local = "127.0.0.1", .remote = "127.0.0.1:80" }, 2),
		REUSED);
	assert_room(room_of((struct sockets){ .local = "127.0.0.9" }, 2), REUSED);
	assert_room(room_of((struct sockets){ .remote = "127.1.2.3:80" }, 2), REUSED);
	assert_room(room_of((struct sockets){ .local = "::1", .remote = "[::1]:80" }, 2),
		    REUSED);
	assert_room(room_of((struct sockets){ .local = "::ffff:127.0.0.1",
					      .remote = "[::ffff:127.0.0.1]:80" },
			    2),
		    REUSED);
}

/* Only a socket bound to the same interface meets them. */
TEST(with_tw_reuse_for_loopback_what_is_bound_to_lo_is_reused)
{
	for (int reuse = 0; reuse <= 2; reuse += 2) {
		struct snapshot machine = machine_with((struct sockets){ .device = 1 }, reuse);

		assert_room(room(&machine, .to = OWN, .device = 1),
			    reuse ? REUSED : NOT_REUSED);
		assert_room(room(&machine, .to = OWN), REUSED);
		snapshot_free(&machine);
	}
}

TEST(loopback_is_not_reused_when_tw_reuse_is_off)
{
	assert_room(
		room_of((struct sockets){ .local = "127.0.0.1", .remote = "127.0.0.1:80" }, 0),
		NOT_REUSED);
}

TEST(young_time_wait_is_not_reused)
{
	assert_room(room_of((struct sockets){ .age = AGE_YOUNG }, 1), NOT_REUSED);
}

TEST(time_wait_about_as_old_as_it_must_be_may_be_reused)
{
	struct capacity capacity = room_of((struct sockets){ .age = AGE_UNCERTAIN }, 1);

	assert_between(capacity, NOT_REUSED, REUSED);
	assert_int_equal(capacity.uncertain, 30);
	assert_non_null(strstr(capacity.why_not_exact, "old"));
	assert_room(room_of((struct sockets){ .age = AGE_UNCERTAIN }, 0), NOT_REUSED);
	assert_room(room_of((struct sockets){ .age = AGE_UNCERTAIN }, 2), NOT_REUSED);
}

/* The setting counted when they were made, and may have been another then. */
TEST(without_timestamps_now_time_wait_may_be_reused)
{
	struct snapshot machine = machine_with((struct sockets){ 0 }, 1);

	machine.namespaces[0].settings.timestamps = 0;
	assert_between(room(&machine, .to = OWN), NOT_REUSED, REUSED);
	machine.namespaces[0].settings.timestamps = 1;
	assert_room(room(&machine, .to = OWN), REUSED);
	snapshot_free(&machine);
}

TEST(time_wait_of_a_port_that_bind_took_is_never_reused)
{
	struct capacity capacity = room_of((struct sockets){ .kind = BIND_OWNED }, 1);

	assert_room(capacity, NOT_REUSED);
	assert_int_equal(capacity.blocked_by_bind, 30);
}

TEST(time_wait_of_a_port_of_unknown_kind_may_be_reused)
{
	assert_between(room_of((struct sockets){ .kind = KIND_UNKNOWN }, 1), NOT_REUSED,
		       REUSED);
}

TEST(time_wait_of_unknown_kind_that_cannot_be_reused_is_certainly_out_of_reach)
{
	assert_room(room_of((struct sockets){ .kind = KIND_UNKNOWN }, 0), NOT_REUSED);
	assert_room(room_of((struct sockets){ .kind = KIND_UNKNOWN, .age = AGE_YOUNG }, 1),
		    NOT_REUSED);
}

TEST(towards_another_host_the_peers_timestamps_are_not_known)
{
	struct capacity capacity = room_of((struct sockets){ .remote = "10.0.9.1:80" }, 1);

	assert_between(capacity, NOT_REUSED, REUSED);
	assert_non_null(strstr(capacity.why_not_exact, "timestamps"));
	/* ... which does not matter where reuse is off or too early anyway. */
	assert_room(room_of((struct sockets){ .remote = "10.0.9.1:80" }, 0), NOT_REUSED);
	assert_room(room_of((struct sockets){ .remote = "10.0.9.1:80" }, 2), NOT_REUSED);
	assert_room(room_of((struct sockets){ .remote = "10.0.9.1:80", .age = AGE_YOUNG }, 1),
		    NOT_REUSED);
}

TEST(time_wait_towards_another_destination_takes_nothing)
{
	struct snapshot machine = machine_with((struct sockets){ 0 }, 0);

	assert_room(room(&machine, .to = "10.0.0.1:81"), 100);
	snapshot_free(&machine);
}

TEST(fin_wait2_is_not_time_wait)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_FIN_WAIT2, .count = 30, .remote = OWN);
	assert_room(room(&machine, .to = OWN), NOT_REUSED);
	snapshot_free(&machine);
}

TEST(without_knowing_the_settings_time_wait_may_be_reused)
{
	struct snapshot machine = machine_with((struct sockets){ 0 }, -1);
	struct netns_settings *settings = &machine.namespaces[0].settings;

	assert_between(room(&machine, .to = OWN), NOT_REUSED, REUSED);
	settings->tw_reuse = 1;
	settings->timestamps = -1;
	assert_between(room(&machine, .to = OWN), NOT_REUSED, REUSED);
	settings->tw_reuse = 0;
	assert_room(room(&machine, .to = OWN), NOT_REUSED);
	snapshot_free(&machine);
}

/* Case 4 of the model's check against real calls (old, bind-made, connected, then young). */
TEST(connections_and_time_wait_of_all_ages_add_up)
{
	struct snapshot machine = machine_new();
	struct capacity capacity;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40000, .count = 21, .remote = OWN);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40025, .count = 15, .remote = OWN,
	     .kind = BIND_OWNED);
	hold(&machine, .first = 40040, .count = 10, .remote = OWN);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40050, .count = 8, .remote = OWN,
	     .age = AGE_YOUNG);
	capacity = room(&machine, .to = OWN);
	assert_room(capacity, 67);
	assert_int_equal(capacity.reusable, 21);
	assert_int_equal(capacity.busy, 18);
	assert_int_equal(capacity.blocked_by_bind, 15);
	snapshot_free(&machine);
}

/* Case 3: reserved, listeners, TIME_WAIT and TIME_WAIT made by bind, nothing reused. */
TEST(everything_that_takes_a_port_adds_up)
{
	struct snapshot machine = machine_new();

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, "40094-40099"));
	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .state = SOCKET_LISTEN, .first = 40087, .count = 7);
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 25);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 40025, .count = 15,
	     .kind = BIND_OWNED);
	assert_room(room(&machine, 0), 47);
	snapshot_free(&machine);
}

SUITE(time_wait_room, cmocka_unit_test(without_tw_reuse_time_wait_holds_its_port),
      cmocka_unit_test(with_tw_reuse_old_time_wait_is_reused),
      cmocka_unit_test(with_tw_reuse_for_loopback_other_addresses_are_not_reused),
      cmocka_unit_test(with_tw_reuse_for_loopback_a_loopback_source_or_destination_is_reused),
      cmocka_unit_test(with_tw_reuse_for_loopback_what_is_bound_to_lo_is_reused),
      cmocka_unit_test(loopback_is_not_reused_when_tw_reuse_is_off),
      cmocka_unit_test(young_time_wait_is_not_reused),
      cmocka_unit_test(time_wait_about_as_old_as_it_must_be_may_be_reused),
      cmocka_unit_test(without_timestamps_now_time_wait_may_be_reused),
      cmocka_unit_test(time_wait_of_a_port_that_bind_took_is_never_reused),
      cmocka_unit_test(time_wait_of_a_port_of_unknown_kind_may_be_reused),
      cmocka_unit_test(
	      time_wait_of_unknown_kind_that_cannot_be_reused_is_certainly_out_of_reach),
      cmocka_unit_test(towards_another_host_the_peers_timestamps_are_not_known),
      cmocka_unit_test(time_wait_towards_another_destination_takes_nothing),
      cmocka_unit_test(fin_wait2_is_not_time_wait),
      cmocka_unit_test(without_knowing_the_settings_time_wait_may_be_reused),
      cmocka_unit_test(connections_and_time_wait_of_all_ages_add_up),
      cmocka_unit_test(everything_that_takes_a_port_adds_up), );
