#include "diagnosis/machine.h"

#include <string.h>

/* Nothing but a trace. */
static struct traced_trace *with_trace(struct snapshot *machine)
{
	struct evidence_facts *facts = &machine->evidence;

	machine->namespaces[0].tcp_read = machine->namespaces[0].udp_read = false;
	machine->windows->bound_listed = false;
	array_reserve(facts->traces, facts->trace_count, facts->trace_capacity);
	facts->traces[facts->trace_count] = (struct traced_trace){
		.artefact = machine_artefact(machine, "server.etl", "etl"),
		.build = -1,
		.events = 1000,
		.afd_events = 500,
	};
	return &facts->traces[facts->trace_count++];
}

/* `command`: what would tell it; NULL: nothing that a remedy could name. */
static void assert_unknown_until(const struct snapshot *machine, const char *words,
				 const char *command)
{
	struct diagnosis diagnosis = judge(machine);
	const struct finding *finding = finding_of(&diagnosis, "windows_cannot_tell");

	assert_int_equal(diagnosis.verdict, SEVERITY_UNKNOWN);
	assert_non_null(finding);
	assert_that(strstr(finding->reason, words), "'%s' says nothing of '%s'",
		    finding->reason, words);
	assert_int_equal(finding->remedy_count, command ? 1 : 0);
	if (command)
		assert_string_equal(finding->remedies[0].command, command);
	diagnosis_free(&diagnosis);
}

static void assert_unknown(const struct snapshot *machine, const char *words)
{
	assert_unknown_until(machine, words, "netstat -anoq > netstat.txt");
}

TEST(a_trace_without_the_providers_tells_neither)
{
	struct snapshot machine = machine_windows();

	with_trace(&machine)->afd_events = 0;
	assert_unknown(&machine, "can neither confirm nor rule out");
	snapshot_free(&machine);
}

TEST(a_trace_that_lost_events_tells_neither)
{
	struct snapshot machine = machine_windows();

	with_trace(&machine)->events_lost = 1;
	assert_unknown(&machine, "events were lost");
	snapshot_free(&machine);
}

TEST(a_whole_trace_without_failures_is_not_ok_either)
{
	struct snapshot machine = machine_windows();

	with_trace(&machine);
	assert_unknown(&machine, "nothing of other times");
	snapshot_free(&machine);
}

static void add_log(struct snapshot *machine, struct logged_log log)
{
	struct evidence_facts *facts = &machine->evidence;

	log.artefact = machine_artefact(machine, "System.evtx", "evtx");
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = log;
}

TEST(a_log_without_the_events_is_weak_evidence_of_their_absence)
{
	struct snapshot machine = machine_windows();

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	add_log(&machine, (struct logged_log){ .oldest_ms = INT64_C(1800000000000) });
	assert_unknown(&machine, "weak evidence");
	machine.evidence.logs[0].cleared = true;
	assert_unknown(&machine, "was cleared");
	machine.evidence.logs[0].cleared = false;
	machine.evidence.logs[0].excerpt = true;
	assert_unknown(&machine, "excerpt");
	snapshot_free(&machine);
}

TEST(what_is_true_of_several_logs_of_a_file_is_told_once)
{
	struct snapshot machine = machine_windows();
	struct evidence_facts *facts = &machine.evidence;
	struct diagnosis diagnosis;
	const struct finding *finding;
	const char *first;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	add_log(&machine, (struct logged_log){ .excerpt = true });
	add_log(&machine, (struct logged_log){ .excerpt = true });
	facts->logs[1].artefact = facts->logs[0].artefact;
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_cannot_tell");
	assert_non_null(finding);
	first = strstr(finding->reason, "is an excerpt");
	assert_non_null(first);
	assert_null(strstr(first + 1, "is an excerpt"));
	diagnosis_free(&diagnosis);
	snapshot_free(&machine);
}

/* The view tells the folder once. */
TEST(a_file_is_named_without_the_folder_that_all_are_in)
{
	struct snapshot machine = machine_windows();
	struct artefact *artefacts;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	add_log(&machine, (struct logged_log){ .cleared = true });
	artefacts = machine.evidence.artefacts;
	artefacts[0].file = "sent/web1/netsh.txt";
	artefacts[1].file = "sent/logs/System.evtx";
	assert_unknown(&machine, "the log in logs/System.evtx was cleared");
	snapshot_free(&machine);
}

TEST(a_listing_without_bound_ports_shows_no_room)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .count = 10, .pid = 812);
	machine.windows->bound_listed = false;
	assert_unknown(&machine, "ports that are bound");
	snapshot_free(&machine);
}

TEST(what_decides_leaves_nothing_unknown)
{
	struct snapshot machine = machine_windows();

	machine.windows->bound_listed = false;
	machine_event(&machine, 4231, 1, 0);
	assert_int_equal(severity_by(&machine, "windows_cannot_tell"), SEVERITY_OK);
	assert_int_equal(verdict_on(&machine), SEVERITY_CRITICAL);
	snapshot_free(&machine);
}

TEST(a_listing_of_tcp_alone_leaves_udp_unknown)
{
	struct snapshot machine = machine_windows();

	machine.namespaces[0].udp_read = false;
	assert_unknown(&machine, "UDP");
	snapshot_free(&machine);
}

TEST(what_is_missing_of_tcp_and_of_udp_is_told_at_once)
{
	struct snapshot machine = machine_windows();

	machine.windows->bound_listed = machine.namespaces[0].udp_read = false;
	assert_unknown(&machine, "ports that are bound");
	assert_unknown(&machine, "no listing of the UDP sockets");
	snapshot_free(&machine);
}

TEST(a_whole_listing_with_room_is_ok_whatever_a_trace_lacks)
{
	struct snapshot machine = machine_windows();

	with_trace(&machine)->events_lost = 1;
	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = true;
	machine.windows->bound_listed = true;
	hold(&machine, .count = 10, .pid = 812);
	assert_int_equal(verdict_on(&machine), SEVERITY_OK);
	snapshot_free(&machine);
}

/* Looked at from a day ago on: that is what it says something of, and nothing of before. */
TEST(an_own_log_tells_of_the_time_that_was_looked_at)
{
	struct snapshot machine = machine_windows();
	struct evidence_facts *facts = &machine.evidence;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	facts->own = true;
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = (struct logged_log){
		.channel = "System",
		.records = 1160,
		.oldest_ms = INT64_C(1700000000000),
		.newest_ms = INT64_C(1800000000000),
		.looked_from_ms = INT64_C(1799913600000),
	};
	assert_unknown_until(&machine,
			     "the log System has neither event 4231 nor 4266 since "
			     "2027-01-14",
			     NULL);
	facts->logs[0].oldest_ms = INT64_C(1799990000000);
	assert_unknown_until(&machine, "since 2027-01-15", NULL);
	snapshot_free(&machine);
}

TEST(of_this_machine_nobody_is_told_to_send_files)
{
	struct snapshot machine = machine_windows();

	machine.evidence.own = true;
	machine.windows->bound_listed = false;
	assert_unknown_until(
		&machine, "could not be listed",
		"cmd /c \"netstat -anoq > netstat.txt & portroom read netstat.txt\"");
	machine.windows->build = 7601;
	assert_unknown_until(&machine, "could not be listed", NULL);
	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	assert_unknown_until(&machine, "the sockets could not be listed", NULL);
	snapshot_free(&machine);
}

SUITE(windows_cannot_tell, cmocka_unit_test(of_this_machine_nobody_is_told_to_send_files),
      cmocka_unit_test(an_own_log_tells_of_the_time_that_was_looked_at),
      cmocka_unit_test(a_trace_without_the_providers_tells_neither),
      cmocka_unit_test(a_trace_that_lost_events_tells_neither),
      cmocka_unit_test(a_whole_trace_without_failures_is_not_ok_either),
      cmocka_unit_test(a_log_without_the_events_is_weak_evidence_of_their_absence),
      cmocka_unit_test(what_is_true_of_several_logs_of_a_file_is_told_once),
      cmocka_unit_test(a_file_is_named_without_the_folder_that_all_are_in),
      cmocka_unit_test(a_listing_without_bound_ports_shows_no_room),
      cmocka_unit_test(what_decides_leaves_nothing_unknown),
      cmocka_unit_test(a_listing_of_tcp_alone_leaves_udp_unknown),
      cmocka_unit_test(what_is_missing_of_tcp_and_of_udp_is_told_at_once),
      cmocka_unit_test(a_whole_listing_with_room_is_ok_whatever_a_trace_lacks));
