#include "diagnosis/machine.h"

#include <stdio.h>
#include <string.h>

/* One connection to each of so many destinations. */
static void scatter(struct snapshot *machine, unsigned count, uint16_t first, unsigned host)
{
	for (unsigned i = 0; i < count; i++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.1.%u.%u:443", host, i);
		hold(machine, .first = (uint16_t)(first + i), .remote = remote, .pid = 812);
	}
}

static enum severity of(unsigned used)
{
	struct snapshot machine = machine_windows();
	enum severity severity;

	scatter(&machine, used, 50000, 0);
	severity = severity_by(&machine, "windows_range_full");
	snapshot_free(&machine);
	return severity;
}

TEST(distinct_ports_are_judged_by_the_thresholds)
{
	assert_int_equal(of(79), SEVERITY_OK);
	assert_int_equal(of(80), SEVERITY_WARNING);
	assert_int_equal(of(94), SEVERITY_WARNING);
	assert_int_equal(of(95), SEVERITY_CRITICAL);
}

TEST(ports_that_are_shared_are_counted_once_and_no_more_than_a_warning)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	scatter(&machine, 97, 50000, 0);
	scatter(&machine, 5, 50000, 1);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_range_full");
	assert_int_equal(evidence_of(finding, "used"), 97);
	assert_int_equal(finding->severity, SEVERITY_WARNING);
	assert_non_null(strstr(finding->reason, "share"));
	machine_end(&machine, &diagnosis);
}

/* A tenth of what processes have is one of 10, and not of 11. */
static int32_t culprit_of(unsigned processes, unsigned ports)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;
	int32_t pid;

	for (unsigned i = 0; i < processes * ports; i++) {
		char remote[32];

		snprintf(remote, sizeof remote, "10.1.%u.1:443", i);
		hold(&machine, .first = (uint16_t)(50000 + i), .remote = remote,
		     .pid = (int32_t)(4 * (i % processes) + 812));
	}
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_range_full");
	pid = finding->culprit < 0 ? -1 : culprit_pid(&diagnosis, finding);
	assert_true(!remedy_with(finding, "end or restart") == (pid < 0));
	machine_end(&machine, &diagnosis);
	return pid;
}

TEST(nobody_is_to_be_ended_where_many_have_some_each)
{
	assert_true(culprit_of(10, 9) >= 812);
	assert_int_equal(culprit_of(11, 8), -1);
}

TEST(a_file_of_several_parts_is_named_once)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine_artefact(&machine, "netsh.txt", "netsh dynamicport");
	machine_artefact(&machine, "netsh.txt", "netsh excludedportrange");
	scatter(&machine, 96, 50000, 0);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_range_full");
	assert_int_equal(finding->source_count, 2);
	machine_end(&machine, &diagnosis);
}

TEST(one_protocol_and_family_does_not_stand_for_another)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "::", .count = 96, .pid = 812);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.finding_count, 1);
	finding = finding_of(&diagnosis, "windows_range_full");
	assert_string_equal(finding->subject, "udp IPv6 50000-50099");
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_string_equal(remedy_with(finding, "widen")->command,
			    "netsh int ipv6 set dynamicport udp start=10000 num=55536");
	machine_end(&machine, &diagnosis);
}

TEST(a_range_that_was_not_told_and_is_not_the_default_is_not_judged)
{
	struct snapshot machine = machine_windows();

	windows_range_of(machine.windows, PROTOCOL_TCP, FAMILY_IPV4)->assumed = true;
	scatter(&machine, 96, 50000, 0);
	assert_int_equal(severity_by(&machine, "windows_range_full"), SEVERITY_CRITICAL);
	scatter(&machine, 20, 30000, 1);
	assert_int_equal(severity_by(&machine, "windows_range_full"), SEVERITY_OK);
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	snapshot_free(&machine);
}

TEST(no_remedy_is_of_linux)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;

	scatter(&machine, 50, 50000, 0);
	hold(&machine, .state = SOCKET_TIME_WAIT, .first = 50050, .count = 46);
	hold(&machine, .state = SOCKET_LISTEN, .first = 50096, .count = 3, .local = "0.0.0.0",
	     .pid = 4);
	diagnosis = judge(&machine);
	assert_true(diagnosis.finding_count);
	for (size_t i = 0; i < diagnosis.finding_count; i++) {
		const struct finding *finding = &diagnosis.findings[i];

		assert_int_equal(strncmp(finding->rule, "windows_", 8), 0);
		for (size_t j = 0; j < finding->remedy_count; j++) {
			const struct remedy *remedy = &finding->remedies[j];

			assert_null(strstr(remedy->text, "net.ipv4"));
			assert_true(!remedy->command || !strstr(remedy->command, "sysctl"));
		}
	}
	machine_end(&machine, &diagnosis);
}

SUITE(windows_range_full, cmocka_unit_test(distinct_ports_are_judged_by_the_thresholds),
      cmocka_unit_test(ports_that_are_shared_are_counted_once_and_no_more_than_a_warning),
      cmocka_unit_test(nobody_is_to_be_ended_where_many_have_some_each),
      cmocka_unit_test(a_file_of_several_parts_is_named_once),
      cmocka_unit_test(one_protocol_and_family_does_not_stand_for_another),
      cmocka_unit_test(a_range_that_was_not_told_and_is_not_the_default_is_not_judged),
      cmocka_unit_test(no_remedy_is_of_linux));
