#include "view/whatif.h"

#include "diagnosis/machine.h"
#include "diagnosis/whatif.h"
#include "view/golden.h"

/* A destination whose 100 ports all rest, towards which a wider range and reuse are tried. */
static void shows(struct whatif change, const char *name)
{
	struct snapshot machine = machine_new();
	struct capacity_query query = { .kind = CAPACITY_CONNECT };
	struct whatif_answer answers[2];
	struct whatif_view view = {
		.snapshot = &machine,
		.change = &change,
		.asked = "--first 40000 --last 40599",
		.answers = answers,
		.count = 2,
	};
	struct diagnosis diagnosis;

	machine.namespaces[0].settings.tw_reuse = 0;
	hold(&machine, .count = 100, .state = SOCKET_TIME_WAIT, .kind = CONNECT_OWNED);
	assert_true(address_parse("10.0.0.1", &query.source));
	assert_true(address_parse_endpoint("10.0.9.1:5432", &query.destination, &query.port));
	diagnosis_make(&diagnosis, &machine, &default_policy);
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		answers[0] = whatif_ask(&diagnosis, &change, &query);
		answers[1] = whatif_ask(&diagnosis, &change,
					&(struct capacity_query){ .kind = CAPACITY_CONNECT });
		whatif_text(&view, &style);
		golden_end(&golden, name);
	}
	diagnosis_free(&diagnosis);
	snapshot_free(&machine);
}

TEST(a_wider_range_and_reuse)
{
	shows((struct whatif){ .range = { 40000, 40599 },
			       .tw_reuse = REUSE_ON,
			       .tw_reuse_delay_ms = -1,
			       .rate = 20 },
	      "whatif.txt");
}

TEST(a_pool_that_does_not_fit)
{
	shows((struct whatif){ .pool = 200, .tw_reuse_delay_ms = -1, .rate = -1 },
	      "whatif-pool.txt");
}

SUITE(whatif_view, cmocka_unit_test(a_wider_range_and_reuse),
      cmocka_unit_test(a_pool_that_does_not_fit));
