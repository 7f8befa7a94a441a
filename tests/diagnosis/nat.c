#include "diagnosis/nat.h"

#include "diagnosis/machine.h"

#include <string.h>

static struct address address(const char *text)
{
	struct address address = { 0 };

	assert_that(address_parse(text, &address), "'%s' is no address", text);
	return address;
}

static struct nat_match match(const char *text, uint8_t bits)
{
	return (struct nat_match){ .address = address(text), .bits = bits };
}

static struct nat_match except(const char *text, uint8_t bits)
{
	struct nat_match match_of = match(text, bits);

	match_of.except = true;
	return match_of;
}

/* The use of that range; NULL if there is none. {0, 0}: the one that is not known. */
static const struct nat_use *use_of(const struct diagnosis *diagnosis, uint16_t first,
				    uint16_t last)
{
	for (size_t i = 0; i < diagnosis->nat_count; i++)
		if (diagnosis->nats[i].range.first == first &&
		    diagnosis->nats[i].range.last == last)
			return &diagnosis->nats[i];
	return NULL;
}

static void assert_use(const struct snapshot *machine, uint16_t first, uint16_t last,
		       unsigned used)
{
	struct diagnosis diagnosis = judge(machine);
	const struct nat_use *use = use_of(&diagnosis, first, last);
	const unsigned size = (unsigned)(last - first) + 1;

	assert_that(use, "nothing is said of %u to %u", first, last);
	assert_int_equal(use->used, used);
	assert_int_equal(use->least.eligible, size);
	assert_room(use->least, size - used);
	assert_room(use->most, size - used);
	diagnosis_free(&diagnosis);
}

static void assert_unknown(const struct snapshot *machine, unsigned used)
{
	struct diagnosis diagnosis = judge(machine);
	const struct nat_use *use = use_of(&diagnosis, 0, 0);

	assert_non_null(use);
	assert_int_equal(use->used, used);
	assert_false(use->least.known);
	assert_false(use->most.known);
	assert_int_equal(nat_severity(&diagnosis, use), SEVERITY_OK);
	diagnosis_free(&diagnosis);
}

static size_t count_uses(const struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	const size_t count = diagnosis.nat_count;

	diagnosis_free(&diagnosis);
	return count;
}

TEST(the_range_of_the_only_rule_is_what_there_is)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	nat_through(&machine, .count = 4);
	assert_use(&machine, 50000, 50009, 4);
	assert_int_equal(count_uses(&machine), 1);
	snapshot_free(&machine);
}

TEST(without_a_range_each_class_of_ports_is_on_its_own)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .netns = 0);
	nat_through(&machine, .first = 40000, .count = 5);
	assert_use(&machine, 1024, 65535, 5);
	assert_int_equal(count_uses(&machine), 1);
	nat_through(&machine, .first = 20, .count = 3);
	nat_through(&machine, .first = 700, .count = 2);
	assert_use(&machine, 1024, 65535, 5);
	assert_use(&machine, 1, 511, 3);
	assert_use(&machine, 600, 1023, 2);
	/* These are kept as they were made and stand in nobody's way. */
	nat_through(&machine, .first = 512, .count = 88);
	assert_use(&machine, 600, 1023, 2);
	assert_int_equal(count_uses(&machine), 3);
	snapshot_free(&machine);
}

TEST(rules_for_something_else_are_passed_over)
{
	const struct nat_rule others[] = {
		{ .netns = 1 },
		{ .udp = true },
		{ .family = FAMILY_IPV6 },
		{ .port = 443 },
		{ .first = address("192.0.2.1"), .last = address("192.0.2.9") },
		{ .destination = match("10.0.8.0", 24) },
		{ .destination = except("10.0.9.0", 24) },
		{ .source = match("10.1.0.128", 25) },
		{ .source = except("10.1.0.2", 32) },
		{ .source = match("fd01::", 16) },
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct snapshot machine = machine_new();

		machine_add_netns(&machine);
		masquerade(&machine, .ports = { 50000, 50009 });
		machine_nat_rule(&machine, others[i]);
		nat_through(&machine, .count = 4);
		assert_use(&machine, 50000, 50009, 4);
		assert_int_equal(count_uses(&machine), 1);
		snapshot_free(&machine);
	}
}

TEST(rules_that_may_be_meant_are_not_passed_over)
{
	const struct nat_rule others[] = {
		{ .family = FAMILY_IPV4 },
		{ .tcp = true },
		{ .port = 5432 },
		{ .first = address("10.0.0.1"), .last = address("10.0.0.9") },
		{ .destination = match("10.0.9.0", 24) },
		{ .destination = match("10.0.9.1", 32) },
		{ .destination = except("10.0.8.0", 24) },
		{ .source = match("10.1.0.0", 30) },
		{ .source = match("0.0.0.0", 0) },
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct snapshot machine = machine_new();
		struct diagnosis diagnosis;

		masquerade(&machine, .ports = { 50000, 50009 });
		machine_nat_rule(&machine, others[i]);
		nat_through(&machine, .count = 4);
		diagnosis = judge(&machine);
		assert_int_equal(diagnosis.nat_count, 1);
		assert_false(port_range_known(diagnosis.nats[0].range));
		assert_int_equal(diagnosis.nats[0].least.room_min, 6);
		assert_int_equal(diagnosis.nats[0].most.room_max, 64512 - 4);
		assert_non_null(diagnosis.nats[0].least.why_not_exact);
		machine_end(&machine, &diagnosis);
	}
}

TEST(ranges_apart_are_told_apart_by_the_ports_in_use)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	masquerade(&machine, .ports = { 60000, 60004 });
	nat_through(&machine, .count = 4);
	assert_use(&machine, 50000, 50009, 4);
	assert_int_equal(count_uses(&machine), 1);
	nat_through(&machine, .first = 60000, .count = 3);
	assert_use(&machine, 50000, 50009, 4);
	assert_use(&machine, 60000, 60004, 3);
	snapshot_free(&machine);
}

TEST(a_range_that_leaves_out_ports_in_use_is_not_the_one)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	masquerade(&machine, .ports = { 50000, 50099 });
	nat_through(&machine, .count = 4);
	nat_through(&machine, .first = 50050);
	assert_use(&machine, 50000, 50099, 5);
	assert_int_equal(count_uses(&machine), 1);
	snapshot_free(&machine);
}

/* Ten of ten by accident would be strange: whoever has the small range may be out of ports. */
TEST(a_full_range_remains_possible_although_others_have_ports_beside_it)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .ports = { 50000, 50009 });
	masquerade(&machine, .ports = { 50000, 50099 });
	nat_through(&machine, .count = 10);
	nat_through(&machine, .first = 50050);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.nat_count, 1);
	assert_int_equal(diagnosis.nats[0].least.room_min, 0);
	assert_int_equal(diagnosis.nats[0].most.room_max, 89);
	assert_int_equal(nat_severity(&diagnosis, &diagnosis.nats[0]), SEVERITY_UNKNOWN);
	machine_end(&machine, &diagnosis);
}

TEST(ranges_that_overlap_and_both_have_ports_of_their_own_are_an_interval)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .ports = { 50000, 50009 });
	masquerade(&machine, .ports = { 50005, 50099 });
	nat_through(&machine, .count = 2);
	nat_through(&machine, .first = 50050);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.nat_count, 1);
	assert_int_equal(diagnosis.nats[0].least.room_min, 8);
	assert_int_equal(diagnosis.nats[0].most.room_max, 94);
	machine_end(&machine, &diagnosis);
}

TEST(ports_that_no_rule_explains_are_of_an_unknown_number)
{
	struct snapshot machine = machine_new();

	nat_through(&machine, .count = 4);
	assert_unknown(&machine, 4);
	masquerade(&machine, .ports = { 60000, 60009 });
	assert_unknown(&machine, 4);
	assert_int_equal(count_uses(&machine), 1);
	nat_through(&machine, .first = 60000, .count = 2);
	assert_unknown(&machine, 4);
	assert_use(&machine, 60000, 60009, 2);
	snapshot_free(&machine);
}

TEST(a_rule_that_could_not_be_read_may_have_made_anything)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	masquerade(&machine, .ports_unread = true, .source = match("10.1.9.0", 24));
	nat_through(&machine, .count = 10);
	assert_use(&machine, 50000, 50009, 10);
	masquerade(&machine, .ports_unread = true);
	assert_unknown(&machine, 10);
	snapshot_free(&machine);
}

TEST(rules_that_were_not_all_read_leave_everything_open)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	nat_through(&machine, .count = 10);
	machine.namespaces[0].nat_rules_read = false;
	assert_unknown(&machine, 10);
	snapshot_free(&machine);
}

TEST(what_the_host_itself_makes_takes_ports_but_explains_no_rule)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	nat_through(&machine, .count = 4);
	nat_through(&machine, .from = "10.0.0.1", .first = 50007, .from_first = 50007);
	nat_through(&machine, .from = "10.0.0.1", .first = 30000, .from_first = 30000);
	assert_use(&machine, 50000, 50009, 5);
	assert_int_equal(count_uses(&machine), 1);
	snapshot_free(&machine);
}

TEST(where_only_the_host_itself_is_changed_its_ports_tell_the_range)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50009 });
	nat_through(&machine, .from = "10.0.0.1", .count = 10);
	assert_use(&machine, 50000, 50009, 10);
	snapshot_free(&machine);
}

static struct capacity room_of(enum nat_takeover takeover, uint16_t last, unsigned used,
			       unsigned resting)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	struct capacity room;

	machine.nat.takeover = takeover;
	masquerade(&machine, .ports = { 50000, last });
	if (used > resting)
		nat_through(&machine, .count = used - resting);
	nat_through(&machine, .first = (uint16_t)(50000 + used - resting), .count = resting,
		    .state = NAT_TIME_WAIT);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.nats[0].used, used);
	assert_int_equal(diagnosis.nats[0].resting, resting);
	room = diagnosis.nats[0].least;
	machine_end(&machine, &diagnosis);
	return room;
}

TEST(ports_of_connections_that_are_over_count_as_the_kernel_has_it)
{
	assert_room(room_of(NAT_TAKEOVER_NO, 50019, 18, 12), 2);
	assert_between(room_of(NAT_TAKEOVER_UNKNOWN, 50019, 18, 12), 2, 14);
	/* The last seven are a matter of luck. */
	assert_between(room_of(NAT_TAKEOVER_YES, 50019, 18, 12), 7, 14);
	assert_between(room_of(NAT_TAKEOVER_YES, 50019, 18, 7), 2, 9);
	/* Of more ports not all are tried: 26 of 100, 81 of 1,000. */
	assert_between(room_of(NAT_TAKEOVER_YES, 50099, 100, 100), 74, 100);
	assert_between(room_of(NAT_TAKEOVER_YES, 50999, 1000, 1000), 919, 1000);
}

static double miss(uint16_t last, uint16_t first_used, unsigned used)
{
	struct snapshot machine = machine_new();
	double chance;

	nat_through(&machine, .first = first_used, .count = used);
	chance = nat_miss(&machine.nat.tuples[0], (struct port_range){ 10000, last });
	snapshot_free(&machine);
	return chance;
}

static bool is_about(double chance, double wanted)
{
	return chance > wanted - 1e-9 && chance < wanted + 1e-9;
}

TEST(a_small_range_is_looked_at_whole)
{
	assert_true(is_about(miss(10127, 10000, 127), 0));
	assert_true(is_about(miss(10127, 10000, 128), 1));
}

/* From how many of 1,000 ports on the next 128, 64, 32 and 16 are taken. */
TEST(of_a_large_range_a_packet_misses_what_is_not_where_it_looks)
{
	assert_true(is_about(miss(10999, 10000, 1000), 1));
	assert_true(is_about(miss(10999, 10000, 900),
			     773.0 / 1000 * 837 / 1000 * 869 / 1000 * 885 / 1000));
	/* After the last port it goes on with the first: no matter where the gap is. */
	assert_true(is_about(miss(10999, 10100, 900), miss(10999, 10000, 900)));
	assert_true(is_about(miss(10999, 10000, 127), 0));
}

/* ---- who made them ---- */

static const struct share *shares_of(const struct diagnosis *diagnosis, size_t *count)
{
	assert_int_equal(diagnosis->nat_count, 1);
	*count = diagnosis->nats[0].share_count;
	return diagnosis->nats[0].shares;
}

static struct snapshot box_with_client(void)
{
	struct snapshot machine = machine_new();
	uint32_t client = machine_add_netns(&machine);

	machine.namespaces[client].local_addresses[0] = address("10.1.0.2");
	masquerade(&machine, .ports = { 50000, 50009 });
	return machine;
}

TEST(the_process_behind_the_address_is_found_by_its_ports)
{
	struct snapshot machine = box_with_client();
	struct diagnosis diagnosis;
	const struct share *shares;
	size_t count;

	nat_through(&machine, .count = 10);
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "10.0.9.1:5432", .count = 7,
	     .pid = 7);
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "10.0.9.1:5432",
	     .first = 40007, .count = 1, .pid = 8);
	/* Neither another port nor another destination is one of them. */
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "10.0.9.1:5432",
	     .first = 40050, .count = 30, .pid = 9);
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "10.0.9.2:5432", .count = 10,
	     .pid = 9);
	diagnosis = judge(&machine);
	shares = shares_of(&diagnosis, &count);
	assert_int_equal(count, 3);
	assert_int_equal(shares[0].ports, 7);
	assert_int_equal(machine.processes[shares[0].process].pid, 7);
	assert_int_equal(shares[1].ports, 2);
	assert_int_equal(shares[1].owner_kind, OWNER_NOBODY);
	assert_int_equal(shares[1].state, SOCKET_STATE_COUNT);
	assert_int_equal(machine.processes[shares[2].process].pid, 8);
	for (size_t i = 0; i < count; i++)
		assert_true(address_equal(
			&shares[i].from,
			&(struct address){ .family = FAMILY_IPV4, .bytes = { 10, 1, 0, 2 } }));
	machine_end(&machine, &diagnosis);
}

TEST(an_address_of_another_machine_is_all_that_is_known)
{
	struct snapshot machine = box_with_client();
	struct diagnosis diagnosis;
	const struct share *shares;
	size_t count;

	nat_through(&machine, .from = "10.1.0.77", .count = 10);
	diagnosis = judge(&machine);
	shares = shares_of(&diagnosis, &count);
	assert_int_equal(count, 1);
	assert_int_equal(shares[0].owner_kind, OWNER_UNFOUND);
	assert_int_equal(shares[0].state, SOCKET_STATE_COUNT);
	assert_int_equal(shares[0].ports, 10);
	machine_end(&machine, &diagnosis);
}

TEST(a_socket_shows_what_was_asked_for_not_where_it_went)
{
	struct snapshot machine = box_with_client();
	struct diagnosis diagnosis;
	const struct share *shares;
	size_t count;

	nat_through(&machine, .asked = "203.0.113.1:80", .count = 10);
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "203.0.113.1:80",
	     .count = 10, .pid = 7);
	diagnosis = judge(&machine);
	shares = shares_of(&diagnosis, &count);
	assert_int_equal(count, 1);
	assert_int_equal(shares[0].owner_kind, OWNER_PROCESS);
	machine_end(&machine, &diagnosis);
}

TEST(a_udp_socket_without_a_peer_is_found_by_its_port_alone)
{
	struct snapshot machine = box_with_client();
	struct diagnosis diagnosis;
	const struct share *shares;
	size_t count;

	nat_through(&machine, .protocol = PROTOCOL_UDP, .state = NAT_UNREPLIED, .count = 2);
	nat_through(&machine, .protocol = PROTOCOL_UDP, .state = NAT_UNREPLIED, .first = 50002,
		    .from_first = 40002, .from = "10.1.0.2");
	hold(&machine, .netns = 1, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "0.0.0.0", .count = 2, .pid = 7);
	hold(&machine, .netns = 1, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "10.1.0.2", .first = 40002, .pid = 8);
	diagnosis = judge(&machine);
	shares = shares_of(&diagnosis, &count);
	assert_int_equal(count, 2);
	assert_int_equal(machine.processes[shares[0].process].pid, 7);
	assert_int_equal(shares[0].ports, 2);
	assert_int_equal(machine.processes[shares[1].process].pid, 8);
	machine_end(&machine, &diagnosis);
}

TEST(tuples_have_their_own_makers)
{
	struct snapshot machine = box_with_client();
	struct diagnosis diagnosis;

	nat_through(&machine, .count = 5);
	nat_through(&machine, .destination = "10.0.9.2:443", .from = "10.1.0.9", .count = 3);
	hold(&machine, .netns = 1, .local = "10.1.0.2", .remote = "10.0.9.1:5432", .count = 5,
	     .pid = 7);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.nat_count, 2);
	/* The fuller is the first. */
	assert_int_equal(diagnosis.nats[0].used, 5);
	assert_int_equal(diagnosis.nats[0].share_count, 1);
	assert_int_equal(diagnosis.nats[0].shares[0].owner_kind, OWNER_PROCESS);
	assert_int_equal(diagnosis.nats[1].shares[0].owner_kind, OWNER_UNFOUND);
	machine_end(&machine, &diagnosis);
}

SUITE(nat, cmocka_unit_test(the_range_of_the_only_rule_is_what_there_is),
      cmocka_unit_test(without_a_range_each_class_of_ports_is_on_its_own),
      cmocka_unit_test(rules_for_something_else_are_passed_over),
      cmocka_unit_test(rules_that_may_be_meant_are_not_passed_over),
      cmocka_unit_test(ranges_apart_are_told_apart_by_the_ports_in_use),
      cmocka_unit_test(a_range_that_leaves_out_ports_in_use_is_not_the_one),
      cmocka_unit_test(a_full_range_remains_possible_although_others_have_ports_beside_it),
      cmocka_unit_test(ranges_that_overlap_and_both_have_ports_of_their_own_are_an_interval),
      cmocka_unit_test(ports_that_no_rule_explains_are_of_an_unknown_number),
      cmocka_unit_test(a_rule_that_could_not_be_read_may_have_made_anything),
      cmocka_unit_test(rules_that_were_not_all_read_leave_everything_open),
      cmocka_unit_test(what_the_host_itself_makes_takes_ports_but_explains_no_rule),
      cmocka_unit_test(where_only_the_host_itself_is_changed_its_ports_tell_the_range),
      cmocka_unit_test(ports_of_connections_that_are_over_count_as_the_kernel_has_it),
      cmocka_unit_test(a_small_range_is_looked_at_whole),
      cmocka_unit_test(of_a_large_range_a_packet_misses_what_is_not_where_it_looks),
      cmocka_unit_test(the_process_behind_the_address_is_found_by_its_ports),
      cmocka_unit_test(an_address_of_another_machine_is_all_that_is_known),
      cmocka_unit_test(a_socket_shows_what_was_asked_for_not_where_it_went),
      cmocka_unit_test(a_udp_socket_without_a_peer_is_found_by_its_port_alone),
      cmocka_unit_test(tuples_have_their_own_makers), );
