#include "base/arena.h"
#include "diagnosis/machine.h"

#include <string.h>

static const char rule[] = "filling_in_series";

/* Listings a minute apart of a range of 10,000; 812 has so many ports. */
static struct snapshot listed(size_t count, const unsigned *ports)
{
	struct snapshot machine = machine_new();
	struct evidence_facts *facts = &machine.evidence;

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 49999 };
	machine_process(&machine, 812);
	for (size_t i = 0; i < count; i++) {
		struct series_point *point;

		array_reserve(facts->points, facts->point_count, facts->point_capacity);
		point = &facts->points[facts->point_count++];
		*point = (struct series_point){
			.what = "ss -tanp",
			.stamp = i ? "2025-01-22 13:06:09" : "2025-01-22 13:05:09",
			.time_ms = INT64_C(1737500000000) + (int64_t)i * 60000,
			.share_count = 1,
			.shares = arena_alloc(&machine.arena, sizeof *point->shares),
		};
		point->shares[0] = (struct series_share){ .pid = 812, .ports = ports[i] };
		for (unsigned j = 0; j < ports[i]; j++)
			port_set_add(&point->ports[PROTOCOL_TCP][0], (uint16_t)(40000 + j));
	}
	return machine;
}

static struct snapshot growing(unsigned step)
{
	unsigned ports[12];

	for (unsigned i = 0; i < 12; i++)
		ports[i] = 100 + step * i;
	return listed(12, ports);
}

TEST(a_process_that_will_fill_the_range_is_a_warning)
{
	struct snapshot machine = growing(50);
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_non_null(finding);
	assert_int_equal(finding->severity, SEVERITY_WARNING);
	assert_int_equal(culprit_pid(&diagnosis, finding), 812);
	assert_int_equal(evidence_of(finding, "used_last"), 650);
	assert_int_equal(evidence_of(finding, "ran_out"), 0);
	/* 9,350 at 50 a minute. */
	assert_true(evidence_of(finding, "full_in") > 11000 &&
		    evidence_of(finding, "full_in") < 11500);
	assert_non_null(strstr(finding->title, "3 h"));
	assert_non_null(strstr(finding->forecast, "3,000 ports more an hour"));
	assert_non_null(remedy_with(finding, "before that moment"));
	assert_true(is_useless(finding, "wider range"));
	machine_end(&machine, &diagnosis);
}

TEST(no_growth_is_no_finding)
{
	struct snapshot machine = growing(0);

	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

TEST(one_listing_is_no_finding)
{
	struct snapshot machine = listed(1, (const unsigned[]){ 10000 });

	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

/* 29 or 31 days are left at one listing a day. */
TEST(what_takes_more_than_a_month_is_no_finding)
{
	for (unsigned days = 29; days <= 31; days += 2) {
		struct snapshot machine = growing(100);
		struct series_point *points = machine.evidence.points;

		for (size_t i = 0; i < 12; i++)
			points[i].time_ms =
				INT64_C(1737500000000) + (int64_t)i * 86400000 * days / 88;
		assert_int_equal(severity_by(&machine, rule),
				 days == 29 ? SEVERITY_WARNING : SEVERITY_OK);
		snapshot_free(&machine);
	}
}

TEST(a_range_that_had_run_out_and_has_ports_again_is_a_warning)
{
	struct snapshot machine = listed(4, (const unsigned[]){ 100, 9900, 10000, 50 });
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_non_null(finding);
	assert_int_equal(finding->severity, SEVERITY_WARNING);
	assert_int_equal(finding->strength, STRENGTH_STRONG);
	assert_non_null(strstr(finding->title, "2025-01-22 13:06:09"));
	assert_int_equal(evidence_of(finding, "used_most"), 10000);
	machine_end(&machine, &diagnosis);
}

TEST(a_range_that_still_is_out_is_critical)
{
	struct snapshot machine = listed(3, (const unsigned[]){ 100, 9000, 9900 });

	assert_int_equal(severity_by(&machine, rule), SEVERITY_CRITICAL);
	snapshot_free(&machine);
	machine = listed(3, (const unsigned[]){ 100, 9000, 9899 });
	assert_int_equal(severity_by(&machine, rule), SEVERITY_OK);
	snapshot_free(&machine);
}

/* Nothing is left then of which to be ahead. */
TEST(a_range_that_is_out_has_no_moment_to_be_before)
{
	struct snapshot machine = listed(3, (const unsigned[]){ 100, 9000, 9900 });
	struct diagnosis diagnosis = judge(&machine);
	const struct finding *finding = finding_of(&diagnosis, rule);

	assert_non_null(strstr(finding->title, "since 2025-01-22 13:06:09"));
	assert_non_null(remedy_with(finding, "again and again"));
	assert_null(remedy_with(finding, "before that moment"));
	machine_end(&machine, &diagnosis);
}

SUITE(filling_in_series, cmocka_unit_test(a_process_that_will_fill_the_range_is_a_warning),
      cmocka_unit_test(no_growth_is_no_finding), cmocka_unit_test(one_listing_is_no_finding),
      cmocka_unit_test(what_takes_more_than_a_month_is_no_finding),
      cmocka_unit_test(a_range_that_had_run_out_and_has_ports_again_is_a_warning),
      cmocka_unit_test(a_range_that_still_is_out_is_critical),
      cmocka_unit_test(a_range_that_is_out_has_no_moment_to_be_before));
