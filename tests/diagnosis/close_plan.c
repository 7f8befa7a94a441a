#include "diagnosis/close_plan.h"

#include "diagnosis/machine.h"

#include <stdio.h>

/* The plan for so many sockets from 40000 on towards 10.0.9.1:5432; what it counts. */
static unsigned add(struct close_plan *plan, const struct diagnosis *diagnosis,
		    enum socket_state state, unsigned count)
{
	struct socket_record record = { .state = state, .remote_port = 5432 };
	unsigned counted = 0;

	assert_true(address_parse("10.0.0.1", &record.local));
	assert_true(address_parse("10.0.9.1", &record.remote));
	for (unsigned i = 0; i < count; i++) {
		record.local_port = (uint16_t)(40000 + i);
		counted += close_plan_add(plan, diagnosis, 0, &record);
	}
	return counted;
}

static void end(struct close_plan *plan, struct snapshot *machine, struct diagnosis *diagnosis)
{
	close_plan_free(plan, diagnosis);
	machine_end(machine, diagnosis);
}

TEST(what_connect_chose_comes_back)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct close_plan plan;

	hold(&machine, .count = 100, .pid = 812, .state = SOCKET_CLOSE_WAIT,
	     .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_int_equal(add(&plan, &diagnosis, SOCKET_CLOSE_WAIT, 30), 30);
	close_plan_model(&plan, &diagnosis);
	assert_int_equal(plan.room_count, 1);
	assert_int_equal(plan.rooms[0].closed, 30);
	assert_room(plan.rooms[0].before, 0);
	assert_room(plan.rooms[0].after, 30);
	end(&plan, &machine, &diagnosis);
}

/* A number that the program asked for stays with it, and which were is not seen. */
TEST(what_bind_took_may_come_back)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct close_plan plan;

	hold(&machine, .count = 100, .pid = 812, .kind = BIND_OWNED);
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_int_equal(add(&plan, &diagnosis, SOCKET_ESTABLISHED, 100), 100);
	close_plan_model(&plan, &diagnosis);
	assert_between(plan.rooms[0].after, 0, 100);
	end(&plan, &machine, &diagnosis);
}

TEST(what_is_not_there_does_not_count)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct close_plan plan;

	hold(&machine, .count = 10, .pid = 812, .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_int_equal(add(&plan, &diagnosis, SOCKET_CLOSE_WAIT, 10), 0);
	assert_int_equal(add(&plan, &diagnosis, SOCKET_ESTABLISHED, 20), 10);
	assert_false(close_plan_end(&plan, &diagnosis, 813, 0));
	end(&plan, &machine, &diagnosis);
}

/* What it closes first rests, unless something unread makes it a reset. */
TEST(a_process_that_ends_gives_back_between_nothing_and_all)
{
	struct snapshot machine = machine_new();
	const struct process *process;
	struct diagnosis diagnosis;
	struct close_plan plan;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .count = 60, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .first = 40060, .count = 40, .pid = 900, .kind = CONNECT_OWNED);
	process = machine_process(&machine, 812);
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_false(close_plan_end(&plan, &diagnosis, 812, process->start_ticks + 1));
	assert_true(close_plan_end(&plan, &diagnosis, 812, process->start_ticks));
	close_plan_model(&plan, &diagnosis);
	assert_int_equal(plan.rooms[0].closed, 60);
	assert_between(plan.rooms[0].after, 0, 60);
	end(&plan, &machine, &diagnosis);
}

TEST(what_others_have_open_too_may_stay)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct close_plan plan;

	hold(&machine, .count = 80, .pid = 812, .state = SOCKET_CLOSE_WAIT,
	     .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_true(close_plan_end(&plan, &diagnosis, 812,
				   machine_process(&machine, 812)->start_ticks));
	plan.shared = true;
	close_plan_model(&plan, &diagnosis);
	assert_between(plan.rooms[0].after, 20, 100);
	end(&plan, &machine, &diagnosis);
}

TEST(five_rooms_with_most_sockets_first)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct close_plan plan;

	for (unsigned i = 0; i < 7; i++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.0.9.%u:5432", i + 1);
		hold(&machine, .count = 10 + i, .pid = 812, .remote = remote,
		     .kind = CONNECT_OWNED);
	}
	diagnosis = judge(&machine);
	close_plan_begin(&plan, &diagnosis);
	assert_true(close_plan_end(&plan, &diagnosis, 812,
				   machine_process(&machine, 812)->start_ticks));
	close_plan_model(&plan, &diagnosis);
	assert_int_equal(plan.room_count, CLOSE_PLAN_ROOMS);
	for (unsigned i = 0; i < CLOSE_PLAN_ROOMS; i++)
		assert_int_equal(plan.rooms[i].closed, 16 - i);
	end(&plan, &machine, &diagnosis);
}

SUITE(close_plan, cmocka_unit_test(what_connect_chose_comes_back),
      cmocka_unit_test(what_bind_took_may_come_back),
      cmocka_unit_test(what_is_not_there_does_not_count),
      cmocka_unit_test(a_process_that_ends_gives_back_between_nothing_and_all),
      cmocka_unit_test(what_others_have_open_too_may_stay),
      cmocka_unit_test(five_rooms_with_most_sockets_first));
