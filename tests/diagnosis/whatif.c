#include "diagnosis/whatif.h"

#include "diagnosis/machine.h"

/* The machine has the ports 40000 to 40099, and is 10.0.0.1. */

static struct whatif_answer ask(struct snapshot *machine, struct whatif change, const char *to)
{
	struct capacity_query query = { .kind = CAPACITY_CONNECT };
	struct diagnosis diagnosis;
	struct whatif_answer answer;

	assert_true(address_parse("10.0.0.1", &query.source));
	assert_true(address_parse_endpoint(to, &query.destination, &query.port));
	diagnosis_make(&diagnosis, machine, &default_policy);
	answer = whatif_ask(&diagnosis, &change, &query);
	diagnosis_free(&diagnosis);
	return answer;
}

#define change(...) ((struct whatif){ .tw_reuse_delay_ms = -1, __VA_ARGS__ })

#define HERE "10.0.0.1:5432"
#define THERE "10.0.9.1:5432"

static void rest(struct snapshot *machine, unsigned first, unsigned count, const char *remote,
		 enum port_kind kind)
{
	hold(machine, .first = (uint16_t)first, .count = count, .state = SOCKET_TIME_WAIT,
	     .remote = remote, .kind = kind);
}

TEST(a_port_rests_a_minute_and_is_used_again)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	rest(&machine, 40000, 40, THERE, CONNECT_OWNED);
	machine.namespaces[0].settings.tw_reuse = 0;
	answer = ask(&machine, change(.range = { 40000, 40599 }, .rate = -1), THERE);
	assert_int_equal(answer.before.room_min, 60);
	assert_int_equal(answer.after.room_min, 560);
	assert_true(answer.sustainable_before > 1.66 && answer.sustainable_before < 1.67);
	assert_true(answer.sustainable_after == 10);
	snapshot_free(&machine);
}

TEST(ports_that_rest_outside_the_new_range_do_not_count)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	rest(&machine, 40000, 100, THERE, CONNECT_OWNED);
	machine.namespaces[0].settings.tw_reuse = 0;
	answer = ask(&machine, change(.range = { 40000, 40059 }, .rate = -1), THERE);
	assert_true(answer.sustainable_after == 1);
	snapshot_free(&machine);
}

TEST(ports_that_bind_took_are_not_taken_over)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 0;
	rest(&machine, 40000, 30, HERE, BIND_OWNED);
	rest(&machine, 40030, 20, HERE, CONNECT_OWNED);
	answer = ask(&machine, change(.tw_reuse = REUSE_ON, .rate = -1), HERE);
	assert_int_equal(answer.after.room_min, 70);
	assert_true(answer.sustainable_after == 70); /* after a second each */
	assert_false(answer.timestamps_needed);
	snapshot_free(&machine);
}

TEST(a_rate_that_is_not_borne_fills_the_ports)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 0;
	answer = ask(&machine, change(.rate = 5), HERE);
	assert_int_equal(answer.full_before_s, 20);
	answer = ask(&machine, change(.rate = 1.5), HERE);
	assert_int_equal(answer.full_before_s, -1);
	/* 60 rest, and one comes back each second: 40 ports at 5 - 1 a second. */
	rest(&machine, 40000, 60, HERE, CONNECT_OWNED);
	answer = ask(&machine, change(.rate = 5), HERE);
	assert_int_equal(answer.full_before_s, 10);
	snapshot_free(&machine);
}

TEST(entries_that_may_be_reused_are_counted_once)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 1;
	rest(&machine, 40000, 100, HERE, CONNECT_OWNED);
	answer = ask(&machine, change(.rate = 200), HERE);
	assert_int_equal(answer.before.room_min, 100);
	assert_true(answer.sustainable_before == 100);
	assert_int_equal(answer.full_before_s, 0);
	snapshot_free(&machine);
}

TEST(a_setting_that_is_so_already_is_no_change)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 1;
	hold(&machine, .count = 60, .state = SOCKET_TIME_WAIT, .age = AGE_YOUNG,
	     .remote = HERE, .kind = CONNECT_OWNED);
	answer = ask(&machine, change(.tw_reuse = REUSE_ON, .rate = -1), HERE);
	assert_int_equal(answer.before.room_min, 40);
	assert_int_equal(answer.after.room_min, 40);
	snapshot_free(&machine);
}

TEST(timestamps_that_are_not_visible_promise_the_least)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 0;
	rest(&machine, 40000, 60, THERE, CONNECT_OWNED);
	answer = ask(&machine, change(.tw_reuse = REUSE_ON, .rate = -1), THERE);
	assert_true(answer.timestamps_needed);
	assert_int_equal(answer.after.room_min, 40);
	assert_int_equal(answer.after.room_max, 100);
	snapshot_free(&machine);
}

TEST(a_pool_takes_the_place_of_what_is_there)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	machine.namespaces[0].settings.tw_reuse = 0;
	rest(&machine, 40000, 100, THERE, CONNECT_OWNED);
	answer = ask(&machine, change(.pool = 30, .rate = -1), THERE);
	assert_int_equal(answer.before.room_max, 0);
	assert_int_equal(answer.after.room_min, 70);
	assert_true(answer.pool_fits);
	assert_true(answer.sustainable_after < 0);
	assert_false(ask(&machine, change(.pool = 101, .rate = -1), THERE).pool_fits);
	snapshot_free(&machine);
}

TEST(a_second_source_has_all_ports_that_bind_left)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	hold(&machine, .count = 90, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .first = 40090, .count = 5, .state = SOCKET_LISTEN, .pid = 900);
	answer = ask(&machine, change(.sources = 2, .rate = -1), THERE);
	assert_int_equal(answer.before.room_min, 5);
	assert_int_equal(answer.after.room_min, 5 + 95);
	snapshot_free(&machine);
}

TEST(what_a_process_has_open_rests_first)
{
	struct snapshot machine = machine_new();
	struct whatif_answer answer;

	hold(&machine, .count = 90, .pid = 812, .kind = CONNECT_OWNED);
	machine.namespaces[0].settings.tw_reuse = 0;
	answer = ask(&machine, change(.ends = true, .process = 0, .rate = -1), THERE);
	assert_int_equal(answer.after.room_min, 100);
	assert_true(answer.rests);
	snapshot_free(&machine);
}

TEST(on_windows_a_port_rests_as_the_registry_says_or_at_most_four_minutes)
{
	struct snapshot machine = machine_windows();
	struct whatif_answer answer;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 40);
	answer = ask(&machine, change(.range = { 50000, 50339 }, .rate = -1), THERE);
	assert_int_equal(answer.before.room_min, 60);
	assert_int_equal(answer.after.room_min, 300);
	assert_int_equal((int)(answer.sustainable_before * 240 + 0.5), 100);
	assert_int_equal((int)(answer.sustainable_after * 240 + 0.5), 340);
	machine.windows->timed_wait_delay_s = 30;
	answer = ask(&machine, change(.rate = -1), THERE);
	assert_int_equal((int)(answer.sustainable_before * 30 + 0.5), 100);
	/* Where the listing may hide any number of ports there is no rate. */
	machine.windows->bound_listed = false;
	answer = ask(&machine, change(.rate = -1), THERE);
	assert_true(answer.before.known && answer.sustainable_before < 0 && answer.rate < 0);
	snapshot_free(&machine);
}

SUITE(whatif, cmocka_unit_test(a_port_rests_a_minute_and_is_used_again),
      cmocka_unit_test(ports_that_rest_outside_the_new_range_do_not_count),
      cmocka_unit_test(ports_that_bind_took_are_not_taken_over),
      cmocka_unit_test(a_rate_that_is_not_borne_fills_the_ports),
      cmocka_unit_test(entries_that_may_be_reused_are_counted_once),
      cmocka_unit_test(a_setting_that_is_so_already_is_no_change),
      cmocka_unit_test(timestamps_that_are_not_visible_promise_the_least),
      cmocka_unit_test(a_pool_takes_the_place_of_what_is_there),
      cmocka_unit_test(a_second_source_has_all_ports_that_bind_left),
      cmocka_unit_test(what_a_process_has_open_rests_first),
      cmocka_unit_test(on_windows_a_port_rests_as_the_registry_says_or_at_most_four_minutes));
