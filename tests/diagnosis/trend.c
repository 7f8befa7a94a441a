#include "diagnosis/trend.h"

#include "base/arena.h"
#include "diagnosis/machine.h"

#include <string.h>

enum { MINUTE_MS = 60000, SIZE = 1000 };

/* A machine with 1,000 dynamic ports that was listed at times; each has a minute more than the one before. */
static struct snapshot listed(void)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 40999 };
	return machine;
}

/* One listing more, in which these processes have so many ports, beginning where the one before ends. */
static void list(struct snapshot *machine, size_t count, const struct series_share *shares)
{
	struct evidence_facts *facts = &machine->evidence;
	struct series_point *point;
	unsigned port = 40000;

	array_reserve(facts->points, facts->point_count, facts->point_capacity);
	point = &facts->points[facts->point_count];
	*point = (struct series_point){
		.what = "netstat -ano",
		.time_ms = INT64_C(1737500000000) + (int64_t)facts->point_count * MINUTE_MS,
		.since_ms = -1,
		.share_count = count,
		.shares = arena_alloc(&machine->arena, (count + 1) * sizeof *shares),
	};
	facts->point_count++;
	memcpy(point->shares, shares, count * sizeof *shares);
	for (size_t i = 0; i < count; i++)
		for (unsigned j = 0; j < shares[i].ports; j++)
			port_set_add(&point->ports[PROTOCOL_TCP][0], (uint16_t)port++);
}

#define LIST(machine, ...)                                                                    \
	list((machine),                                                                       \
	     sizeof((struct series_share[]){ __VA_ARGS__ }) / sizeof(struct series_share),    \
	     (struct series_share[]){ __VA_ARGS__ })

static void end(struct snapshot *machine, struct trend *trend)
{
	trend_free(trend);
	snapshot_free(machine);
}

/* `step` more each time. */
static struct snapshot growing(unsigned points, unsigned step)
{
	struct snapshot machine = listed();

	for (unsigned i = 0; i < points; i++)
		LIST(&machine, { .pid = 812, .name = "leaks", .ports = 100 + step * i },
		     { .pid = 900, .name = "keeps", .ports = 20 + i % 3 });
	return machine;
}

static bool is_near(double value, double wanted)
{
	return value > 0.98 * wanted && value < 1.02 * wanted;
}

TEST(one_listing_is_no_series)
{
	struct snapshot machine = growing(1, 10);
	struct trend trend;

	trend_make(&trend, &machine);
	assert_int_equal(trend.point_count, 0);
	end(&machine, &trend);
}

TEST(steady_growth_has_a_rate_and_a_forecast)
{
	struct snapshot machine = growing(20, 10);
	struct trend trend;

	trend_make(&trend, &machine);
	assert_int_equal(trend.clock, TREND_TIMES);
	assert_non_null(trend.grower);
	assert_int_equal(trend.grower->pid, 812);
	assert_int_equal(trend.grower->first, 100);
	assert_int_equal(trend.grower->last, 290);
	assert_int_equal(trend.grower->most, 290);
	assert_true(is_near(trend.grower->per_hour, 600));
	assert_ptr_equal(trend.fullest, &trend.pools[0]);
	assert_int_equal(trend.fullest->size, SIZE);
	/* 1,000 less 311, at 10 a minute. */
	assert_that(trend.fullest->full_in_s > 4050 && trend.fullest->full_in_s < 4250,
		    "full in %lld", (long long)trend.fullest->full_in_s);
	assert_int_equal(trend.fullest->ran_out_count, 0);
	end(&machine, &trend);
}

TEST(a_forecast_is_not_a_second_less_for_the_last_digit_of_a_fraction)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 1; i <= 6; i++)
		LIST(&machine, { .pid = 812, .ports = 100 * i });
	trend_make(&trend, &machine);
	assert_int_equal(trend.fullest->last, 600);
	assert_int_equal(trend.fullest->full_in_s, 4 * 60);
	end(&machine, &trend);
}

TEST(what_does_not_grow_has_no_forecast)
{
	struct snapshot machine = growing(20, 0);
	struct trend trend;

	trend_make(&trend, &machine);
	assert_null(trend.grower);
	assert_int_equal(trend.fullest->full_in_s, -1);
	end(&machine, &trend);
}

/* Five listings could be chance. */
TEST(few_listings_have_no_forecast)
{
	struct snapshot few = growing(5, 20), enough = growing(6, 20);
	struct trend short_trend, trend;

	trend_make(&short_trend, &few);
	trend_make(&trend, &enough);
	assert_null(short_trend.grower);
	assert_non_null(trend.grower);
	end(&few, &short_trend);
	end(&enough, &trend);
}

TEST(one_odd_listing_does_not_move_the_rate)
{
	struct snapshot machine = growing(40, 10);
	struct trend trend;

	machine.evidence.points[20].shares[0].ports = 690;
	trend_make(&trend, &machine);
	assert_non_null(trend.grower);
	assert_true(is_near(trend.grower->per_hour, 600));
	end(&machine, &trend);
}

/* Up to 300, and no more. */
TEST(a_pool_of_connections_that_is_full_does_not_grow)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 20; i++)
		LIST(&machine, { .pid = 812, .ports = i < 10 ? 30 * i : 300 });
	trend_make(&trend, &machine);
	assert_null(trend.grower);
	assert_int_equal(trend.fullest->full_in_s, -1);
	end(&machine, &trend);
}

TEST(up_and_down_is_not_steady)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 40; i++)
		LIST(&machine, { .pid = 812, .ports = 200 + (i * 37 % 100) });
	trend_make(&trend, &machine);
	assert_null(trend.grower);
	end(&machine, &trend);
}

/* 99 of 100 are none; 98 are few. */
TEST(the_moment_it_ran_out_is_found)
{
	for (unsigned most = 989; most <= 990; most++) {
		struct snapshot machine = listed();
		struct trend trend;

		for (unsigned i = 0; i < 10; i++)
			LIST(&machine, { .pid = 812, .ports = i < 7 ? 100 + 80 * i : 700 },
			     { .pid = 900, .ports = i == 7 ? most - 700 : 10 });
		trend_make(&trend, &machine);
		assert_int_equal(trend.fullest->ran_out_count, most == 990);
		if (most == 990)
			assert_int_equal(trend.fullest->ran_out[0], 7);
		assert_false(trend.fullest->is_out);
		end(&machine, &trend);
	}
}

/* 960 and no more: what is asked for is not there. */
TEST(a_level_near_the_end_is_the_end)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 16; i++)
		LIST(&machine, { .pid = 812, .ports = i < 8 ? 120 * i : 960 });
	trend_make(&trend, &machine);
	assert_int_equal(trend.fullest->ran_out_count, 1);
	assert_int_equal(trend.fullest->ran_out[0], 8);
	assert_true(trend.fullest->is_out);
	end(&machine, &trend);
}

/* Reserved ports are none, whoever has them. */
TEST(the_range_is_without_what_is_taken_out)
{
	struct snapshot machine = growing(10, 10);
	struct trend trend;

	for (uint16_t port = 40000; port < 40100; port++)
		port_set_add(&machine.namespaces[0].settings.reserved, port);
	trend_make(&trend, &machine);
	assert_int_equal(trend.fullest->size, SIZE - 100);
	assert_int_equal(trend.fullest->first, 20);
	end(&machine, &trend);
}

/* ---- restarts ---- */

TEST(a_fall_to_nearly_nothing_is_a_restart)
{
	for (unsigned left = 20; left <= 21; left++) {
		struct snapshot machine = listed();
		struct trend trend;

		for (unsigned i = 0; i < 12; i++)
			LIST(&machine, { .pid = 812, .ports = i < 6 ? 200 : left });
		trend_make(&trend, &machine);
		assert_int_equal(trend.processes[0].restart_count, left == 20);
		if (left == 20)
			assert_int_equal(trend.processes[0].restarts[0], 6);
		end(&machine, &trend);
	}
}

TEST(the_same_program_under_a_new_pid_is_a_restart)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 20; i++)
		LIST(&machine, { .pid = i < 10 ? 812 : 813,
				 .name = "leaks",
				 .ports = 50 + 40 * (i % 10) });
	trend_make(&trend, &machine);
	assert_int_equal(trend.process_count, 1);
	assert_int_equal(trend.processes[0].pid, 813);
	assert_int_equal(trend.processes[0].restart_count, 1);
	assert_int_equal(trend.processes[0].restarts[0], 10);
	/* Its run begins there. */
	assert_true(trend.processes[0].grows);
	assert_true(is_near(trend.processes[0].per_hour, 2400));
	end(&machine, &trend);
}

TEST(two_of_a_name_at_once_are_two)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 20; i++)
		LIST(&machine, { .pid = 812, .name = "host", .ports = i < 11 ? 100 : 0 },
		     { .pid = 813, .name = "host", .ports = i < 10 ? 0 : 50 });
	trend_make(&trend, &machine);
	assert_int_equal(trend.process_count, 2);
	assert_int_equal(trend.processes[0].restart_count, 0);
	end(&machine, &trend);
}

/* 811 ends with what it has at its 12th listing; 812 and 813 need ten to fill the range. */
TEST(what_comes_back_after_each_start_is_told)
{
	struct snapshot machine = listed();
	struct trend trend;

	for (unsigned i = 0; i < 36; i++)
		LIST(&machine, { .pid = 811 + i / 12,
				 .name = "leaks",
				 .ports = 100 * (i % 12) < 1000 ? 1 + 100 * (i % 12) : 1000 });
	trend_make(&trend, &machine);
	assert_int_equal(trend.fullest->ran_out_count, 3);
	assert_int_equal(trend.returns, 2);
	assert_int_equal(trend.returns_after_ms, 10 * MINUTE_MS);
	end(&machine, &trend);
}

/* ---- time ---- */

TEST(without_times_a_minute_is_assumed_in_one_file_only)
{
	struct snapshot machine = growing(20, 10);
	struct trend trend;

	for (size_t i = 0; i < 20; i++)
		machine.evidence.points[i].time_ms = 0;
	trend_make(&trend, &machine);
	assert_int_equal(trend.clock, TREND_ASSUMED);
	assert_int_equal(trend.at_ms[19], 19 * MINUTE_MS);
	assert_true(trend.fullest->full_in_s > 0);
	trend_free(&trend);
	machine.evidence.points[3].artefact = 1;
	trend_make(&trend, &machine);
	assert_int_equal(trend.clock, TREND_ORDER);
	assert_int_equal(trend.fullest->full_in_s, -1);
	end(&machine, &trend);
}

TEST(distances_are_enough_for_a_rate)
{
	struct snapshot machine = growing(20, 10);
	struct trend trend;

	for (size_t i = 0; i < 20; i++) {
		machine.evidence.points[i].time_ms = 0;
		machine.evidence.points[i].since_ms = (int64_t)i * 2 * MINUTE_MS;
	}
	trend_make(&trend, &machine);
	assert_int_equal(trend.clock, TREND_DISTANCES);
	assert_true(is_near(trend.grower->per_hour, 300));
	end(&machine, &trend);
}

SUITE(trend, cmocka_unit_test(one_listing_is_no_series),
      cmocka_unit_test(steady_growth_has_a_rate_and_a_forecast),
      cmocka_unit_test(a_forecast_is_not_a_second_less_for_the_last_digit_of_a_fraction),
      cmocka_unit_test(what_does_not_grow_has_no_forecast),
      cmocka_unit_test(few_listings_have_no_forecast),
      cmocka_unit_test(one_odd_listing_does_not_move_the_rate),
      cmocka_unit_test(a_pool_of_connections_that_is_full_does_not_grow),
      cmocka_unit_test(up_and_down_is_not_steady),
      cmocka_unit_test(the_moment_it_ran_out_is_found),
      cmocka_unit_test(a_level_near_the_end_is_the_end),
      cmocka_unit_test(the_range_is_without_what_is_taken_out),
      cmocka_unit_test(a_fall_to_nearly_nothing_is_a_restart),
      cmocka_unit_test(the_same_program_under_a_new_pid_is_a_restart),
      cmocka_unit_test(two_of_a_name_at_once_are_two),
      cmocka_unit_test(what_comes_back_after_each_start_is_told),
      cmocka_unit_test(without_times_a_minute_is_assumed_in_one_file_only),
      cmocka_unit_test(distances_are_enough_for_a_rate));
