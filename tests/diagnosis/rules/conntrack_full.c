#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "conntrack_full";

static struct snapshot with_table(struct netns_conntrack table)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].conntrack = table;
	return machine;
}

static enum severity severity_with(struct netns_conntrack table)
{
	struct snapshot machine = with_table(table);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

#define severity(...) severity_with((struct netns_conntrack){ __VA_ARGS__ })

TEST(nine_tenths_of_the_table_are_a_warning)
{
	assert_int_equal(severity(.entries = 899, .limit = 1000), SEVERITY_OK);
	assert_int_equal(severity(.entries = 900, .limit = 1000), SEVERITY_WARNING);
	assert_int_equal(severity(.entries = 979, .limit = 1000), SEVERITY_WARNING);
}

TEST(a_full_table_is_critical)
{
	assert_int_equal(severity(.entries = 980, .limit = 1000), SEVERITY_CRITICAL);
	assert_int_equal(severity(.entries = 1001, .limit = 1000), SEVERITY_CRITICAL);
}

TEST(a_table_that_has_dropped_is_critical_a_little_earlier)
{
	assert_int_equal(severity(.entries = 949, .limit = 1000, .drops = 5),
			 SEVERITY_WARNING);
	assert_int_equal(severity(.entries = 950, .limit = 1000, .drops = 5),
			 SEVERITY_CRITICAL);
}

TEST(packets_that_clashed_were_not_dropped_for_want_of_an_entry)
{
	assert_int_equal(
		severity(.entries = 950, .limit = 1000, .drops = 5, .insert_failed = 5),
		SEVERITY_WARNING);
	assert_int_equal(
		severity(.entries = 950, .limit = 1000, .drops = 6, .insert_failed = 5),
		SEVERITY_CRITICAL);
}

TEST(without_a_limit_or_a_reading_there_is_no_finding)
{
	assert_int_equal(severity(.entries = 5000), SEVERITY_OK);
	assert_int_equal(severity(.entries = -1, .limit = -1), SEVERITY_OK);
	assert_int_equal(severity(.entries = -1, .limit = 1000), SEVERITY_OK);
	assert_int_equal(severity(.entries = 980, .limit = 1000, .drops = -1,
				  .insert_failed = -1, .early_drops = -1),
			 SEVERITY_CRITICAL);
}

TEST(old_drops_with_room_in_the_table_are_history)
{
	struct snapshot machine =
		with_table((struct netns_conntrack){ 10, 1000, 5000, 20, 300 });
	struct diagnosis diagnosis = judge(&machine);

	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_null(remark_of(&diagnosis, rule));
	machine_end(&machine, &diagnosis);
}

TEST(a_full_table_says_what_callers_see_and_what_was_dropped)
{
	struct snapshot machine =
		with_table((struct netns_conntrack){ 1000, 1000, 29, 2, 4000 });
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_int_equal(evidence_of(finding, "entries"), 1000);
	assert_int_equal(evidence_of(finding, "limit"), 1000);
	assert_int_equal(evidence_of(finding, "dropped_when_full"), 27);
	assert_int_equal(evidence_of(finding, "early_drops"), 4000);
	assert_non_null(strstr(finding->title, "dropped"));
	assert_non_null(strstr(finding->reason, "EPERM"));
	assert_non_null(strstr(finding->reason, "27 packets"));
	assert_non_null(remedy_with(finding, "do not track"));
	assert_true(is_useless(finding, "ip_local_port_range"));
	machine_end(&machine, &diagnosis);
}

TEST(the_limit_is_raised_where_it_can_be)
{
	struct snapshot machine = with_table((struct netns_conntrack){ 1000, 1000, 0, 0, 0 });
	struct diagnosis diagnosis;

	machine.namespaces[0].kind = NETNS_NAMED;
	machine.namespaces[0].enter = "/run/netns/blue";
	diagnosis = judge(&machine);
	assert_string_equal(
		remedy_with(finding_of(&diagnosis, rule), "nf_conntrack_max")->command,
		"nsenter --net=/proc/1/ns/net sysctl -w net.netfilter.nf_conntrack_max=2000");
	assert_non_null(
		strstr(remedy_with(finding_of(&diagnosis, rule), "shorter time")->command,
		       "nsenter --net=/run/netns/blue sysctl -w "));
	diagnosis_free(&diagnosis);
	machine.namespaces[0].kind = NETNS_HOST;
	machine.namespaces[0].enter = NULL;
	diagnosis = judge(&machine);
	assert_string_equal(
		remedy_with(finding_of(&diagnosis, rule), "nf_conntrack_max")->command,
		"sysctl -w net.netfilter.nf_conntrack_max=2000");
	machine_end(&machine, &diagnosis);
}

static bool is_remarked(int64_t entries, int64_t clashes)
{
	struct snapshot machine =
		with_table((struct netns_conntrack){ entries, 1000, clashes, clashes, 0 });
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *remark = remark_of(&diagnosis, rule);
	bool remarked = remark;

	assert_true(!remarked || strstr(remark->reason, "NAT"));
	assert_true(!remarked || !diagnosis.finding_count);
	machine_end(&machine, &diagnosis);
	return remarked;
}

TEST(many_clashes_with_room_in_the_table_are_remarked)
{
	assert_false(is_remarked(10, 99));
	assert_true(is_remarked(10, 100));
	assert_true(is_remarked(899, 100));
	assert_false(is_remarked(900, 100)); /* there is a finding then */
}

TEST(a_full_table_belongs_to_its_namespace)
{
	struct snapshot machine = machine_new();
	uint32_t other = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	machine.namespaces[other].conntrack = (struct netns_conntrack){ 1000, 1000, 0, 0, 0 };
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, rule)->netns, other);
	machine_end(&machine, &diagnosis);
}

SUITE(conntrack_full, cmocka_unit_test(nine_tenths_of_the_table_are_a_warning),
      cmocka_unit_test(a_full_table_is_critical),
      cmocka_unit_test(a_table_that_has_dropped_is_critical_a_little_earlier),
      cmocka_unit_test(packets_that_clashed_were_not_dropped_for_want_of_an_entry),
      cmocka_unit_test(without_a_limit_or_a_reading_there_is_no_finding),
      cmocka_unit_test(old_drops_with_room_in_the_table_are_history),
      cmocka_unit_test(a_full_table_says_what_callers_see_and_what_was_dropped),
      cmocka_unit_test(the_limit_is_raised_where_it_can_be),
      cmocka_unit_test(many_clashes_with_room_in_the_table_are_remarked),
      cmocka_unit_test(a_full_table_belongs_to_its_namespace), );
