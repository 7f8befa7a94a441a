#include "source/artefact/etl/afd.h"
#include "source/artefact/etl/eprocess.h"
#include "source/artefact/etl/event.h"
#include "source/artefact/etl/failed.h"
#include "source/artefact/etl/tcpip.h"
#include "suite.h"

#include <string.h>

#define TOO_MANY UINT32_C(0xc0000209)

struct made {
	uint8_t bytes[256];
	size_t size;
	unsigned pointer;
};

static void put(struct made *made, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		made->bytes[made->size++] = (uint8_t)(number >> 8 * i);
}

static void put_inet(struct made *made, uint16_t port)
{
	static const uint8_t rest[] = { 10, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0 };

	put(made, 16, 4);
	put(made, 2, 2);
	put(made, port >> 8 | (port & 0xff) << 8, 2);
	memcpy(made->bytes + made->size, rest, sizeof rest);
	made->size += sizeof rest;
}

static struct made request(unsigned pointer, unsigned phase)
{
	struct made made = { .pointer = pointer };

	put(&made, phase, 4);
	put(&made, 9, 4);
	put(&made, 0x1234, pointer);
	put(&made, 0x5678, pointer);
	return made;
}

static struct etw_event event_of(const struct made *made, uint16_t id)
{
	return (struct etw_event){
		.id = id,
		.pointer_size = (uint8_t)made->pointer,
		.payload = made->bytes,
		.size = made->size,
	};
}

TEST(a_bind_has_its_status_before_its_address)
{
	static const unsigned pointers[] = { 4, 8 };

	for (size_t i = 0; i < 2; i++) {
		struct made made = request(pointers[i], 1);
		struct etw_event event;
		struct etw_call call;

		put(&made, TOO_MANY, 4);
		put_inet(&made, 8080);
		event = event_of(&made, 1030);
		assert_int_equal(afd_read(&event, &call), AFD_CALL);
		assert_int_equal(call.kind, CALL_BIND);
		assert_true(etw_call_failed(&call));
		assert_int_equal(call.status, TOO_MANY);
		assert_int_equal(call.process, 0x1234);
		assert_int_equal(call.endpoint, 0x5678);
		assert_int_equal(call.local_port, 8080);
		assert_int_equal(call.local.family, FAMILY_IPV4);
		assert_int_equal(call.remote.family, FAMILY_NONE);
		assert_int_equal(afd_endpoint(&event), 0x5678);
	}
}

TEST(a_connect_has_a_buffer_before_its_status)
{
	struct made made = request(8, 1);
	struct etw_event event;
	struct etw_call call;

	put(&made, 0xdead, 8);
	put(&made, 0xbeef, 4);
	put(&made, TOO_MANY, 4);
	put_inet(&made, 443);
	event = event_of(&made, 1018);
	assert_int_equal(afd_read(&event, &call), AFD_CALL);
	assert_int_equal(call.kind, CALL_CONNECT);
	assert_int_equal(call.status, TOO_MANY);
	assert_int_equal(call.remote_port, 443);
	assert_int_equal(call.local.family, FAMILY_NONE);
}

/* When a request begins its status means nothing; and only errors are failures. */
TEST(only_what_has_ended_in_an_error_has_failed)
{
	static const struct {
		unsigned phase;
		uint32_t status;
		bool failed;
	} each[] = { { 0, TOO_MANY, false },
		     { 1, 0, false },
		     { 1, 0x103, false },
		     { 1, 0x80000005, false },
		     { 1, TOO_MANY, true } };

	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
		struct made made = request(8, each[i].phase);
		struct etw_event event;
		struct etw_call call;

		put(&made, each[i].status, 4);
		event = event_of(&made, 1029);
		assert_int_equal(afd_read(&event, &call), AFD_CALL);
		assert_that(etw_call_failed(&call) == each[i].failed, "%zu", i);
	}
}

TEST(what_the_driver_does_itself_is_no_call)
{
	for (unsigned phase = 2; phase < 6; phase++) {
		struct made made = request(8, phase);
		struct etw_event event;
		struct etw_call call;

		put(&made, TOO_MANY, 4);
		event = event_of(&made, 1029);
		assert_int_equal(afd_read(&event, &call), AFD_OTHER);
	}
}

TEST(forms_that_are_not_known_are_not_guessed)
{
	struct made made = request(8, 1);
	struct etw_event event;
	struct etw_call call;

	put(&made, TOO_MANY, 4);
	event = event_of(&made, 1029);
	event.version = 1;
	assert_int_equal(afd_read(&event, &call), AFD_UNKNOWN);
	event.version = 0;
	for (event.size = 0; event.size < made.size; event.size++)
		assert_int_equal(afd_read(&event, &call), AFD_UNKNOWN);
	event.id = 1006;
	event.version = 2;
	assert_int_equal(tcpip_read(&event, &call), TCPIP_UNKNOWN);
}

/* An address of another family, or longer than the event, leaves the call without one. */
TEST(a_foreign_address_is_none)
{
	struct made made = request(8, 1);
	struct etw_event event;
	struct etw_call call;

	put(&made, TOO_MANY, 4);
	put_inet(&made, 0);
	made.bytes[made.size - 16] = 1;
	event = event_of(&made, 1030);
	assert_int_equal(afd_read(&event, &call), AFD_CALL);
	assert_int_equal(call.local.family, FAMILY_NONE);
	made.bytes[made.size - 20] = 17;
	assert_int_equal(afd_read(&event, &call), AFD_UNKNOWN);
}

TEST(version_1_of_a_port_failure_has_its_endpoint_in_front)
{
	for (uint8_t version = 0; version < 2; version++) {
		struct made made = { .pointer = 8 };
		struct etw_event event;
		struct etw_call call;

		if (version)
			put(&made, 0xabcd, 8);
		put_inet(&made, 0);
		put(&made, TOO_MANY, 4);
		event = event_of(&made, 1006);
		event.version = version;
		assert_int_equal(tcpip_read(&event, &call), TCPIP_CALL);
		assert_int_equal(call.status, TOO_MANY);
		assert_int_equal(call.local.family, FAMILY_IPV4);
		assert_true(call.by_transport);
		event.version = !version; /* the other one's layout */
		assert_true(tcpip_read(&event, &call) != TCPIP_CALL || !call.local.family ||
			    call.status != TOO_MANY);
	}
}

/* ---- whose call it is ---- */

TEST(an_address_of_a_process_is_its_while_it_lives)
{
	struct eprocesses all = { 0 };

	eprocess_learn(&all, 0x1000, 20, 500); /* in any order */
	eprocess_learn(&all, 0x1000, 10, 100);
	eprocess_learn(&all, 0x1000, 10, 300);
	eprocess_learn(&all, 0x2000, 30, 0);
	assert_int_equal(eprocess_pid(&all, 0x1000, 99), 0);
	assert_int_equal(eprocess_pid(&all, 0x1000, 100), 10);
	assert_int_equal(eprocess_pid(&all, 0x1000, 499), 10);
	assert_int_equal(eprocess_pid(&all, 0x1000, 500), 20);
	assert_int_equal(eprocess_pid(&all, 0x3000, 500), 0);
	assert_int_equal(eprocess_first_pid(&all, 0x1000), 10);
	assert_int_equal(eprocess_first_pid(&all, 0x3000), 0);
	eprocesses_free(&all);
}

static void add_failed(struct failed *failed, uint64_t endpoint, int64_t time)
{
	const struct etw_event event = { .time = time };
	const struct etw_call call = {
		.kind = CALL_CONNECT, .ended = true, .status = TOO_MANY, .endpoint = endpoint
	};

	failed_add(failed, &event, &call);
}

static void told(struct failed *failed, uint64_t endpoint, int64_t time, uint16_t port)
{
	const struct etw_event event = { .time = time };
	const struct etw_call call = { .kind = CALL_CONNECT,
				       .endpoint = endpoint,
				       .remote = { .family = FAMILY_IPV4 },
				       .remote_port = port };

	assert_true(failed_may_pair(failed, endpoint) || endpoint != 1);
	failed_pair(failed, &event, &call);
}

/* Of two calls on one socket each has what was told last before it, in whatever order that comes. */
TEST(a_call_gets_the_address_that_it_began_with)
{
	struct failed failed = { 0 };

	add_failed(&failed, 1, 200);
	add_failed(&failed, 2, 50);
	add_failed(&failed, 1, 100);
	failed_by_endpoint(&failed);
	told(&failed, 1, 150, 443);
	told(&failed, 1, 90, 80);
	told(&failed, 1, 20, 22);
	told(&failed, 1, 201, 9999);
	told(&failed, 3, 10, 9999);
	failed_spread(&failed);
	failed_by_time(&failed);
	assert_int_equal(failed.items[0].call.endpoint, 2);
	assert_int_equal(failed.items[0].call.remote.family, FAMILY_NONE);
	assert_int_equal(failed.items[1].call.remote_port, 80);
	assert_int_equal(failed.items[2].call.remote_port, 443);
	failed_free(&failed);
}

SUITE(etl_calls, cmocka_unit_test(a_bind_has_its_status_before_its_address),
      cmocka_unit_test(a_connect_has_a_buffer_before_its_status),
      cmocka_unit_test(only_what_has_ended_in_an_error_has_failed),
      cmocka_unit_test(what_the_driver_does_itself_is_no_call),
      cmocka_unit_test(forms_that_are_not_known_are_not_guessed),
      cmocka_unit_test(a_foreign_address_is_none),
      cmocka_unit_test(version_1_of_a_port_failure_has_its_endpoint_in_front),
      cmocka_unit_test(an_address_of_a_process_is_its_while_it_lives),
      cmocka_unit_test(a_call_gets_the_address_that_it_began_with));
