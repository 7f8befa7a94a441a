#include "snapshot/snapshot.h"

#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct sample_flow flow_to(const char *remote, uint16_t port, int64_t process)
{
	struct sample_flow flow = { .remote_port = port, .process = process };

	assert_true(address_parse("10.0.0.1", &flow.local));
	assert_true(address_parse(remote, &flow.remote));
	return flow;
}

TEST(calls_alike_are_one_flow)
{
	struct sample sample = { 0 };
	struct sample_flow flow = flow_to("10.0.9.1", 5432, 3);

	sample_flow_of(&sample, &flow)->opens += 2;
	sample_flow_of(&sample, &flow)->opens += 3;
	assert_int_equal(sample.flow_count, 1);
	assert_int_equal(sample.flows[0].opens, 5);
	sample_free(&sample);
}

TEST(calls_that_differ_are_flows_of_their_own)
{
	struct sample_flow flows[] = {
		flow_to("10.0.9.1", 5432, 3),  flow_to("10.0.9.1", 5432, 4),
		flow_to("10.0.9.1", 5432, -1), flow_to("10.0.9.1", 5433, 3),
		flow_to("10.0.9.2", 5432, 3),  flow_to("10.0.9.1", 5432, 3),
		flow_to("10.0.9.1", 5432, 3),  flow_to("10.0.9.1", 5432, 3),
	};
	enum { COUNT = sizeof flows / sizeof flows[0] };
	struct sample sample = { 0 };

	flows[5].netns = 1;
	flows[6].protocol = PROTOCOL_UDP;
	assert_true(address_parse("10.0.0.2", &flows[7].local));
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT; i++)
			sample_flow_of(&sample, &flows[i])->failed_calls++;
	assert_int_equal(sample.flow_count, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(sample.flows[i].failed_calls, 2);
	sample_free(&sample);
}

TEST(counts_of_what_is_alike_are_not_taken_over)
{
	struct sample sample = { 0 };
	struct sample_flow flow = flow_to("10.0.9.1", 5432, 3);

	flow.opens = flow.failed_calls = 7;
	assert_int_equal(sample_flow_of(&sample, &flow)->opens, 0);
	assert_int_equal(sample_flow_of(&sample, &flow)->failed_calls, 0);
	sample_free(&sample);
}

TEST(the_first_look_ends_with_the_second)
{
	struct snapshot snapshot = { 0 };

	snapshot_add_netns(&snapshot, &(struct netns){ .inode = 1 });
	snapshot.sample.before = calloc(1, sizeof *snapshot.sample.before);
	snapshot_add_netns(snapshot.sample.before, &(struct netns){ .inode = 1 });
	snapshot.sample.process_now = calloc(1, sizeof *snapshot.sample.process_now);
	snapshot_free(&snapshot);
	assert_null(snapshot.sample.before);
	assert_null(snapshot.sample.process_now);
}

TEST(how_an_owner_is_known_is_told_as_json_tells_it)
{
	static const struct {
		enum owner_kind kind;
		const char *how;
		bool process;
	} table[] = {
		{ OWNER_PROCESS, "observed", true },  { OWNER_NOBODY, "unknown", false },
		{ OWNER_UNFOUND, "unknown", false },  { OWNER_HIDDEN, "unknown", false },
		{ OWNER_RECORDED, "recorded", true }, { OWNER_INFERRED, "inferred", true },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		assert_string_equal(owner_how(table[i].kind), table[i].how);
		assert_int_equal(owner_is_process(table[i].kind), table[i].process);
	}
}

SUITE(sample, cmocka_unit_test(calls_alike_are_one_flow),
      cmocka_unit_test(calls_that_differ_are_flows_of_their_own),
      cmocka_unit_test(counts_of_what_is_alike_are_not_taken_over),
      cmocka_unit_test(the_first_look_ends_with_the_second),
      cmocka_unit_test(how_an_owner_is_known_is_told_as_json_tells_it));
