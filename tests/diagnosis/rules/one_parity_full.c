#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "one_parity_full";

/* Every other port of a range of so many from 40000 on, the first of them included, but `left`. */
static struct snapshot with_even_ports_taken(unsigned range, unsigned left,
					     enum socket_state state, enum port_kind kind)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range.last = (uint16_t)(40000 + range - 1);
	for (unsigned port = 40000 + 2 * left; port < 40000 + range; port += 2)
		hold(&machine, .first = (uint16_t)port, .state = state, .kind = kind,
		     .pid = 812);
	return machine;
}

static const struct finding *remark_on(const struct snapshot *machine,
				       struct diagnosis *diagnosis)
{
	*diagnosis = judge(machine);
	assert_null(finding_of(diagnosis, rule));
	return remark_of(diagnosis, rule);
}

static bool is_remarked(unsigned range, unsigned left)
{
	struct snapshot machine =
		with_even_ports_taken(range, left, SOCKET_ESTABLISHED, CONNECT_OWNED);
	struct diagnosis diagnosis;
	bool remarked = remark_on(&machine, &diagnosis);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
	return remarked;
}

TEST(a_small_range_is_walked_quickly)
{
	assert_false(is_remarked(100, 0));
	assert_false(is_remarked(1998, 0));
	assert_true(is_remarked(2000, 0));
}

TEST(a_few_that_are_left_make_it_fast_again)
{
	assert_true(is_remarked(20000, 0));
	assert_true(is_remarked(20000, 9));
	assert_false(is_remarked(20000, 10));
	assert_false(is_remarked(20000, 5000));
}

TEST(the_remark_tells_how_many_are_examined_in_vain)
{
	struct snapshot machine =
		with_even_ports_taken(20000, 0, SOCKET_ESTABLISHED, CONNECT_OWNED);
	struct diagnosis diagnosis;
	const struct finding *remark = remark_on(&machine, &diagnosis);

	assert_string_equal(remark->subject, "tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_int_equal(evidence_of(remark, "preferred"), 10000);
	assert_int_equal(evidence_of(remark, "preferred_left"), 0);
	assert_int_equal(evidence_of(remark, "examined"), 10000);
	assert_int_equal(evidence_of(remark, "room_min"), 10000);
	assert_non_null(strstr(remark->reason, "even ports first, and 0 of 10,000"));
	machine_end(&machine, &diagnosis);
}

TEST(what_counts_is_the_parity_of_the_ranges_first)
{
	struct snapshot machine =
		with_even_ports_taken(20002, 0, SOCKET_ESTABLISHED, CONNECT_OWNED);
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range.first = 40001;
	assert_null(remark_on(&machine, &diagnosis));
	machine_end(&machine, &diagnosis);
}

TEST(bound_ports_make_it_slow_for_every_destination)
{
	struct snapshot machine = with_even_ports_taken(20000, 0, SOCKET_LISTEN, KIND_UNKNOWN);
	struct diagnosis diagnosis;
	const struct finding *remark = remark_on(&machine, &diagnosis);

	assert_string_equal(remark->subject, "tcp to any destination");
	assert_int_equal(evidence_of(remark, "examined"), 10000);
	machine_end(&machine, &diagnosis);
}

TEST(reserved_ports_are_passed_over_without_a_look)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range.last = 59999;
	for (unsigned port = 40000; port < 60000; port += 2)
		port_set_add(&machine.namespaces[0].settings.reserved, (uint16_t)port);
	hold(&machine, .first = 40001, .pid = 812);
	assert_null(remark_on(&machine, &diagnosis));
	machine_end(&machine, &diagnosis);
}

TEST(time_wait_that_can_be_reused_is_left)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range.last = 59999;
	machine.namespaces[0].settings.tw_reuse = 1;
	for (unsigned port = 40000; port < 60000; port += 2)
		hold(&machine, .first = (uint16_t)port, .state = SOCKET_TIME_WAIT,
		     .remote = "10.0.0.1:80");
	assert_null(remark_on(&machine, &diagnosis));
	machine_end(&machine, &diagnosis);
}

TEST(a_full_destination_is_not_called_slow)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range.last = 59999;
	hold(&machine, .count = 20000, .pid = 812);
	diagnosis = judge(&machine);
	assert_null(remark_of(&diagnosis, rule));
	machine_end(&machine, &diagnosis);
}

TEST(a_program_with_a_range_of_its_own_walks_port_by_port)
{
	struct snapshot machine =
		with_even_ports_taken(20000, 0, SOCKET_ESTABLISHED, CONNECT_OWNED);
	struct process *process = machine_process(&machine, 812);
	struct diagnosis diagnosis;

	process->sampled_sockets = process->ranged_sockets = 4;
	process->own_range = (struct port_range){ 40000, 59999 };
	assert_null(remark_on(&machine, &diagnosis));
	machine_end(&machine, &diagnosis);
}

SUITE(one_parity_full, cmocka_unit_test(a_small_range_is_walked_quickly),
      cmocka_unit_test(a_few_that_are_left_make_it_fast_again),
      cmocka_unit_test(the_remark_tells_how_many_are_examined_in_vain),
      cmocka_unit_test(what_counts_is_the_parity_of_the_ranges_first),
      cmocka_unit_test(bound_ports_make_it_slow_for_every_destination),
      cmocka_unit_test(reserved_ports_are_passed_over_without_a_look),
      cmocka_unit_test(time_wait_that_can_be_reused_is_left),
      cmocka_unit_test(a_full_destination_is_not_called_slow),
      cmocka_unit_test(a_program_with_a_range_of_its_own_walks_port_by_port), );
