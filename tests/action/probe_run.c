#include "action/probe_calls.h"

#include "suite.h"
#include "system/clock.h"

#include <stdlib.h>
#include <string.h>

/*
 * Sockets are numbers of places here. What becomes of an attempt is written in its destination's port.
 */
enum fate { CONNECTS = 1, REFUSED, HANGS, NO_SOCKET, NO_PORT };
enum { EREFUSED = 111, ENODESCRIPTOR = 24, ENOPORT = 99, MANY = 200 };

static struct fake {
	bool is_open[MANY];
	enum fate fate[MANY];
	unsigned open, most_open, closed, room; /* room: for so many sockets */
} fake;

static int open_socket(const struct probe_attempt *attempt, intptr_t *socket)
{
	unsigned place = 0;

	if (attempt->port == NO_SOCKET || fake.open == fake.room)
		return ENODESCRIPTOR;
	while (fake.is_open[place])
		place++;
	fake.is_open[place] = true;
	fake.fate[place] = attempt->port;
	if (++fake.open > fake.most_open)
		fake.most_open = fake.open;
	*socket = (intptr_t)place;
	return 0;
}

static const char *begin(const struct probe_attempt *attempt, intptr_t socket, int *error)
{
	(void)socket;
	*error = ENOPORT;
	return attempt->port == NO_PORT ? "connect" : NULL;
}

static void await(struct probe_wait *waits, unsigned count, unsigned timeout_ms)
{
	bool answered = false;

	for (unsigned i = 0; i < count; i++) {
		waits[i].answered = fake.fate[waits[i].socket] != HANGS;
		answered |= waits[i].answered;
	}
	if (!answered)
		clock_rest_ms(timeout_ms);
}

static int error_of(const struct probe_attempt *attempt, intptr_t socket)
{
	(void)attempt;
	return fake.fate[socket] == REFUSED ? EREFUSED : 0;
}

static void note_local(struct probe_attempt *attempt, intptr_t socket)
{
	attempt->local_port = (uint16_t)(40000 + socket);
}

static void close_socket(intptr_t socket)
{
	assert_true(fake.is_open[socket]);
	fake.is_open[socket] = false;
	fake.open--;
	fake.closed++;
}

static void explain(struct probe_attempt *attempt)
{
	attempt->outcome = attempt->error == EREFUSED	   ? PROBE_REFUSED :
			   attempt->error == ENODESCRIPTOR ? PROBE_NO_DESCRIPTOR :
			   attempt->error == ENOPORT	   ? PROBE_NO_PORT :
							     PROBE_FAILED;
	attempt->error_name = "E";
}

static const struct probe_calls calls = {
	.open = open_socket,
	.begin = begin,
	.await = await,
	.error = error_of,
	.note_local = note_local,
	.close = close_socket,
	.explain = explain,
};

static void run(struct probe_attempt *attempts, size_t count, unsigned room,
		unsigned timeout_ms)
{
	fake = (struct fake){ .room = room };
	probe_run_by(&calls, attempts, count, timeout_ms);
	assert_int_equal(fake.open, 0);
}

static struct probe_attempt towards(enum fate fate, enum protocol protocol)
{
	static const uint8_t bytes[] = { 192, 0, 2, 1 };

	return (struct probe_attempt){
		.destination = address_ipv4(bytes),
		.port = (uint16_t)fate,
		.protocol = protocol,
	};
}

TEST(each_ends_in_its_own_way)
{
	struct probe_attempt attempts[] = {
		towards(REFUSED, PROTOCOL_TCP),	 towards(CONNECTS, PROTOCOL_TCP),
		towards(NO_PORT, PROTOCOL_TCP),	 towards(HANGS, PROTOCOL_TCP),
		towards(CONNECTS, PROTOCOL_UDP), towards(HANGS, PROTOCOL_UDP),
		towards(REFUSED, PROTOCOL_UDP),
	};

	run(attempts, 7, MANY, 20);
	assert_int_equal(attempts[0].outcome, PROBE_REFUSED);
	assert_string_equal(attempts[0].call, "connect");
	assert_int_equal(attempts[0].local_port, 0);
	assert_int_equal(attempts[1].outcome, PROBE_CONNECTED);
	assert_null(attempts[1].call);
	assert_true(attempts[1].local_port >= 40000);
	assert_int_equal(attempts[2].outcome, PROBE_NO_PORT);
	assert_int_equal(attempts[3].outcome, PROBE_TIMED_OUT);
	assert_true(attempts[3].local_port >= 40000);
	assert_true(attempts[3].milliseconds >= 20);
	assert_int_equal(attempts[4].outcome, PROBE_SENT);
	assert_int_equal(attempts[5].outcome, PROBE_SENT); /* nothing says otherwise */
	assert_int_equal(attempts[6].outcome, PROBE_REFUSED);
	assert_string_equal(attempts[6].call, "send");
}

TEST(no_more_are_under_way_than_can_be_waited_for)
{
	struct probe_attempt attempts[MANY];

	for (int i = 0; i < MANY; i++)
		attempts[i] = towards(CONNECTS, PROTOCOL_TCP);
	run(attempts, MANY, MANY, 1000);
	assert_int_equal(fake.most_open, PROBE_AT_ONCE);
	assert_int_equal(fake.closed, MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(attempts[i].outcome, PROBE_CONNECTED);
}

/* What others hold is given back. */
TEST(without_a_descriptor_it_is_tried_again_while_others_are_under_way)
{
	struct probe_attempt attempts[10];

	for (int i = 0; i < 10; i++)
		attempts[i] = towards(CONNECTS, PROTOCOL_TCP);
	run(attempts, 10, 3, 1000);
	assert_int_equal(fake.most_open, 3);
	for (int i = 0; i < 10; i++)
		assert_int_equal(attempts[i].outcome, PROBE_CONNECTED);
}

TEST(where_there_never_is_a_descriptor_that_is_the_answer)
{
	struct probe_attempt attempts[] = { towards(NO_SOCKET, PROTOCOL_TCP),
					    towards(CONNECTS, PROTOCOL_TCP) };

	run(attempts, 2, MANY, 1000);
	assert_int_equal(attempts[0].outcome, PROBE_NO_DESCRIPTOR);
	assert_string_equal(attempts[0].call, "socket");
	assert_int_equal(attempts[1].outcome, PROBE_CONNECTED);
}

TEST(a_name_without_address_is_left_out)
{
	struct probe_attempt attempts[] = { towards(CONNECTS, PROTOCOL_TCP),
					    towards(CONNECTS, PROTOCOL_TCP) };

	attempts[0].destination = (struct address){ 0 };
	attempts[0].outcome = PROBE_NO_NAME;
	run(attempts, 2, MANY, 1000);
	assert_int_equal(attempts[0].outcome, PROBE_NO_NAME);
	assert_int_equal(attempts[1].outcome, PROBE_CONNECTED);
	assert_int_equal(fake.closed, 1);
}

/* A datagram that nobody answers would be waited for in vain. */
TEST(a_datagram_is_waited_for_a_second_at_most)
{
	struct probe_attempt attempt = towards(HANGS, PROTOCOL_UDP);

	run(&attempt, 1, MANY, 60000);
	assert_int_equal(attempt.outcome, PROBE_SENT);
	assert_in_range((unsigned)attempt.milliseconds, 1000, 20000);
}

SUITE(probe_run, cmocka_unit_test(each_ends_in_its_own_way),
      cmocka_unit_test(no_more_are_under_way_than_can_be_waited_for),
      cmocka_unit_test(without_a_descriptor_it_is_tried_again_while_others_are_under_way),
      cmocka_unit_test(where_there_never_is_a_descriptor_that_is_the_answer),
      cmocka_unit_test(a_name_without_address_is_left_out),
      cmocka_unit_test(a_datagram_is_waited_for_a_second_at_most), );
