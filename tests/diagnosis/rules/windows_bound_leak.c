#include "diagnosis/machine.h"

#define leak(machine, number)                                                                 \
	hold((machine), .state = SOCKET_BOUND, .local = "0.0.0.0", .count = (number),         \
	     .pid = 812)

static enum severity of(unsigned bound)
{
	struct snapshot machine = machine_windows();
	enum severity severity;

	leak(&machine, bound);
	severity = severity_by(&machine, "windows_bound_leak");
	snapshot_free(&machine);
	return severity;
}

TEST(it_begins_at_a_fifth_of_the_range)
{
	assert_int_equal(of(19), SEVERITY_OK);
	assert_int_equal(of(20), SEVERITY_WARNING);
	assert_int_equal(of(94), SEVERITY_WARNING);
	assert_int_equal(of(95), SEVERITY_CRITICAL);
	assert_int_equal(of(100), SEVERITY_CRITICAL);
}

TEST(it_names_the_process_and_commands_of_windows)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	leak(&machine, 97);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_bound_leak");
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(finding->strength, STRENGTH_STRONG);
	assert_int_equal(finding->source_count, 1);
	assert_string_equal(remedy_with(finding, "end or restart")->command,
			    "taskkill /F /PID 812");
	assert_int_equal(remedy_with(finding, "end or restart")->room_after_min, 100);
	assert_string_equal(remedy_with(finding, "widen")->command,
			    "netsh int ipv4 set dynamicport tcp start=10000 num=55536");
	assert_true(is_useless(finding, "MaxUserPort"));
	/* Its cause is told, and not its effect once more. */
	assert_int_equal(diagnosis.finding_count, 1);
	machine_end(&machine, &diagnosis);
}

TEST(a_service_is_restarted_by_its_name)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;

	leak(&machine, 97);
	machine_process(&machine, 812)->name = "svchost.exe";
	machine_process(&machine, 812)->unit = "Dnscache";
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, "windows_bound_leak")->remedies[0].command,
			    "powershell -Command \"Restart-Service -Force -Name Dnscache\"");
	diagnosis_free(&diagnosis);
	/* What could be misread by whoever pastes it stays out. */
	machine_process(&machine, 812)->unit = "a; del *";
	diagnosis = judge(&machine);
	assert_string_equal(finding_of(&diagnosis, "windows_bound_leak")->remedies[0].command,
			    "tasklist /svc /fi \"PID eq 812\"");
	machine_end(&machine, &diagnosis);
}

TEST(what_windows_cannot_do_without_is_not_ended)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	leak(&machine, 97);
	machine_process(&machine, 812)->name = "LSASS.EXE";
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_bound_leak");
	assert_non_null(remedy_with(finding, "restart the machine"));
	assert_null(remedy_with(finding, "end or restart"));
	machine_end(&machine, &diagnosis);
}

TEST(where_no_process_has_them_a_dump_may_tell)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .state = SOCKET_BOUND, .count = 97);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_bound_leak");
	assert_int_equal(culprit_pid(&diagnosis, finding), 0);
	assert_string_equal(remedy_with(finding, "driver")->command,
			    "portroom explain memory-dump");
	machine_end(&machine, &diagnosis);
}

static enum severity of_counted(uint64_t sockets)
{
	struct snapshot machine = machine_windows();
	struct counted_share share = { .state = SOCKET_BOUND, .sockets = sockets };
	enum severity severity;

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	machine.windows->bound_listed = false;
	machine_process(&machine, 812);
	share.artefact = machine_artefact(&machine, "groups.txt", "Group-Object");
	array_reserve(machine.evidence.counted, machine.evidence.counted_count,
		      machine.evidence.counted_capacity);
	machine.evidence.counted[machine.evidence.counted_count++] = share;
	severity = severity_by(&machine, "windows_bound_leak");
	snapshot_free(&machine);
	return severity;
}

TEST(what_was_only_counted_must_be_nearly_all)
{
	assert_int_equal(of_counted(89), SEVERITY_OK);
	assert_int_equal(of_counted(90), SEVERITY_WARNING);
	assert_int_equal(of_counted(95), SEVERITY_CRITICAL);
	assert_int_equal(of_counted(1000), SEVERITY_CRITICAL);
}

SUITE(windows_bound_leak, cmocka_unit_test(it_begins_at_a_fifth_of_the_range),
      cmocka_unit_test(it_names_the_process_and_commands_of_windows),
      cmocka_unit_test(a_service_is_restarted_by_its_name),
      cmocka_unit_test(what_windows_cannot_do_without_is_not_ended),
      cmocka_unit_test(where_no_process_has_them_a_dump_may_tell),
      cmocka_unit_test(what_was_only_counted_must_be_nearly_all));
