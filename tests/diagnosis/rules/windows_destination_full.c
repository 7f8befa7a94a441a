#include "diagnosis/machine.h"

#include <string.h>

static enum severity of(unsigned resting)
{
	struct snapshot machine = machine_windows();
	enum severity severity;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = resting);
	severity = severity_by(&machine, "windows_destination_full");
	snapshot_free(&machine);
	return severity;
}

TEST(its_own_connections_are_judged_by_the_thresholds)
{
	assert_int_equal(of(79), SEVERITY_OK);
	assert_int_equal(of(80), SEVERITY_WARNING);
	assert_int_equal(of(94), SEVERITY_WARNING);
	assert_int_equal(of(95), SEVERITY_CRITICAL);
}

TEST(ports_that_are_bound_are_not_its_doing)
{
	struct snapshot machine = machine_windows();

	hold(&machine, .state = SOCKET_BOUND, .count = 60, .pid = 900);
	hold(&machine, .first = 50060, .count = 38, .pid = 812);
	assert_int_equal(severity_by(&machine, "windows_destination_full"), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(who_is_connected_there_likely_made_what_rests_and_is_not_blamed)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 90);
	hold(&machine, .first = 50090, .count = 6, .pid = 812);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_destination_full");
	assert_int_equal(finding->culprit, -1);
	assert_int_equal(finding->shares[0].owner_kind, OWNER_INFERRED);
	assert_non_null(strstr(finding->reason, "likely made by app, pid 812"));
	/* Both documented delays: 100 ports in 120 and in 240 s. */
	assert_non_null(strstr(finding->reason, "0.8 connections/s"));
	assert_non_null(strstr(finding->reason, "0.4 if it is 240 s"));
	assert_non_null(remedy_with(finding, "TcpTimedWaitDelay"));
	assert_int_equal(diagnosis.finding_count, 1);
	machine_end(&machine, &diagnosis);
}

TEST(the_delay_of_the_registry_gives_one_rate)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	machine.windows->timed_wait_delay_s = 30;
	hold(&machine, .state = SOCKET_TIME_WAIT, .count = 98);
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_destination_full");
	assert_non_null(strstr(finding->reason, "3.3 connections/s"));
	assert_null(strstr(finding->reason, "240"));
	assert_null(remedy_with(finding, "TcpTimedWaitDelay"));
	machine_end(&machine, &diagnosis);
}

SUITE(windows_destination_full,
      cmocka_unit_test(its_own_connections_are_judged_by_the_thresholds),
      cmocka_unit_test(ports_that_are_bound_are_not_its_doing),
      cmocka_unit_test(who_is_connected_there_likely_made_what_rests_and_is_not_blamed),
      cmocka_unit_test(the_delay_of_the_registry_gives_one_rate));
