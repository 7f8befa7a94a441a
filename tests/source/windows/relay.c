#include "source/windows/relay.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { LONG_MS = 60000, NUMBERS = 50000 };

struct sender {
	HANDLE may_go_on, released;
	volatile LONG was_refused;
};

static void make(struct sender *sender)
{
	*sender = (struct sender){
		.may_go_on = CreateEventW(NULL, TRUE, FALSE, NULL),
		.released = CreateEventW(NULL, TRUE, FALSE, NULL),
	};
}

static void release(void *context)
{
	SetEvent(((struct sender *)context)->released);
}

static void assert_released(struct sender *sender)
{
	assert_int_equal(WaitForSingleObject(sender->released, LONG_MS), WAIT_OBJECT_0);
	CloseHandle(sender->may_go_on);
	CloseHandle(sender->released);
}

/* ---- what is handed over ---- */

static void count(void *context, struct relay *relay)
{
	struct sender *sender = context;

	for (uint32_t i = 0; i < NUMBERS; i++)
		sender->was_refused |= !relay_put(relay, &i, sizeof i);
}

TEST(everything_comes_in_its_order)
{
	struct sender sender;
	uint32_t next = 0, number;
	enum relay_news news;
	struct relay *relay;
	const char *bytes;
	size_t size;

	make(&sender);
	relay = relay_begin(count, release, &sender);
	assert_non_null(relay);
	while ((news = relay_next(relay, LONG_MS, &bytes, &size)) == RELAY_PIECE)
		for (size_t at = 0; at < size; at += sizeof number) {
			memcpy(&number, bytes + at, sizeof number);
			assert_int_equal(number, next++);
		}
	assert_int_equal(news, RELAY_END);
	assert_int_equal(next, NUMBERS);
	assert_int_equal(sender.was_refused, 0);
	relay_end(relay);
	assert_released(&sender);
}

static void send_much(void *context, struct relay *relay)
{
	char *bytes = calloc(1, 1 << 20);

	(void)context;
	relay_put(relay, bytes, 1 << 20);
	relay_put(relay, "x", 1);
	free(bytes);
}

TEST(a_piece_may_be_larger_than_most)
{
	struct sender sender;
	struct relay *relay;
	const char *bytes;
	size_t size;

	make(&sender);
	relay = relay_begin(send_much, release, &sender);
	assert_int_equal(relay_next(relay, LONG_MS, &bytes, &size), RELAY_PIECE);
	assert_int_equal(size, 1 << 20);
	assert_int_equal(relay_next(relay, LONG_MS, &bytes, &size), RELAY_PIECE);
	assert_int_equal(size, 1);
	assert_int_equal(relay_next(relay, LONG_MS, &bytes, &size), RELAY_END);
	relay_end(relay);
	assert_released(&sender);
}

static void send_nothing(void *context, struct relay *relay)
{
	(void)context, (void)relay;
}

TEST(nothing_is_an_end_too)
{
	struct sender sender;
	struct relay *relay;
	const char *bytes;
	size_t size;

	make(&sender);
	relay = relay_begin(send_nothing, release, &sender);
	assert_int_equal(relay_next(relay, LONG_MS, &bytes, &size), RELAY_END);
	relay_end(relay);
	assert_released(&sender);
}

/* ---- whoever hangs ---- */

static void send_late(void *context, struct relay *relay)
{
	struct sender *sender = context;
	char bytes[1 << 17] = "";

	WaitForSingleObject(sender->may_go_on, INFINITE);
	while (relay_put(relay, bytes, sizeof bytes))
		;
	InterlockedExchange(&sender->was_refused, 1);
}

TEST(who_hangs_is_given_up_and_cleans_up_behind_itself)
{
	struct sender sender;
	struct relay *relay;
	const char *bytes;
	size_t size;

	make(&sender);
	relay = relay_begin(send_late, release, &sender);
	assert_int_equal(relay_next(relay, 1, &bytes, &size), RELAY_LATE);
	relay_end(relay);
	assert_int_equal(WaitForSingleObject(sender.released, 0), WAIT_TIMEOUT);
	SetEvent(sender.may_go_on);
	assert_int_equal(WaitForSingleObject(sender.released, LONG_MS), WAIT_OBJECT_0);
	assert_int_equal(sender.was_refused, 1);
	assert_released(&sender);
}

TEST(who_has_enough_may_leave_in_the_middle)
{
	struct sender sender;
	struct relay *relay;
	const char *bytes;
	size_t size;

	make(&sender);
	SetEvent(sender.may_go_on);
	relay = relay_begin(send_late, release, &sender);
	assert_int_equal(relay_next(relay, LONG_MS, &bytes, &size), RELAY_PIECE);
	relay_end(relay);
	assert_released(&sender);
}

SUITE(relay, cmocka_unit_test(everything_comes_in_its_order),
      cmocka_unit_test(a_piece_may_be_larger_than_most),
      cmocka_unit_test(nothing_is_an_end_too),
      cmocka_unit_test(who_hangs_is_given_up_and_cleans_up_behind_itself),
      cmocka_unit_test(who_has_enough_may_leave_in_the_middle), );
