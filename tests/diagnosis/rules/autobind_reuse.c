#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "autobind_reuse";

/* With that many ports taken by bind(). */
static struct diagnosis with_bind_made(struct snapshot *machine, int setting, unsigned count)
{
	*machine = machine_new();
	machine->namespaces[0].settings.autobind_reuse = setting;
	if (count)
		hold(machine, .count = count, .kind = BIND_OWNED, .pid = 812);
	return judge(machine);
}

TEST(set_but_with_room_it_is_a_remark)
{
	struct snapshot machine;
	struct diagnosis diagnosis = with_bind_made(&machine, 1, 0);

	assert_non_null(remark_of(&diagnosis, rule));
	assert_string_equal(remark_of(&diagnosis, rule)->remedies[0].command,
			    "sysctl -w net.ipv4.ip_autobind_reuse=0");
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
	diagnosis = with_bind_made(&machine, 1, 79);
	assert_non_null(remark_of(&diagnosis, rule));
	assert_int_equal(diagnosis.verdict, SEVERITY_OK);
	machine_end(&machine, &diagnosis);
}

TEST(with_a_low_pool_it_is_a_warning)
{
	struct snapshot machine;
	struct diagnosis diagnosis = with_bind_made(&machine, 1, 80);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_int_equal(finding->severity, SEVERITY_WARNING);
	assert_null(remark_of(&diagnosis, rule));
	machine_end(&machine, &diagnosis);
	diagnosis = with_bind_made(&machine, 1, 100);
	assert_int_equal(finding_of(&diagnosis, rule)->severity, SEVERITY_WARNING);
	assert_int_equal(diagnosis.verdict, SEVERITY_CRITICAL); /* as without the setting */
	machine_end(&machine, &diagnosis);
}

TEST(unset_or_unknown_it_says_nothing)
{
	static const int settings[] = { 0, -1 };

	for (size_t i = 0; i < 2; i++) {
		struct snapshot machine;
		struct diagnosis diagnosis = with_bind_made(&machine, settings[i], 100);

		assert_null(finding_of(&diagnosis, rule));
		assert_null(remark_of(&diagnosis, rule));
		machine_end(&machine, &diagnosis);
	}
}

TEST(a_low_pool_that_nobody_binds_from_is_no_danger)
{
	struct snapshot machine = machine_new();
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.autobind_reuse = 1;
	hold(&machine, .count = 48, .pid = 812, .remote = "10.0.9.1:1");
	hold(&machine, .first = 40048, .count = 48, .pid = 812, .remote = "10.0.9.1:2");
	diagnosis = judge(&machine);
	assert_null(finding_of(&diagnosis, rule));
	assert_non_null(remark_of(&diagnosis, rule));
	machine_end(&machine, &diagnosis);
}

TEST(of_several_low_pools_the_lowest_is_told)
{
	struct snapshot machine = machine_new();
	const struct finding *finding;
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.autobind_reuse = 1;
	hold(&machine, .count = 85, .kind = BIND_OWNED, .pid = 812);
	hold(&machine, .count = 98, .kind = BIND_OWNED, .pid = 900, .local = "10.0.0.2");
	diagnosis = judge(&machine);
	finding = finding_of(&diagnosis, rule);
	assert_string_equal(finding->subject, "tcp bind(10.0.0.2, 0)");
	assert_int_equal(culprit_pid(&diagnosis, finding), 900);
	assert_int_equal(evidence_of(finding, "room_max"), 2);
	assert_int_equal(evidence_of(finding, "bind_made"), 98);
	assert_non_null(remedy_with(finding, "IP_BIND_ADDRESS_NO_PORT"));
	assert_string_equal(remedy_with(finding, "switch it off")->command,
			    "sysctl -w net.ipv4.ip_autobind_reuse=0");
	machine_end(&machine, &diagnosis);
}

SUITE(autobind_reuse, cmocka_unit_test(set_but_with_room_it_is_a_remark),
      cmocka_unit_test(with_a_low_pool_it_is_a_warning),
      cmocka_unit_test(unset_or_unknown_it_says_nothing),
      cmocka_unit_test(a_low_pool_that_nobody_binds_from_is_no_danger),
      cmocka_unit_test(of_several_low_pools_the_lowest_is_told), );
