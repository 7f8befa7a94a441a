#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "destination_full";

static enum severity with_connections(unsigned count)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	hold(&machine, .count = count, .pid = 812);
	severity = severity_by(&machine, rule);
	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(a_destination_with_more_than_a_fifth_left_is_ok)
{
	assert_int_equal(with_connections(1), SEVERITY_OK);
	assert_int_equal(with_connections(79), SEVERITY_OK);
}

TEST(a_destination_with_a_fifth_left_is_filling)
{
	assert_int_equal(with_connections(80), SEVERITY_WARNING);
	assert_int_equal(with_connections(94), SEVERITY_WARNING);
}

TEST(a_destination_with_a_twentieth_left_is_full)
{
	assert_int_equal(with_connections(95), SEVERITY_CRITICAL);
	assert_int_equal(with_connections(100), SEVERITY_CRITICAL);
}

TEST(a_full_destination_names_the_greatest_holder_and_the_numbers)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 20, .pid = 700);
	hold(&machine, .first = 40020, .count = 75, .pid = 812);
	hold(&machine, .first = 40095, .count = 2, .state = SOCKET_LISTEN, .pid = 900);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_string_equal(finding->subject, "tcp 10.0.0.1 -> 10.0.9.1:5432");
	assert_non_null(strstr(finding->title, "3 ports left"));
	assert_non_null(strstr(finding->reason, "app, pid 812"));
	assert_int_equal(evidence_of(finding, "room_min"), 3);
	assert_int_equal(evidence_of(finding, "room_max"), 3);
	assert_int_equal(evidence_of(finding, "eligible"), 100);
	assert_int_equal(evidence_of(finding, "busy"), 95);
	assert_int_equal(evidence_of(finding, "blocked_by_bind"), 2);
	assert_int_equal(finding->share_count, 2);
	assert_int_equal(finding->shares[0].ports, 75);
	machine_end(&machine, &diagnosis);
}

TEST(with_no_room_the_title_names_the_error)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812);
	diagnosis = judge(&machine);
	assert_non_null(strstr(finding_of(&diagnosis, rule)->title, "no room"));
	assert_non_null(strstr(finding_of(&diagnosis, rule)->title, "EADDRNOTAVAIL"));
	machine_end(&machine, &diagnosis);
}

TEST(an_ipv6_destination_is_written_in_brackets)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .local = "2001:db8::1", .remote = "[2001:db8::9]:443",
	     .pid = 812);
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, rule)->subject,
			    "tcp 2001:db8::1 -> [2001:db8::9]:443");
	machine_end(&machine, &diagnosis);
}

TEST(remedies_of_a_full_destination_tell_the_room_they_would_give)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine_process(&machine, 812)->unit = "web.service";
	hold(&machine, .count = 90, .pid = 812);
	hold(&machine, .first = 40090, .count = 10, .pid = 900);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	for (size_t i = 0; i < finding->remedy_count; i++)
		assert_int_equal(finding->remedies[i].room_before, 0);
	assert_int_equal(remedy_with(finding, "second source address")->room_after_min, 100);
	assert_int_equal(remedy_with(finding, "widen")->room_after_min, 64512 - 100);
	assert_int_equal(remedy_with(finding, "restart")->room_after_min, 90);
	assert_string_equal(remedy_with(finding, "restart")->command,
			    "systemctl restart web.service");
	/* How many could be done without cannot be told. */
	assert_int_equal(remedy_with(finding, "fewer")->room_after_min, -1);
	assert_true(is_useless(finding, "tcp_tw_reuse"));
	assert_true(is_useless(finding, "SO_REUSEADDR"));
	machine_end(&machine, &diagnosis);
}

static void assert_ended_by(struct process change, const char *command)
{
	struct snapshot machine = machine_new();
	struct process *process;
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812);
	process = machine_process(&machine, 812);
	process->unit = change.unit;
	process->user_unit = change.user_unit;
	process->container = change.container;
	diagnosis = judge(&machine);
	assert_string_equal(remedy_with(finding_of(&diagnosis, rule), "restart")->command,
			    command);
	machine_end(&machine, &diagnosis);
}

TEST(a_service_is_restarted_and_any_other_process_ended_by_its_pid)
{
	assert_ended_by((struct process){ .unit = "web.service" },
			"systemctl restart web.service");
	assert_ended_by((struct process){ 0 }, "kill 812");
	assert_ended_by((struct process){ .unit = "session-3.scope" }, "kill 812");
	assert_ended_by((struct process){ .unit = "sync.service", .user_unit = true },
			"kill 812");
	assert_ended_by((struct process){ .unit = "docker.service", .container = "0123" },
			"kill 812");
}

TEST(the_widest_range_is_not_told_to_be_widened)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.range = (struct port_range){ 1024, 65535 };
	hold(&machine, .first = 1024, .count = 64512, .pid = 812);
	diagnosis = judge(&machine);
	assert_null(remedy_with(finding_of(&diagnosis, rule), "widen"));
	machine_end(&machine, &diagnosis);
}

static bool offers_to_drop(const char *reserved)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;
	bool offers;

	assert_true(port_set_parse(&machine.namespaces[0].settings.reserved, reserved));
	hold(&machine, .count = 90, .pid = 812);
	diagnosis = judge(&machine);
	offers = remedy_with(finding_of(&diagnosis, rule), "reservations");
	machine_end(&machine, &diagnosis);
	return offers;
}

TEST(reservations_are_to_be_dropped_if_they_are_a_tenth_of_the_range)
{
	assert_true(offers_to_drop("40090-40099"));
	assert_false(offers_to_drop("40091-40099"));
	assert_false(offers_to_drop("50000-50099"));
}

static const struct remedy *end_of(const struct diagnosis *diagnosis)
{
	return remedy_with(&diagnosis->findings[0], "restart");
}

/* By the time its connections have rested, what rests now is over. */
TEST(the_end_of_a_process_is_told_as_it_is_when_its_connections_have_rested)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .count = 60, .pid = 812);
	hold(&machine, .first = 40060, .count = 40, .state = SOCKET_TIME_WAIT);
	diagnosis = judge(&machine);
	assert_int_equal(end_of(&diagnosis)->room_after_min, 100);
	assert_non_null(strstr(end_of(&diagnosis)->risk, "60 s in TIME_WAIT"));
	machine_end(&machine, &diagnosis);
}

/* Those that the process has elsewhere keep nothing from this destination. */
TEST(what_does_not_rest_comes_back_at_once)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812, .state = SOCKET_SYN_SENT);
	hold(&machine, .count = 10, .pid = 812, .remote = "10.0.9.2:80");
	diagnosis = judge(&machine);
	assert_int_equal(end_of(&diagnosis)->room_after_min, 100);
	assert_null(strstr(end_of(&diagnosis)->risk, "TIME_WAIT"));
	machine_end(&machine, &diagnosis);
}

TEST(nobody_is_blamed_for_connections_without_a_process)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .state = SOCKET_LAST_ACK);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_null(remedy_with(finding, "restart"));
	assert_non_null(strstr(finding->reason, "no process"));
	machine_end(&machine, &diagnosis);
}

/* What no process holds and what no readable process holds are not the same. */
TEST(hidden_owners_are_not_called_gone)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .owner = OWNER_HIDDEN, .user = 33);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_null(strstr(finding->reason, "no process holds any more"));
	machine_end(&machine, &diagnosis);
}

TEST(states_with_a_cause_of_their_own_are_other_rules_findings)
{
	static const enum socket_state states[] = { SOCKET_TIME_WAIT, SOCKET_CLOSE_WAIT,
						    SOCKET_FIN_WAIT2, SOCKET_SYN_SENT };

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct snapshot machine = machine_new();

		hold(&machine, .count = 51, .state = states[i], .pid = 812);
		hold(&machine, .first = 40051, .count = 49, .pid = 812);
		assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
		assert_int_equal(verdict_on(&machine), SEVERITY_CRITICAL);
		snapshot_free(&machine);
	}
}

TEST(two_full_destinations_are_two_findings)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812, .remote = "10.0.9.1:1");
	hold(&machine, .count = 100, .pid = 900, .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 2);
	assert_string_equal(diagnosis.findings[0].rule, rule);
	assert_string_equal(diagnosis.findings[1].rule, rule);
	machine_end(&machine, &diagnosis);
}

TEST(a_destination_is_not_blamed_where_every_other_is_as_full)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 96, .state = SOCKET_BOUND, .pid = 700);
	hold(&machine, .first = 40096, .count = 2, .pid = 812);
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	assert_int_equal(verdict_on(&machine), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_destination_that_used_what_was_left_is_blamed_for_that)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 95, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 700);
	hold(&machine, .first = 40095, .count = 5, .pid = 812, .kind = CONNECT_OWNED);
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, rule)->severity, SEVERITY_CRITICAL);
	assert_int_equal(evidence_of(finding_of(&diagnosis, rule), "room_max"), 0);
	assert_int_equal(finding_of(&diagnosis, "range_full")->severity, SEVERITY_CRITICAL);
	machine_end(&machine, &diagnosis);
}

static const struct remedy *widening_of(struct diagnosis *diagnosis)
{
	return remedy_with(finding_of(diagnosis, rule), "widen");
}

/* Between two commands an outgoing connection could take the port of a service that restarts. */
TEST(a_wider_range_leaves_services_their_ports)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	hold(&machine, .first = 3306, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 900);
	hold(&machine, .first = 50000, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 901);
	port_set_add(&machine.namespaces[0].listening[PROTOCOL_TCP], 3306);
	port_set_add(&machine.namespaces[0].listening[PROTOCOL_TCP], 50000);
	port_set_add(&machine.namespaces[0].settings.reserved, 8080);
	diagnosis = judge(&machine);
	assert_string_equal(widening_of(&diagnosis)->command,
			    "sysctl -w net.ipv4.ip_local_reserved_ports=3306,8080 "
			    "net.ipv4.ip_local_port_range='1024 65535'");
	/* 64,512, less 100 in use, 2 reserved and the listener that was left out. */
	assert_int_equal(widening_of(&diagnosis)->room_after_min, 64512 - 103);
	machine_end(&machine, &diagnosis);
}

TEST(a_wider_range_begins_where_the_kernel_lets_it)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	hold(&machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	machine.namespaces[0].settings.unprivileged_start = 2001;
	diagnosis = judge(&machine);
	assert_string_equal(widening_of(&diagnosis)->command,
			    "sysctl -w net.ipv4.ip_local_port_range='2002 65535'");
	machine_end(&machine, &diagnosis);
}

TEST(an_uncertain_destination_says_why)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	/* Room 14 to 24 to 10.0.9.1, 90 to 100 elsewhere: only this destination is in doubt. */
	hold(&machine, .count = 76, .pid = 812);
	hold(&machine, .first = 40076, .count = 10, .pid = 812, .remote = "10.0.9.2:80",
	     .kind = KIND_UNKNOWN);
	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_int_equal(finding->severity, SEVERITY_UNKNOWN);
	assert_string_equal(finding->reason, "--passive leaves out the port test");
	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	machine_end(&machine, &diagnosis);
}

SUITE(destination_full, cmocka_unit_test(a_destination_with_more_than_a_fifth_left_is_ok),
      cmocka_unit_test(a_destination_with_a_fifth_left_is_filling),
      cmocka_unit_test(a_destination_with_a_twentieth_left_is_full),
      cmocka_unit_test(a_full_destination_names_the_greatest_holder_and_the_numbers),
      cmocka_unit_test(with_no_room_the_title_names_the_error),
      cmocka_unit_test(an_ipv6_destination_is_written_in_brackets),
      cmocka_unit_test(remedies_of_a_full_destination_tell_the_room_they_would_give),
      cmocka_unit_test(a_service_is_restarted_and_any_other_process_ended_by_its_pid),
      cmocka_unit_test(the_widest_range_is_not_told_to_be_widened),
      cmocka_unit_test(reservations_are_to_be_dropped_if_they_are_a_tenth_of_the_range),
      cmocka_unit_test(the_end_of_a_process_is_told_as_it_is_when_its_connections_have_rested),
      cmocka_unit_test(what_does_not_rest_comes_back_at_once),
      cmocka_unit_test(nobody_is_blamed_for_connections_without_a_process),
      cmocka_unit_test(hidden_owners_are_not_called_gone),
      cmocka_unit_test(states_with_a_cause_of_their_own_are_other_rules_findings),
      cmocka_unit_test(two_full_destinations_are_two_findings),
      cmocka_unit_test(a_destination_is_not_blamed_where_every_other_is_as_full),
      cmocka_unit_test(a_destination_that_used_what_was_left_is_blamed_for_that),
      cmocka_unit_test(a_wider_range_leaves_services_their_ports),
      cmocka_unit_test(a_wider_range_begins_where_the_kernel_lets_it),
      cmocka_unit_test(an_uncertain_destination_says_why), );
