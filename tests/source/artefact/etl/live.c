#include "snapshot/evidence.h"
#include "source/artefact/etl/event.h"
#include "source/artefact/etl/live.h"
#include "source/artefact/etl/providers.h"
#include "source/artefact/etl/sockets.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#define TOO_MANY UINT32_C(0xc0000209)
#define REFUSED UINT32_C(0xc0000236)

enum { ENTER = 0, EXIT = 1 };
enum { A_MILLISECOND = 10000 };

/* An EVENT_RECORD's header and payload, as a live session hands them over. */
struct made {
	uint8_t header[ETW_HEADER];
	uint8_t bytes[256];
	size_t size;
};

static void set(uint8_t *at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

static void put(struct made *made, uint64_t number, size_t size)
{
	set(made->bytes + made->size, number, size);
	made->size += size;
}

static void put_inet(struct made *made, uint8_t last, uint16_t port)
{
	const uint8_t rest[] = { 10, 0, 0, last, 0, 0, 0, 0, 0, 0, 0, 0 };

	put(made, 16, 4);
	put(made, 2, 2);
	put(made, (uint64_t)(port >> 8 | (port & 0xff) << 8), 2);
	memcpy(made->bytes + made->size, rest, sizeof rest);
	made->size += sizeof rest;
}

static struct made begin(enum provider provider, uint16_t id, int64_t time_ms, uint32_t pid,
			 uint32_t thread)
{
	struct made made = { .size = 0 };

	set(made.header + 0x04, 0x40, 2); /* EVENT_HEADER_FLAG_64_BIT_HEADER */
	set(made.header + 0x08, thread, 4);
	set(made.header + 0x0c, pid, 4);
	set(made.header + 0x10, (uint64_t)(time_ms * A_MILLISECOND), 8);
	memcpy(made.header + 0x18, provider_guid(provider), GUID_SIZE);
	set(made.header + 0x28, id, 2);
	return made;
}

static struct made request(uint16_t id, int64_t time_ms, unsigned phase, uint64_t endpoint)
{
	struct made made = begin(PROVIDER_AFD, id, time_ms, phase == ENTER ? 812 : 0, 11);

	put(&made, phase, 4);
	put(&made, 3, 4);
	put(&made, 0x1000, 8);
	put(&made, endpoint, 8);
	return made;
}

static void take(struct etw_live *live, const struct made *made, int64_t now_ms)
{
	struct etw_event event;

	etw_event_live(&event, made->header, made->bytes, made->size);
	etw_live_take(live, &event, now_ms);
}

static void create(struct etw_live *live, int64_t time_ms, uint64_t endpoint, bool udp)
{
	struct made made = request(1000, time_ms, EXIT, endpoint);

	put(&made, 2, 4);
	put(&made, udp ? 2 : 1, 4);
	put(&made, udp ? 17 : 6, 4);
	put(&made, 812, 8);
	put(&made, 0, 4);
	take(live, &made, time_ms);
}

/* The address is where it begins. */
static void bind_fails(struct etw_live *live, int64_t time_ms, uint64_t endpoint,
		       uint32_t status)
{
	struct made made = request(1030, time_ms, ENTER, endpoint);

	put(&made, 0, 4);
	put_inet(&made, 5, 0);
	take(live, &made, time_ms);
	made = request(1029, time_ms + 1, EXIT, endpoint);
	put(&made, status, 4);
	take(live, &made, time_ms + 1);
}

static void transport_bind_fails(struct etw_live *live, int64_t time_ms, uint32_t thread)
{
	struct made made = begin(PROVIDER_TCPIP, 1006, time_ms, 812, thread);

	put_inet(&made, 5, 0);
	put(&made, TOO_MANY, 4);
	take(live, &made, time_ms);
}

static size_t handed(struct etw_live *live, int64_t now_ms, struct etw_told_list *list)
{
	list->count = 0;
	etw_live_hand_over(live, now_ms, false, list);
	return list->count;
}

TEST(the_header_of_a_live_event_is_that_of_a_file)
{
	struct made made = request(1030, 7, ENTER, 0x5678);
	struct etw_event event;

	etw_event_live(&event, made.header, made.bytes, made.size);
	assert_int_equal(event.id, 1030);
	assert_int_equal(event.process, 812);
	assert_int_equal(event.thread, 11);
	assert_int_equal(event.time, 7 * A_MILLISECOND);
	assert_int_equal(event.pointer_size, 8);
	assert_int_equal(event.size, made.size);
	assert_int_equal(provider_of(event.provider), PROVIDER_AFD);
	set(made.header + 0x04, 0x20, 2);
	etw_event_live(&event, made.header, NULL, 40);
	assert_int_equal(event.pointer_size, 4);
	assert_int_equal(event.size, 0);
}

TEST(a_failing_bind_has_what_was_told_before_it)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };
	const struct etw_told *told;
	struct traced_failure traced;

	create(live, 1, 0x77, true);
	bind_fails(live, 10, 0x77, TOO_MANY);
	assert_true(etw_live_waits(live));
	assert_int_equal(handed(live, 11, &list), 1);
	told = list.items;
	traced = failed_as_traced(&told->failed);
	assert_int_equal(told->pid, 812);
	assert_int_equal(told->failed.time, 11 * A_MILLISECOND);
	assert_int_equal(traced.call, FAILURE_BIND);
	assert_true(traced.protocol_known);
	assert_int_equal(traced.protocol, PROTOCOL_UDP);
	assert_int_equal(traced.local.bytes[3], 5);
	assert_true(traced_failure_wants_port(&traced));
	assert_false(etw_live_waits(live));
	assert_int_equal(handed(live, 12, &list), 0);
	free(list.items);
	etw_live_free(live);
}

/* The number of a socket that was closed is another's. */
TEST(what_was_told_of_a_socket_ends_with_it)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };
	struct made made = request(1001, 5, EXIT, 0x77);

	create(live, 1, 0x77, true);
	take(live, &made, 5);
	made = request(1029, 10, EXIT, 0x77);
	put(&made, TOO_MANY, 4);
	take(live, &made, 10);
	assert_int_equal(handed(live, 10, &list), 1);
	assert_false(list.items[0].failed.call.protocol_known);
	assert_int_equal(list.items[0].failed.call.local.family, FAMILY_NONE);
	free(list.items);
	etw_live_free(live);
}

/* A connect after a bind that failed has not its address. */
TEST(what_a_bind_asked_for_that_failed_is_not_the_sockets)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };
	struct made made = request(1018, 20, ENTER, 0x77);

	bind_fails(live, 10, 0x77, TOO_MANY);
	put(&made, 0, 8);
	put(&made, 0, 4);
	put(&made, 0, 4);
	put_inet(&made, 9, 443);
	take(live, &made, 20);
	made = request(1017, 30, EXIT, 0x77);
	put(&made, TOO_MANY, 4);
	take(live, &made, 30);
	assert_int_equal(handed(live, 30, &list), 2);
	assert_int_equal(list.items[0].failed.call.local.bytes[3], 5);
	assert_int_equal(list.items[1].failed.call.local.family, FAMILY_NONE);
	assert_int_equal(list.items[1].failed.call.remote.bytes[3], 9);
	assert_int_equal(list.items[1].failed.call.remote_port, 443);
	free(list.items);
	etw_live_free(live);
}

/* TCP/IP tells it first, AFD when the call ends. */
TEST(what_both_tell_is_told_once)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };

	transport_bind_fails(live, 10, 11);
	assert_int_equal(handed(live, 11, &list), 0);
	bind_fails(live, 12, 0x77, TOO_MANY);
	assert_int_equal(handed(live, 13, &list), 1);
	assert_int_equal(list.items[0].failed.call.endpoint, 0x77);
	assert_true(list.items[0].failed.call.protocol_known);
	assert_int_equal(list.items[0].failed.call.protocol, PROTOCOL_TCP);
	assert_int_equal(handed(live, 10000, &list), 0);
	free(list.items);
	etw_live_free(live);
}

TEST(what_tcpip_alone_tells_waits_a_moment_and_no_longer)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };

	transport_bind_fails(live, 10, 11);
	/* another thread's call: it is not told before the one that was earlier */
	bind_fails(live, 12, 0x77, REFUSED);
	assert_int_equal(handed(live, 10 + ETW_LIVE_WAITS_MS - 1, &list), 0);
	assert_int_equal(handed(live, 10 + ETW_LIVE_WAITS_MS, &list), 2);
	assert_true(list.items[0].failed.call.by_transport);
	assert_int_equal(list.items[0].pid, 812);
	assert_int_equal(list.items[1].failed.call.status, REFUSED);
	transport_bind_fails(live, 500, 11);
	list.count = 0;
	etw_live_hand_over(live, 500, true, &list);
	assert_int_equal(list.count, 1);
	free(list.items);
	etw_live_free(live);
}

TEST(a_process_has_the_name_that_it_began_with)
{
	static const char image[] = "\\Device\\app.exe";
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };
	struct made made = begin(PROVIDER_PROCESS, 1, 1, 4, 1);

	put(&made, 812, 4);
	put(&made, 0, 8);
	put(&made, 0, 4);
	put(&made, 0, 4);
	for (size_t i = 0; i < sizeof image; i++)
		put(&made, (uint8_t)image[i], 2);
	take(live, &made, 1);
	bind_fails(live, 10, 0x77, TOO_MANY);
	assert_int_equal(handed(live, 11, &list), 1);
	assert_string_equal(list.items[0].name, "app.exe");
	free(list.items);
	etw_live_free(live);
}

/* Whoever reads may be slow; then there is an end, and it is counted. */
TEST(more_than_there_is_room_for_is_dropped_and_counted)
{
	struct etw_live *live = etw_live_new();
	struct etw_told_list list = { 0 };
	const unsigned many = 70000;

	for (unsigned i = 0; i < many; i++) {
		struct made made = request(1029, i, EXIT, 0x1000 + i);

		put(&made, TOO_MANY, 4);
		take(live, &made, i);
	}
	assert_true(etw_live_counts(live).dropped > 0);
	assert_int_equal(handed(live, many, &list) + etw_live_counts(live).dropped, many);
	assert_int_equal(list.items[0].failed.call.endpoint, 0x1000);
	free(list.items);
	etw_live_free(live);
}

TEST(what_is_not_understood_or_was_lost_is_counted)
{
	struct etw_live *live = etw_live_new();
	struct made made = request(1029, 1, EXIT, 0x77),
		    lost = begin(PROVIDER_LOST, 0, 1, 0, 0);

	take(live, &made, 1); /* without its status */
	take(live, &lost, 1);
	take(live, &lost, 2);
	assert_int_equal(etw_live_counts(live).unread, 1);
	assert_int_equal(etw_live_counts(live).lost_notes, 2);
	assert_false(etw_live_waits(live));
	etw_live_free(live);
}

/* Of those that share a place the one goes that was quiet for longest. */
TEST(sockets_are_remembered_as_long_as_there_is_room)
{
	struct etw_sockets *sockets = calloc(1, sizeof *sockets);
	struct etw_call call = { .kind = CALL_CREATE, .ended = true, .pid = 5 };
	struct etw_call fails = {
		.kind = CALL_BIND, .ended = true, .status = TOO_MANY, .endpoint = 64
	};
	const unsigned many = 8 * SOCKETS_PLACES * SOCKETS_SHARE;

	for (unsigned i = 1; i <= many; i++) {
		call.endpoint = (uint64_t)i << 6;
		etw_sockets_take(sockets, &call);
	}
	etw_sockets_take(sockets, &fails);
	assert_int_equal(fails.pid, 0);
	fails.endpoint = call.endpoint;
	etw_sockets_take(sockets, &fails);
	assert_int_equal(fails.pid, 5);
	free(sockets);
}

SUITE(etl_live, cmocka_unit_test(the_header_of_a_live_event_is_that_of_a_file),
      cmocka_unit_test(a_failing_bind_has_what_was_told_before_it),
      cmocka_unit_test(what_was_told_of_a_socket_ends_with_it),
      cmocka_unit_test(what_a_bind_asked_for_that_failed_is_not_the_sockets),
      cmocka_unit_test(what_both_tell_is_told_once),
      cmocka_unit_test(what_tcpip_alone_tells_waits_a_moment_and_no_longer),
      cmocka_unit_test(a_process_has_the_name_that_it_began_with),
      cmocka_unit_test(more_than_there_is_room_for_is_dropped_and_counted),
      cmocka_unit_test(what_is_not_understood_or_was_lost_is_counted),
      cmocka_unit_test(sockets_are_remembered_as_long_as_there_is_room));
