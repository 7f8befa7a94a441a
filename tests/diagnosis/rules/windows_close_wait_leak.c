#include "diagnosis/machine.h"

static enum severity of(unsigned waiting, unsigned established)
{
	struct snapshot machine = machine_windows();
	enum severity severity;

	if (waiting)
		hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = waiting, .pid = 812);
	if (established)
		hold(&machine, .first = (uint16_t)(50000 + waiting), .count = established,
		     .pid = 900, .remote = "10.0.9.2:443");
	severity = severity_by(&machine, "windows_close_wait_leak");
	snapshot_free(&machine);
	return severity;
}

TEST(it_begins_at_a_fifth_of_the_range)
{
	assert_int_equal(of(0, 0), SEVERITY_OK);
	assert_int_equal(of(19, 0), SEVERITY_OK);
	assert_int_equal(of(20, 0), SEVERITY_WARNING);
	assert_int_equal(of(94, 0), SEVERITY_WARNING);
	assert_int_equal(of(95, 0), SEVERITY_CRITICAL);
}

TEST(what_others_have_is_not_its_doing)
{
	assert_int_equal(of(48, 48), SEVERITY_CRITICAL);
	assert_int_equal(of(47, 49), SEVERITY_WARNING);
}

TEST(it_is_told_over_all_destinations_and_once)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *finding;

	hold(&machine, .state = SOCKET_CLOSE_WAIT, .count = 60, .pid = 812);
	hold(&machine, .state = SOCKET_CLOSE_WAIT, .first = 50060, .count = 38, .pid = 812,
	     .remote = "10.0.9.2:443");
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, "windows_close_wait_leak");
	assert_int_equal(evidence_of(finding, "close_wait"), 98);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(diagnosis.finding_count, 1);
	machine_end(&machine, &diagnosis);
}

SUITE(windows_close_wait_leak, cmocka_unit_test(it_begins_at_a_fifth_of_the_range),
      cmocka_unit_test(what_others_have_is_not_its_doing),
      cmocka_unit_test(it_is_told_over_all_destinations_and_once));
