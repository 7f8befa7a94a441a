#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "descriptor_limit";

/* A process with one connection and so many descriptors of at most `limit`. */
static struct snapshot with_descriptors(int64_t used, int64_t limit)
{
	struct snapshot machine = machine_new();
	struct process *process;

	hold(&machine, .pid = 812);
	process = machine_process(&machine, 812);
	process->name = "billing";
	process->descriptors = used;
	process->descriptor_limit = limit;
	process->descriptor_hard_limit = limit;
	process->socket_descriptors = used - 5;
	return machine;
}

static enum severity severity_with(int64_t used, int64_t limit)
{
	struct snapshot machine = with_descriptors(used, limit);
	enum severity severity = severity_by(&machine, rule);

	assert_int_equal(verdict_on(&machine), severity);
	snapshot_free(&machine);
	return severity;
}

TEST(nine_tenths_of_the_descriptors_are_a_warning)
{
	assert_int_equal(severity_with(899, 1000), SEVERITY_OK);
	assert_int_equal(severity_with(900, 1000), SEVERITY_WARNING);
	assert_int_equal(severity_with(989, 1000), SEVERITY_WARNING);
}

TEST(almost_all_descriptors_are_critical)
{
	assert_int_equal(severity_with(990, 1000), SEVERITY_CRITICAL);
	assert_int_equal(severity_with(1000, 1000), SEVERITY_CRITICAL);
	assert_int_equal(severity_with(1001, 1000), SEVERITY_CRITICAL);
}

TEST(what_is_not_known_or_not_limited_is_no_finding)
{
	assert_int_equal(severity_with(-1, 1000), SEVERITY_OK);
	assert_int_equal(severity_with(100000, -1), SEVERITY_OK);
	assert_int_equal(severity_with(100000, INT64_MAX), SEVERITY_OK);
}

TEST(a_sandbox_that_may_open_nothing_more_is_well)
{
	assert_int_equal(severity_with(7, 0), SEVERITY_OK);
	assert_int_equal(severity_with(7, 1), SEVERITY_OK);
	assert_int_equal(severity_with(63, 63), SEVERITY_OK);
	assert_int_equal(severity_with(64, 64), SEVERITY_CRITICAL);
}

TEST(it_names_the_process_and_says_that_ports_are_not_short)
{
	struct snapshot machine = with_descriptors(1024, 1024);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "descriptors"), 1024);
	assert_int_equal(evidence_of(finding, "descriptor_limit"), 1024);
	assert_int_equal(evidence_of(finding, "sockets"), 1019);
	assert_non_null(strstr(finding->title, "EMFILE"));
	assert_non_null(strstr(finding->reason, "EADDRNOTAVAIL"));
	assert_true(is_useless(finding, "ip_local_port_range"));
	machine_end(&machine, &diagnosis);
}

TEST(while_some_are_left_no_call_fails)
{
	struct snapshot machine = with_descriptors(1020, 1024);
	struct diagnosis diagnosis = judge(&machine);

	assert_null(strstr(finding_of(&diagnosis, rule)->title, "EMFILE"));
	machine_end(&machine, &diagnosis);
}

TEST(at_the_hard_limit_both_are_raised)
{
	struct snapshot machine = with_descriptors(1024, 1024);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_string_equal(remedy_with(finding, "running")->command,
			    "prlimit --pid 812 --nofile=65536");
	assert_int_equal(remedy_with(finding, "running")->room_after_min, -1);
	assert_null(remedy_with(finding, "LimitNOFILE")); /* of no unit */
	machine_end(&machine, &diagnosis);
}

TEST(below_the_hard_limit_it_is_kept)
{
	struct snapshot machine = with_descriptors(1024, 1024);
	struct diagnosis diagnosis;

	machine_process(&machine, 812)->descriptor_hard_limit = 4096;
	diagnosis = judge(&machine);
	assert_string_equal(remedy_with(finding_of(&diagnosis, rule), "running")->command,
			    "prlimit --pid 812 --nofile=4096:");
	machine_end(&machine, &diagnosis);
}

TEST(a_service_gets_a_limit_for_good)
{
	struct snapshot machine = with_descriptors(40000, 40000);
	struct diagnosis diagnosis;
	const char *command;

	machine_process(&machine, 812)->unit = "billing.service";
	diagnosis = judge(&machine);
	command = remedy_with(finding_of(&diagnosis, rule), "LimitNOFILE")->command;
	assert_non_null(strstr(command, "/etc/systemd/system/billing.service.d"));
	assert_non_null(strstr(command, "LimitNOFILE=160000"));
	machine_end(&machine, &diagnosis);
}

TEST(the_finding_belongs_to_the_namespace_of_the_sockets)
{
	struct snapshot machine = machine_new();
	uint32_t other = machine_add_netns(&machine);
	struct diagnosis diagnosis;

	hold(&machine, .netns = other, .pid = 900);
	machine_process(&machine, 900)->descriptors = 100;
	machine_process(&machine, 900)->descriptor_limit = 100;
	diagnosis = judge(&machine);
	assert_int_equal(finding_of(&diagnosis, rule)->netns, other);
	machine_end(&machine, &diagnosis);
}

static enum severity severity_of_machine(int64_t open, int64_t limit)
{
	struct snapshot machine = machine_new();
	enum severity severity;

	machine.files_open = open;
	machine.files_limit = limit;
	severity = severity_by(&machine, rule);
	snapshot_free(&machine);
	return severity;
}

TEST(open_files_of_the_machine_have_the_same_thresholds)
{
	assert_int_equal(severity_of_machine(89999, 100000), SEVERITY_OK);
	assert_int_equal(severity_of_machine(90000, 100000), SEVERITY_WARNING);
	assert_int_equal(severity_of_machine(99000, 100000), SEVERITY_CRITICAL);
	assert_int_equal(severity_of_machine(90000, 0), SEVERITY_OK);
	assert_int_equal(severity_of_machine(-1, -1), SEVERITY_OK);
	assert_int_equal(severity_of_machine(90000, INT64_MAX), SEVERITY_OK);
	assert_int_equal(severity_of_machine(INT64_MAX, 100000), SEVERITY_OK);
}

TEST(only_who_has_half_of_the_files_is_blamed_for_the_machine)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.files_open = machine.files_limit = 1000;
	hold(&machine, .pid = 812);
	machine_process(&machine, 812)->descriptors = 499;
	diagnosis = judge(&machine);
	assert_int_equal(culprit_pid(&diagnosis, finding_of(&diagnosis, rule)), 0);
	assert_non_null(strstr(finding_of(&diagnosis, rule)->title, "ENFILE"));
	diagnosis_free(&diagnosis);
	machine_process(&machine, 812)->descriptors = 500;
	diagnosis = judge(&machine);
	assert_int_equal(culprit_pid(&diagnosis, finding_of(&diagnosis, rule)), 812);
	machine_end(&machine, &diagnosis);
}

SUITE(descriptor_limit, cmocka_unit_test(nine_tenths_of_the_descriptors_are_a_warning),
      cmocka_unit_test(almost_all_descriptors_are_critical),
      cmocka_unit_test(what_is_not_known_or_not_limited_is_no_finding),
      cmocka_unit_test(a_sandbox_that_may_open_nothing_more_is_well),
      cmocka_unit_test(it_names_the_process_and_says_that_ports_are_not_short),
      cmocka_unit_test(while_some_are_left_no_call_fails),
      cmocka_unit_test(at_the_hard_limit_both_are_raised),
      cmocka_unit_test(below_the_hard_limit_it_is_kept),
      cmocka_unit_test(a_service_gets_a_limit_for_good),
      cmocka_unit_test(the_finding_belongs_to_the_namespace_of_the_sockets),
      cmocka_unit_test(open_files_of_the_machine_have_the_same_thresholds),
      cmocka_unit_test(only_who_has_half_of_the_files_is_blamed_for_the_machine), );
