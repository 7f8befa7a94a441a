#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "snat_full";

/* A hundred NAT ports, so many of them in use. */
static struct snapshot with_used(unsigned used)
{
	struct snapshot machine = machine_new();

	masquerade(&machine, .ports = { 50000, 50099 }, .chain = "ip nat post");
	nat_through(&machine, .count = used);
	return machine;
}

static enum severity severity_with(unsigned used)
{
	struct snapshot machine = with_used(used);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(few_nat_ports_left_are_judged_as_few_ports)
{
	assert_int_equal(severity_with(79), SEVERITY_OK);
	assert_int_equal(severity_with(80), SEVERITY_WARNING);
	assert_int_equal(severity_with(94), SEVERITY_WARNING);
	assert_int_equal(severity_with(95), SEVERITY_CRITICAL);
	assert_int_equal(severity_with(100), SEVERITY_CRITICAL);
}

TEST(a_full_range_says_where_who_and_what_callers_see)
{
	struct snapshot machine = with_used(100);
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine.namespaces[0].conntrack = (struct netns_conntrack){
		.entries = 100, .limit = 1000, .drops = 12, .insert_failed = 12
	};
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_string_equal(finding->subject, "source NAT tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_non_null(strstr(finding->title, "100 of 100 NAT ports used"));
	assert_non_null(strstr(finding->title, "dropped"));
	assert_non_null(
		strstr(finding->reason, "50000-50099, by a rule in chain ip nat post"));
	assert_non_null(strstr(finding->reason, "12 packets were dropped"));
	assert_int_equal(evidence_of(finding, "room_max"), 0);
	assert_int_equal(evidence_of(finding, "used"), 100);
	assert_int_equal(evidence_of(finding, "insert_failed"), 12);
	assert_int_equal(finding->culprit, -1);
	assert_int_equal(finding->share_count, 1);
	assert_true(is_useless(finding, "ip_local_port_range"));
	machine_end(&machine, &diagnosis);
}

TEST(the_process_that_has_most_of_them_is_blamed)
{
	struct snapshot machine = with_used(100);
	uint32_t client = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	assert_true(address_parse("10.1.0.2", &machine.namespaces[client].local_addresses[0]));
	machine.namespaces[client].settings.range = (struct port_range){ 30000, 60000 };
	hold(&machine, .netns = client, .local = "10.1.0.2", .count = 60, .pid = 7);
	diagnosis = judge(&machine);
	assert_int_equal(culprit_pid(&diagnosis, finding_of(&diagnosis, rule)), 7);
	diagnosis_free(&diagnosis);
	/* Another machine has more. */
	nat_through(&machine, .from = "10.1.0.99", .destination = "10.0.9.9:80", .count = 60);
	nat_through(&machine, .destination = "10.0.9.9:80", .first = 50060, .count = 40);
	hold(&machine, .netns = client, .local = "10.1.0.2", .remote = "10.0.9.9:80",
	     .count = 40, .pid = 7);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(culprit_pid(&diagnosis, &diagnosis.findings[i]),
				 strstr(diagnosis.findings[i].subject, "10.0.9.9") ? 0 : 7);
	machine_end(&machine, &diagnosis);
}

TEST(remedies_promise_what_the_model_gives)
{
	struct snapshot machine = with_used(100);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);
	const struct remedy *wider = remedy_with(finding, "wider range");
	const struct remedy *more = remedy_with(finding, "more addresses");
	const struct remedy *second = remedy_with(finding, "second address");

	assert_int_equal(wider->room_before, 0);
	assert_int_equal(wider->room_after_min, 64512 - 100);
	assert_int_equal(wider->room_after_max, 64512 - 100);
	assert_string_equal(wider->command, "nft -a list chain ip nat post");
	/* A client may stay at the full address. */
	assert_int_equal(more->room_after_min, 0);
	assert_int_equal(more->room_after_max, 100);
	assert_int_equal(second->room_after_min, 100);
	assert_null(remedy_with(finding, "are over"));
	machine_end(&machine, &diagnosis);
}

/* Whoever may name a chain may not write what is pasted into a root shell. */
TEST(a_chain_with_a_strange_name_is_not_pasted)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .ports = { 50000, 50009 }, .chain = "ip nat $(reboot)");
	nat_through(&machine, .count = 10);
	diagnosis = judge(&machine);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "wider range")->command);
	machine_end(&machine, &diagnosis);
}

TEST(without_a_rule_that_names_a_range_none_can_be_widened)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .netns = 0);
	nat_through(&machine, .first = 600, .count = 424);
	diagnosis = judge(&machine);
	assert_non_null(strstr(finding_of(&diagnosis, rule)->reason, "no rule names a range"));
	assert_null(remedy_with(finding_of(&diagnosis, rule), "wider range"));
	machine_end(&machine, &diagnosis);
}

TEST(entries_of_closed_connections_can_be_dropped_and_kept_for_a_shorter_time)
{
	struct snapshot machine = with_used(60);
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine.nat.takeover = NAT_TAKEOVER_NO;
	machine.namespaces[0].conntrack.time_wait_s = 120;
	nat_through(&machine, .first = 50060, .count = 40, .state = NAT_TIME_WAIT);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(finding->severity, SEVERITY_CRITICAL);
	assert_int_equal(remedy_with(finding, "are over")->room_after_min, 40);
	assert_int_equal(remedy_with(finding, "are over")->room_after_max, 40);
	assert_string_equal(remedy_with(finding, "are over")->command,
			    "conntrack -D -p tcp --state TIME_WAIT --reply-src 10.0.9.1 "
			    "--reply-dst 10.0.0.1 --reply-port-src 5432");
	assert_non_null(strstr(remedy_with(finding, "30 s instead of 120 s")->command,
			       "nf_conntrack_tcp_timeout_time_wait=30"));
	diagnosis_free(&diagnosis);
	machine.namespaces[0].conntrack.time_wait_s = 30;
	diagnosis = judge(&machine);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "instead of"));
	machine_end(&machine, &diagnosis);
}

TEST(a_kernel_that_gives_resting_ports_away_has_room)
{
	struct snapshot machine = with_used(20);

	nat_through(&machine, .first = 50020, .count = 80, .state = NAT_TIME_WAIT);
	machine.nat.takeover = NAT_TAKEOVER_NO;
	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	machine.nat.takeover = NAT_TAKEOVER_YES;
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	machine.nat.takeover = NAT_TAKEOVER_UNKNOWN;
	assert_int_equal(severity_by(&machine, rule), SEVERITY_UNKNOWN);
	snapshot_free(&machine);
}

TEST(of_many_ports_packets_are_lost_before_the_last_is_used)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .ports = { 50000, 50999 });
	nat_through(&machine, .count = 900);
	diagnosis = judge(&machine);
	assert_non_null(strstr(finding_of(&diagnosis, rule)->reason,
			       "about 498 of 1,000 first packets"));
	machine_end(&machine, &diagnosis);
	/* These are looked at whole. */
	machine = with_used(99);
	diagnosis = judge(&machine);
	assert_null(strstr(finding_of(&diagnosis, rule)->reason, "first packets"));
	machine_end(&machine, &diagnosis);
}

TEST(of_what_is_not_known_there_is_no_finding)
{
	struct snapshot machine = machine_new();

	nat_through(&machine, .count = 100);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(two_ranges_that_are_possible_are_both_named)
{
	struct snapshot machine = with_used(100);
	struct diagnosis diagnosis;

	masquerade(&machine, .ports = { 50000, 50999 });
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, rule)->severity, SEVERITY_UNKNOWN);
	assert_non_null(strstr(finding_of(&diagnosis, rule)->title, "of 100 or of 1,000"));
	machine_end(&machine, &diagnosis);
}

static bool is_remarked(int64_t clashes, bool read, int64_t entries)
{
	struct snapshot machine = with_used(10);
	struct diagnosis diagnosis;
	bool remarked, by_other;

	machine.namespaces[0].nat_read = read;
	machine.namespaces[0].conntrack = (struct netns_conntrack){
		.entries = entries, .limit = 1000, .drops = clashes, .insert_failed = clashes
	};
	diagnosis = judge(&machine);
	remarked = remark_of(&diagnosis, rule);
	by_other = remark_of(&diagnosis, "conntrack_full");
	/* Who knows more speaks. */
	assert_true(!remarked || !by_other);
	assert_true(read || clashes < 100 || by_other);
	machine_end(&machine, &diagnosis);
	return remarked;
}

TEST(many_clashes_without_a_full_range_are_remarked)
{
	assert_false(is_remarked(99, true, 10));
	assert_true(is_remarked(100, true, 10));
	assert_false(is_remarked(100, false, 10));
	assert_true(is_remarked(100, true, 899));
	assert_false(is_remarked(100, true, 900)); /* the table is what is full */
}

TEST(where_ports_are_not_known_clashes_are_not_said_to_be_over)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	masquerade(&machine, .ports_unread = true);
	nat_through(&machine, .count = 10);
	machine.namespaces[0].nat_read = true;
	machine.namespaces[0].conntrack = (struct netns_conntrack){
		.entries = 10, .limit = 1000, .drops = 500, .insert_failed = 500
	};
	diagnosis = judge(&machine);
	assert_non_null(strstr(remark_of(&diagnosis, rule)->reason, "may be out of ports"));
	machine_end(&machine, &diagnosis);
}

TEST(clashes_of_a_full_range_are_not_remarked_as_well)
{
	struct snapshot machine = with_used(100);
	struct diagnosis diagnosis;

	machine.namespaces[0].conntrack = (struct netns_conntrack){
		.entries = 100, .limit = 1000, .drops = 5000, .insert_failed = 5000
	};
	diagnosis = judge(&machine);
	assert_non_null(finding_of(&diagnosis, rule));
	assert_null(remark_of(&diagnosis, rule));
	assert_null(remark_of(&diagnosis, "conntrack_full"));
	machine_end(&machine, &diagnosis);
}

SUITE(snat_full, cmocka_unit_test(few_nat_ports_left_are_judged_as_few_ports),
      cmocka_unit_test(a_full_range_says_where_who_and_what_callers_see),
      cmocka_unit_test(the_process_that_has_most_of_them_is_blamed),
      cmocka_unit_test(remedies_promise_what_the_model_gives),
      cmocka_unit_test(a_chain_with_a_strange_name_is_not_pasted),
      cmocka_unit_test(without_a_rule_that_names_a_range_none_can_be_widened),
      cmocka_unit_test(
	      entries_of_closed_connections_can_be_dropped_and_kept_for_a_shorter_time),
      cmocka_unit_test(a_kernel_that_gives_resting_ports_away_has_room),
      cmocka_unit_test(of_many_ports_packets_are_lost_before_the_last_is_used),
      cmocka_unit_test(of_what_is_not_known_there_is_no_finding),
      cmocka_unit_test(two_ranges_that_are_possible_are_both_named),
      cmocka_unit_test(many_clashes_without_a_full_range_are_remarked),
      cmocka_unit_test(where_ports_are_not_known_clashes_are_not_said_to_be_over),
      cmocka_unit_test(clashes_of_a_full_range_are_not_remarked_as_well), );
