#include "diagnosis/machine.h"

#include <stdio.h>

static const char rule[] = "range_odd";

static const char *command_for(struct snapshot *machine, uint16_t first, uint16_t last)
{
	static char command[160];
	struct diagnosis diagnosis;
	const struct finding *remark;

	machine->namespaces[0].settings.range = (struct port_range){ first, last };
	diagnosis = judge(machine);
	remark = remark_of(&diagnosis, rule);
	snprintf(command, sizeof command, "%s", remark ? remark->remedies[0].command : "");
	assert_int_equal(diagnosis.finding_count, 0);
	diagnosis_free(&diagnosis);
	return remark ? command : NULL;
}

TEST(an_odd_size_is_worth_a_remark_and_an_even_one_is_not)
{
	struct snapshot machine = machine_new();

	assert_null(command_for(&machine, 40000, 40099));
	assert_null(command_for(&machine, 40001, 40100));
	assert_string_equal(command_for(&machine, 40000, 40098),
			    "sysctl -w net.ipv4.ip_local_port_range='40000 40097'");
	assert_string_equal(command_for(&machine, 1025, 65535),
			    "sysctl -w net.ipv4.ip_local_port_range='1025 65534'");
	snapshot_free(&machine);
}

TEST(a_range_of_one_port_is_not_made_smaller)
{
	struct snapshot machine = machine_new();

	assert_null(command_for(&machine, 40000, 40000));
	snapshot_free(&machine);
}

SUITE(range_odd, cmocka_unit_test(an_odd_size_is_worth_a_remark_and_an_even_one_is_not),
      cmocka_unit_test(a_range_of_one_port_is_not_made_smaller));
