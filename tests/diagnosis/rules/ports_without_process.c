#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "ports_without_process";

static bool is_remarked(const struct snapshot *machine)
{
	struct diagnosis diagnosis = judge(machine);
	bool remarked = remark_of(&diagnosis, rule);

	assert_null(finding_of(&diagnosis, rule));
	diagnosis_free(&diagnosis);
	return remarked;
}

static bool are_remarked(struct sockets sockets)
{
	struct snapshot machine = machine_new();
	bool remarked;

	machine_hold(&machine, &sockets);
	remarked = is_remarked(&machine);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
	return remarked;
}

#define remarked(...) are_remarked((struct sockets){ __VA_ARGS__ })

TEST(ten_ports_without_process_are_remarked_and_fewer_are_not)
{
	assert_false(remarked(.count = 9, .state = SOCKET_FIN_WAIT1));
	assert_true(remarked(.count = 10, .state = SOCKET_FIN_WAIT1));
	assert_false(remarked(.count = 9, .owner = OWNER_UNFOUND));
	assert_true(remarked(.count = 10, .owner = OWNER_UNFOUND));
}

TEST(in_a_wide_range_it_takes_a_twentieth)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 40999 };
	hold(&machine, .count = 49, .state = SOCKET_LAST_ACK);
	assert_false(is_remarked(&machine));
	hold(&machine, .first = 40049, .state = SOCKET_LAST_ACK);
	assert_true(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(time_wait_has_no_process_by_its_nature)
{
	assert_false(remarked(.count = 50, .state = SOCKET_TIME_WAIT, .kind = CONNECT_OWNED));
}

TEST(what_a_process_has_or_may_have_is_not_meant)
{
	assert_false(remarked(.count = 50, .pid = 812));
	assert_false(remarked(.count = 50, .owner = OWNER_HIDDEN));
}

TEST(ports_outside_the_range_and_of_clients_are_not_meant)
{
	struct snapshot machine = machine_new();

	hold(&machine, .first = 700, .count = 50, .owner = OWNER_UNFOUND);
	hold(&machine, .state = SOCKET_LISTEN, .first = 40050, .count = 20, .pid = 812);
	hold(&machine, .first = 40050, .count = 20, .state = SOCKET_FIN_WAIT2,
	     .remote = "10.0.7.7:51000");
	assert_false(is_remarked(&machine));
	snapshot_free(&machine);
}

TEST(udp_is_not_meant)
{
	assert_false(remarked(.protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
			      .count = 50, .owner = OWNER_UNFOUND, .local = "0.0.0.0"));
}

TEST(both_kinds_are_counted_and_a_port_of_both_once)
{
	struct snapshot machine = machine_new();
	const struct finding *remark;
	struct diagnosis diagnosis;

	hold(&machine, .count = 8, .state = SOCKET_FIN_WAIT1, .remote = "10.0.9.1:1");
	hold(&machine, .first = 40005, .count = 7, .owner = OWNER_UNFOUND,
	     .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	remark = remark_of(&diagnosis, rule);
	assert_int_equal(evidence_of(remark, "ports"), 12);
	assert_int_equal(evidence_of(remark, "orphans"), 8);
	assert_int_equal(evidence_of(remark, "unfound"), 7);
	assert_int_equal(remark->share_count, 2);
	assert_non_null(strstr(remark->title, "12 ports"));
	assert_non_null(strstr(remark->reason, "tcp_orphan_retries"));
	assert_non_null(strstr(remark->reason, "NFS"));
	machine_end(&machine, &diagnosis);
}

TEST(only_the_kind_there_is_is_explained)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 10, .state = SOCKET_CLOSING);
	diagnosis = judge(&machine);
	assert_null(strstr(remark_of(&diagnosis, rule)->reason, "NFS"));
	machine_end(&machine, &diagnosis);
}

TEST(each_namespace_is_counted_for_itself)
{
	struct snapshot machine = machine_new();
	uint32_t other = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	hold(&machine, .count = 6, .owner = OWNER_UNFOUND);
	hold(&machine, .netns = other, .count = 12, .owner = OWNER_UNFOUND);
	diagnosis = judge(&machine);
	assert_int_equal(remark_of(&diagnosis, rule)->netns, other);
	assert_int_equal(evidence_of(remark_of(&diagnosis, rule), "ports"), 12);
	machine_end(&machine, &diagnosis);
}

TEST(what_another_rule_has_found_is_not_said_again)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 85, .state = SOCKET_FIN_WAIT2);
	diagnosis = judge(&machine);
	assert_non_null(finding_of(&diagnosis, "fin_wait2_pileup"));
	assert_null(remark_of(&diagnosis, rule));
	diagnosis_free(&diagnosis);
	hold(&machine, .first = 40085, .count = 10, .owner = OWNER_UNFOUND);
	diagnosis = judge(&machine);
	assert_int_equal(evidence_of(remark_of(&diagnosis, rule), "unfound"), 10);
	assert_int_equal(evidence_of(remark_of(&diagnosis, rule), "orphans"), 0);
	machine_end(&machine, &diagnosis);
}

TEST(without_a_range_nothing_is_said)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	hold(&machine, .count = 50, .owner = OWNER_UNFOUND);
	assert_false(is_remarked(&machine));
	snapshot_free(&machine);
}

SUITE(ports_without_process,
      cmocka_unit_test(ten_ports_without_process_are_remarked_and_fewer_are_not),
      cmocka_unit_test(in_a_wide_range_it_takes_a_twentieth),
      cmocka_unit_test(time_wait_has_no_process_by_its_nature),
      cmocka_unit_test(what_a_process_has_or_may_have_is_not_meant),
      cmocka_unit_test(ports_outside_the_range_and_of_clients_are_not_meant),
      cmocka_unit_test(udp_is_not_meant),
      cmocka_unit_test(both_kinds_are_counted_and_a_port_of_both_once),
      cmocka_unit_test(only_the_kind_there_is_is_explained),
      cmocka_unit_test(each_namespace_is_counted_for_itself),
      cmocka_unit_test(what_another_rule_has_found_is_not_said_again),
      cmocka_unit_test(without_a_range_nothing_is_said), );
