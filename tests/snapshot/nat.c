#include "snapshot/nat.h"

#include "suite.h"

#include <string.h>

static struct address address(const char *text)
{
	struct address address = { 0 };

	assert_true(address_parse(text, &address));
	return address;
}

/* From 10.1.0.2 to 10.0.9.1:443, leaving with 192.0.2.1; tests change what they are about. */
static struct nat_flow flow(uint16_t port)
{
	return (struct nat_flow){
		.state = NAT_ESTABLISHED,
		.from = address("10.1.0.2"),
		.from_port = port,
		.asked = address("10.0.9.1"),
		.asked_port = 443,
		.address = address("192.0.2.1"),
		.port = port,
		.destination = address("10.0.9.1"),
		.destination_port = 443,
	};
}

static void add(struct nat *nat, struct nat_flow flow)
{
	nat_add_flow(nat, 0, &flow);
}

TEST(connections_of_one_nat_address_to_one_destination_are_a_tuple)
{
	struct nat nat = { .tuple_count = 0 };

	for (uint16_t port = 40000; port < 40100; port++)
		add(&nat, flow(port));
	assert_int_equal(nat.tuple_count, 1);
	assert_int_equal(nat.tuples[0].ports.count, 100);
	assert_int_equal(nat.tuples[0].states[NAT_ESTABLISHED], 100);
	assert_int_equal(nat.tuples[0].key.port, 443);
	assert_int_equal(nat.source_count, 1);
	assert_int_equal(nat.sources[0].ports.count, 100);
	nat_free(&nat);
	assert_int_equal(nat.tuple_count, 0);
}

TEST(connections_that_differ_otherwise_are_tuples_of_their_own)
{
	enum { KINDS = 6 };
	struct nat nat = { .tuple_count = 0 };
	struct nat_flow flows[KINDS];

	for (size_t i = 0; i < KINDS; i++)
		flows[i] = flow(40000);
	flows[1].address = address("192.0.2.2");
	flows[2].destination = address("10.0.9.2");
	flows[3].destination_port = 444;
	flows[4].protocol = PROTOCOL_UDP;
	flows[5].zone = 7;
	for (size_t i = 0; i < KINDS; i++)
		add(&nat, flows[i]);
	assert_int_equal(nat.tuple_count, KINDS);
	nat_add_flow(&nat, 1, &flows[0]);
	assert_int_equal(nat.tuple_count, KINDS + 1);
	nat_free(&nat);
}

/* A dump may show an entry twice. */
TEST(an_entry_that_comes_twice_counts_once)
{
	struct nat nat = { .tuple_count = 0 };

	add(&nat, flow(40000));
	add(&nat, flow(40000));
	assert_int_equal(nat.tuples[0].ports.count, 1);
	assert_int_equal(nat.tuples[0].states[NAT_ESTABLISHED], 1);
	assert_int_equal(nat.sources[0].ports.count, 1);
	nat_free(&nat);
}

TEST(what_leaves_as_it_was_made_only_counts_where_there_is_nat)
{
	struct nat nat = { .tuple_count = 0 };
	struct nat_flow own = flow(40001);

	own.from = own.address;
	assert_false(nat_flow_is_changed(&own));
	add(&nat, own);
	assert_int_equal(nat.tuple_count, 0);
	add(&nat, flow(40000));
	add(&nat, own);
	assert_int_equal(nat.tuple_count, 1);
	assert_int_equal(nat.tuples[0].ports.count, 2);
	assert_int_equal(nat.tuples[0].own.count, 1);
	assert_true(port_set_has(&nat.tuples[0].own, 40001));
	nat_free(&nat);
}

TEST(another_port_alone_is_a_changed_source)
{
	struct nat nat = { .tuple_count = 0 };
	struct nat_flow own = flow(40001);

	own.from = own.address;
	own.from_port = 50000;
	assert_true(nat_flow_is_changed(&own));
	add(&nat, own);
	assert_int_equal(nat.tuple_count, 1);
	assert_int_equal(nat.tuples[0].own.count, 1);
	nat_free(&nat);
}

TEST(ports_of_connections_that_are_over_rest)
{
	struct nat nat = { .tuple_count = 0 };
	struct nat_flow over = flow(40000), reset = flow(40001), own = flow(40002);

	over.state = NAT_TIME_WAIT;
	reset.state = NAT_CLOSE;
	own.state = NAT_TIME_WAIT;
	own.from = own.address;
	add(&nat, over);
	add(&nat, reset);
	add(&nat, own);
	/* The kernel only gives those away that it has changed itself. */
	assert_int_equal(nat.tuples[0].resting.count, 2);
	assert_int_equal(nat.tuples[0].ports.count, 3);
	nat_free(&nat);
}

TEST(sources_are_told_apart_by_address_and_by_what_they_asked_for)
{
	struct nat nat = { .tuple_count = 0 };
	struct nat_flow second = flow(40001), other = flow(40002);

	second.from = address("10.1.0.3");
	other.asked = address("203.0.113.1");
	add(&nat, flow(40000));
	add(&nat, second);
	add(&nat, other);
	assert_int_equal(nat.tuple_count, 1);
	assert_int_equal(nat.source_count, 3);
	assert_int_equal(nat.tuples[0].sources, 3);
	nat_free(&nat);
}

TEST(of_many_sources_the_first_are_kept_and_the_others_counted)
{
	enum { SOURCES = NAT_SOURCES_MOST + 10, EACH = 2 };
	struct nat nat = { .tuple_count = 0 };

	for (unsigned round = 0; round < EACH; round++)
		for (unsigned i = 0; i < SOURCES; i++) {
			struct nat_flow one = flow((uint16_t)(2000 + EACH * i + round));

			one.from.bytes[2] = (uint8_t)(i >> 8);
			one.from.bytes[3] = (uint8_t)i;
			add(&nat, one);
		}
	assert_int_equal(nat.tuples[0].ports.count, SOURCES * EACH);
	assert_int_equal(nat.tuples[0].sources, NAT_SOURCES_MOST);
	assert_int_equal(nat.tuples[0].others, (SOURCES - NAT_SOURCES_MOST) * EACH);
	for (size_t i = 0; i < nat.source_count; i++)
		assert_int_equal(nat.sources[i].ports.count, EACH);
	nat_free(&nat);
}

TEST(a_range_may_stand_upside_down_but_not_begin_at_zero)
{
	struct nat_rule rule = { .netns = 0 };

	nat_rule_set_ports(&rule, 2000, 1000);
	assert_int_equal(rule.ports.first, 1000);
	assert_int_equal(rule.ports.last, 2000);
	assert_false(rule.ports_unread);
	nat_rule_set_ports(&rule, 0, 1000);
	assert_true(rule.ports_unread);
}

SUITE(nat, cmocka_unit_test(connections_of_one_nat_address_to_one_destination_are_a_tuple),
      cmocka_unit_test(connections_that_differ_otherwise_are_tuples_of_their_own),
      cmocka_unit_test(an_entry_that_comes_twice_counts_once),
      cmocka_unit_test(what_leaves_as_it_was_made_only_counts_where_there_is_nat),
      cmocka_unit_test(another_port_alone_is_a_changed_source),
      cmocka_unit_test(ports_of_connections_that_are_over_rest),
      cmocka_unit_test(sources_are_told_apart_by_address_and_by_what_they_asked_for),
      cmocka_unit_test(of_many_sources_the_first_are_kept_and_the_others_counted),
      cmocka_unit_test(a_range_may_stand_upside_down_but_not_begin_at_zero), );
