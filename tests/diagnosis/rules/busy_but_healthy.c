#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "busy_but_healthy";

/* Connections over that many ports, half of them to each of two destinations. */
static struct snapshot busy(unsigned ports)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = ports / 2, .remote = "10.0.9.1:1", .pid = 812);
	hold(&machine, .first = (uint16_t)(40000 + ports / 2), .count = ports - ports / 2,
	     .remote = "10.0.9.1:2", .pid = 812);
	return machine;
}

static bool is_remarked(const struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	bool remarked = remark_of(&diagnosis, rule);

	assert_null(finding_of(&diagnosis, rule));
	diagnosis_free(&diagnosis);
	return remarked;
}

TEST(half_of_the_ports_in_use_are_worth_a_remark_and_fewer_are_not)
{
	struct snapshot below = busy(49), at = busy(50);

	assert_false(is_remarked(&below));
	assert_true(is_remarked(&at));
	snapshot_free(&below);
	snapshot_free(&at);
}

TEST(a_remark_leaves_the_verdict_ok)
{
	struct snapshot machine = busy(100);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *remark = remark_of(&diagnosis, rule);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_int_equal(diagnosis.finding_count, 0);
	assert_int_equal(remark->severity, SEVERITY_OK);
	assert_int_equal(culprit_pid(&diagnosis, remark), 0);
	assert_int_equal(evidence_of(remark, "connections"), 100);
	assert_int_equal(evidence_of(remark, "ports"), 100);
	assert_non_null(strstr(remark->reason, "50 ports left"));
	machine_end(&machine, &diagnosis);
}

TEST(a_port_used_towards_two_destinations_counts_once)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 49, .remote = "10.0.9.1:1");
	hold(&machine, .count = 49, .remote = "10.0.9.1:2");
	assert_false(is_remarked(&machine));
	hold(&machine, .first = 40049, .remote = "10.0.9.1:2");
	assert_true(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(where_there_is_a_finding_nothing_is_called_healthy)
{
	struct snapshot machine = busy(100);

	hold(&machine, .count = 85, .remote = "10.0.9.1:3", .pid = 900);
	assert_int_equal(verdict_on(&machine), SEVERITY_WARNING);
	assert_false(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(a_finding_in_another_namespace_is_another_matter)
{
	struct snapshot machine = busy(100);
	uint32_t second = machine_add_netns(&machine);

	hold(&machine, .netns = second, .count = 100, .pid = 900);
	assert_true(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(a_busy_server_uses_no_ephemeral_ports)
{
	struct snapshot machine = machine_new();

	hold(&machine, .state = SOCKET_LISTEN, .first = 8080, .pid = 812);
	hold(&machine, .first = 8080, .each = 5000, .remote = "10.0.7.7:51000", .pid = 812);
	assert_false(is_remarked(&machine));
	snapshot_free(&machine);
}

SUITE(busy_but_healthy,
      cmocka_unit_test(half_of_the_ports_in_use_are_worth_a_remark_and_fewer_are_not),
      cmocka_unit_test(a_remark_leaves_the_verdict_ok),
      cmocka_unit_test(a_port_used_towards_two_destinations_counts_once),
      cmocka_unit_test(where_there_is_a_finding_nothing_is_called_healthy),
      cmocka_unit_test(a_finding_in_another_namespace_is_another_matter),
      cmocka_unit_test(a_busy_server_uses_no_ephemeral_ports), );
