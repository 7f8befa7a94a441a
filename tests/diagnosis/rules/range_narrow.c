#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "range_narrow";

/* A machine with a connection and that many ports from 10000 on. */
static struct snapshot machine_with(unsigned ports)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range =
		(struct port_range){ 10000, (uint16_t)(10000 + ports - 1) };
	hold(&machine, .first = 10000, .count = 1, .pid = 812, .kind = CONNECT_OWNED);
	return machine;
}

static bool is_remarked(struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	bool remarked = remark_of(&diagnosis, rule);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(machine, &diagnosis);
	return remarked;
}

TEST(fewer_ports_than_iana_sets_aside_are_narrow)
{
	struct snapshot below = machine_with(16383), at = machine_with(16384);

	assert_true(is_remarked(&below));
	assert_false(is_remarked(&at));
}

TEST(reserved_ports_make_it_narrower)
{
	struct snapshot machine = machine_with(16384);

	port_set_add(&machine.namespaces[0].settings.reserved, 10005);
	assert_true(is_remarked(&machine));
}

TEST(who_opens_no_connection_needs_no_ports)
{
	struct snapshot machine = machine_new();

	assert_false(is_remarked(&machine));
}

TEST(the_remark_says_what_a_wider_range_gives)
{
	struct snapshot machine = machine_with(100);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *remark = remark_of(&diagnosis, rule);
	const struct remedy *wider = remedy_with(remark, "widen");

	assert_int_equal(evidence_of(remark, "eligible"), 100);
	assert_non_null(wider);
	assert_int_equal(wider->room_after_min, 64512);
	machine_end(&machine, &diagnosis);
}

SUITE(range_narrow, cmocka_unit_test(fewer_ports_than_iana_sets_aside_are_narrow),
      cmocka_unit_test(reserved_ports_make_it_narrower),
      cmocka_unit_test(who_opens_no_connection_needs_no_ports),
      cmocka_unit_test(the_remark_says_what_a_wider_range_gives));
