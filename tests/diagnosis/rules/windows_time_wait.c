#include "diagnosis/machine.h"

#include <string.h>

TEST(event_4227_is_a_remark_and_weak)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	const struct finding *remark;

	machine_event(&machine, 4227, 3, 0);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_int_equal(diagnosis.strength, STRENGTH_WEAK);
	remark = remark_of(&diagnosis, "windows_time_wait");
	assert_int_equal(remark->strength, STRENGTH_WEAK);
	assert_int_equal(evidence_of(remark, "events"), 3);
	machine_end(&machine, &diagnosis);
}

static bool is_remarked(unsigned resting)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;
	bool remarked;

	hold(&machine, .state = SOCKET_TIME_WAIT, .count = resting);
	diagnosis = judge(&machine);
	remarked = remark_of(&diagnosis, "windows_time_wait") != NULL;
	machine_end(&machine, &diagnosis);
	return remarked;
}

TEST(a_fifth_of_the_range_is_a_mass)
{
	assert_false(is_remarked(19));
	assert_true(is_remarked(20));
}

TEST(without_a_listing_4227_alone_decides_nothing)
{
	struct snapshot machine = machine_windows();

	machine.namespaces[0].tcp_read = machine.namespaces[0].udp_read = false;
	machine_event(&machine, 4227, 3, 0);
	assert_int_equal(verdict_on(&machine), SEVERITY_UNKNOWN);
	snapshot_free(&machine);
}

TEST(event_4226_is_no_lack_of_ports)
{
	struct snapshot machine = machine_windows();
	struct diagnosis diagnosis;

	machine_event(&machine, 4226, 1, 0);
	diagnosis = judge(&machine);
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	assert_int_equal(diagnosis.strength, STRENGTH_NONE);
	assert_non_null(strstr(remark_of(&diagnosis, "windows_connect_limit")->reason,
			       "not a lack of ports"));
	machine_end(&machine, &diagnosis);
}

SUITE(windows_time_wait, cmocka_unit_test(event_4227_is_a_remark_and_weak),
      cmocka_unit_test(a_fifth_of_the_range_is_a_mass),
      cmocka_unit_test(without_a_listing_4227_alone_decides_nothing),
      cmocka_unit_test(event_4226_is_no_lack_of_ports));
