#include "view/trend.h"

#include "base/arena.h"
#include "base/json.h"
#include "diagnosis/machine.h"
#include "view/golden.h"

#include <stdlib.h>
#include <string.h>

/* Twelve listings of 1,000 ports: a program takes 90 a minute, has them all at the 10th, and is new at the 11th. Of others
 * one has a hundredth of the range once, and one less: that is told in JSON alone. */
static struct snapshot listed(bool dated)
{
	static const char *const stamps[] = { "22.01.2025 13:05:09,12",
					      "22.01.2025 13:14:09,12" };
	struct snapshot machine = machine_new();
	struct evidence_facts *facts = &machine.evidence;

	machine.namespaces[0].settings.range = (struct port_range){ 40000, 40999 };
	facts->points = memory_zeroed(12, sizeof *facts->points);
	facts->point_count = facts->point_capacity = 12;
	facts->listing_count = 12;
	for (size_t i = 0; i < 12; i++) {
		struct series_point *point = &facts->points[i];
		unsigned ports = (unsigned)(i < 10 ? 100 + 100 * i : 10);

		point->what = "ss -tanp";
		point->stamp = dated && i % 9 == 0 ? stamps[i / 9] : NULL;
		point->time_ms = dated ? INT64_C(1737551109120) + (int64_t)i * 60000 : 0;
		point->since_ms = -1;
		point->time_is_local = i % 2;
		point->rows = ports + 5;
		point->established = ports;
		point->share_count = 3;
		point->shares = arena_alloc(&machine.arena, 3 * sizeof *point->shares);
		point->shares[1] = (struct series_share){ .pid = 77, .ports = i ? 9 : 10 };
		point->shares[2] = (struct series_share){ .pid = 78, .ports = 9 };
		*point->shares = (struct series_share){ .pid = i < 10 ? 812 : 900,
							.name = "orders",
							.ports = ports };
		for (unsigned j = 0; j < ports; j++)
			port_set_add(&point->ports[PROTOCOL_TCP][0], (uint16_t)(40000 + j));
	}
	facts->totals = arena_alloc(&machine.arena, sizeof *facts->totals);
	*facts->totals = (struct series_total){ .pid = 812, .name = "orders", .rows = 5520 };
	facts->total_count = 1;
	return machine;
}

static void shows(bool dated, const char *name)
{
	struct snapshot machine = listed(dated);

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct diagnosis diagnosis = judge(&machine);

		trend_text(&diagnosis, &style, 10);
		diagnosis_free(&diagnosis);
		golden_end(&golden, name);
	}
	snapshot_free(&machine);
}

TEST(a_series_has_its_span_its_end_and_who_grew)
{
	shows(true, "trend.txt");
}

TEST(what_is_assumed_is_said)
{
	shows(false, "trend-assumed.txt");
}

static void writes(const struct snapshot *machine, const char *name)
{
	struct diagnosis diagnosis = judge(machine);
	struct golden golden;
	struct json json;

	golden_begin(&golden);
	json = (struct json){ .out = golden.out, .pretty = true };
	json_object(&json, NULL);
	trend_json(&json, &diagnosis);
	json_end_object(&json);
	diagnosis_free(&diagnosis);
	golden_end(&golden, name);
}

TEST(json_has_every_listing_and_null_where_there_is_one)
{
	struct snapshot machine = listed(true), alone = machine_new();

	writes(&machine, "trend.json");
	writes(&alone, "trend-none.json");
	snapshot_free(&machine);
	snapshot_free(&alone);
}

TEST(many_listings_are_thinned_to_500)
{
	struct snapshot machine = listed(true);
	struct evidence_facts *facts = &machine.evidence;
	struct series_point *points = memory_zeroed(601, sizeof *points);
	struct diagnosis diagnosis;
	struct golden golden;
	struct json json;
	size_t count = 0;

	for (size_t i = 0; i < 601; i++)
		points[i] = (struct series_point){ .what = "ss -tanp",
						   .time_ms = 1 + (int64_t)i * 60000 };
	evidence_facts_free(facts);
	facts->points = points;
	facts->point_count = facts->listing_count = 601;
	diagnosis = judge(&machine);
	golden_begin(&golden);
	json = (struct json){ .out = golden.out, .pretty = true };
	json_object(&json, NULL);
	trend_json(&json, &diagnosis);
	json_end_object(&json);
	memory_file_flush(&golden.file);
	for (const char *at = golden.file.text; (at = strstr(at, "\"rows\"")); at++)
		count++;
	assert_int_equal(count, 500);
	assert_non_null(strstr(golden.file.text, "\"points_thinned\": true"));
	assert_non_null(strstr(golden.file.text, "\"listing\": 601"));
	memory_file_close(&golden.file);
	diagnosis_free(&diagnosis);
	snapshot_free(&machine);
}

SUITE(trend_view, cmocka_unit_test(a_series_has_its_span_its_end_and_who_grew),
      cmocka_unit_test(what_is_assumed_is_said),
      cmocka_unit_test(json_has_every_listing_and_null_where_there_is_one),
      cmocka_unit_test(many_listings_are_thinned_to_500));
