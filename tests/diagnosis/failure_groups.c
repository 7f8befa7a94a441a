#include "diagnosis/failure_groups.h"

#include "suite.h"

enum { LINES = 3 };

static struct failure failure_of(const struct process *process)
{
	return (struct failure){
		.time_ms = 1000,
		.call = FAILURE_CONNECT,
		.protocol_known = true,
		.protocol = PROTOCOL_TCP,
		.error = "EADDRNOTAVAIL",
		.source = { FAMILY_IPV4, { 10, 0, 0, 1 } },
		.destination = { FAMILY_IPV4, { 10, 0, 9, 1 } },
		.port = 5432,
		.netns = 4026531840,
		.process = process,
	};
}

/* What a tick tells. */
struct told {
	size_t groups;
	uint64_t failures, first;
	int32_t first_pid;
};

static void tell(void *context, const struct failure_group *group)
{
	struct told *told = context;

	if (!told->groups++) {
		told->first = group->untold;
		told->first_pid = group->failure.process->pid;
	}
	told->failures += group->untold;
}

static struct told tick(struct failure_groups *groups, int64_t now_ms, uint64_t *rest)
{
	struct told told = { 0 };

	*rest = failure_groups_tick(groups, now_ms, tell, &told);
	return told;
}

TEST(the_first_is_told_at_once_and_then_their_number)
{
	struct failure_groups *groups = failure_groups_new(LINES);
	struct process process = { .pid = 812, .start_ticks = 5, .name = "billing" };
	struct failure failure = failure_of(&process);
	const struct failure_group *group = failure_groups_take(groups, &failure);
	struct told told;
	uint64_t rest;

	assert_non_null(group);
	assert_int_equal(group->untold, 0);
	for (int i = 0; i < 1000; i++)
		assert_null(failure_groups_take(groups, &failure));
	told = tick(groups, 2000, &rest);
	assert_int_equal(told.groups, 1);
	assert_int_equal(told.failures, 1000);
	assert_int_equal(rest, 0);
	told = tick(groups, 3000, &rest);
	assert_int_equal(told.groups, 0);
	assert_null(failure_groups_take(groups, &failure));
	failure_groups_free(groups);
}

/* Each differs from the first in one respect. */
TEST(process_call_destination_error_and_namespace_make_a_group)
{
	struct process first = { .pid = 812, .start_ticks = 5, .name = "billing" };
	struct process later = first, other = first;
	struct failure failures[9];

	later.start_ticks = 6;
	other.pid = 813;
	for (size_t i = 0; i < 9; i++)
		failures[i] = failure_of(&first);
	failures[1].process = &later;
	failures[2].process = &other;
	failures[3].call = FAILURE_BIND;
	failures[4].protocol = PROTOCOL_UDP;
	failures[5].error = "EAGAIN";
	failures[6].destination.bytes[3] = 2;
	failures[7].port = 5433;
	failures[8].netns = 2;
	for (size_t i = 1; i < 9; i++) {
		struct failure_groups *groups = failure_groups_new(LINES);

		assert_non_null(failure_groups_take(groups, &failures[0]));
		assert_that(failure_groups_take(groups, &failures[i]), "failure %zu", i);
		assert_null(failure_groups_take(groups, &failures[0]));
		assert_null(failure_groups_take(groups, &failures[i]));
		failure_groups_free(groups);
	}
}

TEST(a_group_keeps_its_own_text)
{
	struct failure_groups *groups = failure_groups_new(LINES);
	char name[] = "billing", unit[] = "billing.service";
	struct process process = { .pid = 812, .name = name, .unit = unit };
	struct failure failure = failure_of(&process);
	const struct failure_group *group = failure_groups_take(groups, &failure);

	name[0] = unit[0] = 'x';
	assert_string_equal(group->failure.process->name, "billing");
	assert_string_equal(group->failure.process->unit, "billing.service");
	failure_groups_free(groups);
}

/* A shell script that starts a process for each call. */
TEST(a_flood_of_groups_is_some_lines_and_a_rest)
{
	struct failure_groups *groups = failure_groups_new(LINES);
	struct process process = { .name = "curl" };
	struct failure failure = failure_of(&process);
	uint64_t rest;
	unsigned at_once = 0;
	struct told told;

	for (process.pid = 1; process.pid <= 100; process.pid++)
		at_once += failure_groups_take(groups, &failure) != NULL;
	process.pid = 50;
	for (int i = 0; i < 7; i++)
		assert_null(failure_groups_take(groups, &failure));
	assert_int_equal(at_once, LINES);
	told = tick(groups, 2000, &rest);
	assert_int_equal(told.groups, LINES);
	assert_int_equal(told.first, 8);
	assert_int_equal(told.first_pid, 50);
	assert_int_equal(at_once + told.failures + rest, 107);
	process.pid = 101;
	assert_non_null(failure_groups_take(groups, &failure)); /* in a new second */
	failure_groups_free(groups);
}

static void tell_nothing(void *context, const struct failure_group *group)
{
	(void)context, (void)group;
}

static void tell_pid(void *context, const struct failure_group *group)
{
	int32_t **at = context;

	*(*at)++ = group->failure.process->pid;
}

/* The same order on every system, whose qsort() differ. */
TEST(equal_groups_are_told_by_their_time_and_their_process)
{
	struct failure_groups *groups = failure_groups_new(LINES);
	struct process process = { .name = "curl" };
	struct failure failure = failure_of(&process);
	int32_t told[LINES], *at = told;

	for (int round = 0; round < 2; round++) {
		failure.time_ms = 1000;
		for (process.pid = 7; process.pid >= 5; process.pid--)
			failure_groups_take(groups, &failure);
		failure.time_ms = 900;
		process.pid = 9;
		failure_groups_take(groups, &failure);
		at = told;
		failure_groups_tick(groups, 2000, round ? tell_pid : tell_nothing, &at);
	}
	assert_int_equal(told[0], 9);
	assert_int_equal(told[1], 5);
	assert_int_equal(told[2], 6);
	failure_groups_free(groups);
}

TEST(what_finds_no_place_in_the_table_is_counted)
{
	enum { MORE_THAN_FIT = 10000 };
	struct failure_groups *groups = failure_groups_new(LINES);
	struct process process = { .name = "curl" };
	struct failure failure = failure_of(&process);
	uint64_t rest, counted = 0;

	for (process.pid = 1; process.pid <= MORE_THAN_FIT; process.pid++)
		counted += failure_groups_take(groups, &failure) != NULL;
	counted += tick(groups, 2000, &rest).failures;
	assert_int_equal(counted + rest, MORE_THAN_FIT);
	failure_groups_free(groups);
}

TEST(a_group_is_forgotten_after_a_minute_of_silence)
{
	struct failure_groups *groups = failure_groups_new(LINES);
	struct process process = { .pid = 812, .name = "billing" };
	struct failure failure = failure_of(&process);
	uint64_t rest;

	assert_non_null(failure_groups_take(groups, &failure));
	tick(groups, 61000, &rest);
	assert_null(failure_groups_take(groups, &failure));
	tick(groups, 61500, &rest);
	tick(groups, 61501, &rest);
	assert_non_null(failure_groups_take(groups, &failure));
	failure_groups_free(groups);
}

SUITE(failure_groups, cmocka_unit_test(the_first_is_told_at_once_and_then_their_number),
      cmocka_unit_test(process_call_destination_error_and_namespace_make_a_group),
      cmocka_unit_test(a_group_keeps_its_own_text),
      cmocka_unit_test(a_flood_of_groups_is_some_lines_and_a_rest),
      cmocka_unit_test(equal_groups_are_told_by_their_time_and_their_process),
      cmocka_unit_test(what_finds_no_place_in_the_table_is_counted),
      cmocka_unit_test(a_group_is_forgotten_after_a_minute_of_silence));
