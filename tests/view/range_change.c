#include "view/range_change.h"

#include "diagnosis/machine.h"
#include "diagnosis/range_plan.h"
#include "view/golden.h"

#include <string.h>

/* A machine of 100 ports, all of them towards one destination, and two services beside the range. */
struct made {
	struct snapshot machine;
	struct diagnosis diagnosis;
	struct range_plan plan;
};

static void make(struct made *made, struct range_wish wish)
{
	struct error error;

	made->machine = machine_new();
	made->machine.namespaces[0].settings.reserved_known = true;
	hold(&made->machine, .count = 100, .pid = 812, .kind = CONNECT_OWNED);
	hold(&made->machine, .first = 20080, .state = SOCKET_LISTEN, .pid = 900);
	hold(&made->machine, .first = 21812, .protocol = PROTOCOL_UDP,
	     .state = SOCKET_UNCONNECTED, .pid = 900);
	diagnosis_make(&made->diagnosis, &made->machine, &default_policy);
	assert_int_equal(range_plan_make(&made->plan, &made->diagnosis, &wish, &error), 0);
}

static void end(struct made *made)
{
	range_plan_free(&made->plan);
	diagnosis_free(&made->diagnosis);
	snapshot_free(&made->machine);
}

static struct range_change_view view_of(const struct made *made)
{
	return (struct range_change_view){
		.snapshot = &made->machine,
		.plan = &made->plan,
		.done = true,
	};
}

static void shows(const struct range_change_view *view, const char *name)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		range_change_text(view, &style);
		range_change_result(view, &style);
		golden_end(&golden, name);
	}
}

static const struct range_wish wider = { .first = 20000, .last = 60999, .reserve = true };

TEST(a_wider_range_shows_the_room_it_gives)
{
	struct made made;
	struct range_change_view view;

	make(&made, wider);
	view = view_of(&made);
	view.persisted = "/etc/sysctl.d/60-portroom.conf";
	view.winner = "/etc/sysctl.d/99-other.conf";
	shows(&view, "range-set.txt");
	end(&made);
}

TEST(a_try_says_how_to_keep_it)
{
	struct made made;
	struct range_change_view view;

	make(&made, wider);
	made.machine.namespaces[0].enter = "/run/netns/blue";
	view = view_of(&made);
	view.for_s = 60;
	shows(&view, "range-try.txt");
	end(&made);
}

TEST(a_range_beside_the_old_one_leaves_ports_outside)
{
	struct made made;
	struct range_change_view view;

	make(&made, (struct range_wish){ .first = 40050, .last = 40549 });
	view = view_of(&made);
	view.done = false;
	view.dry_run = true;
	shows(&view, "range-dry-run.txt");
	end(&made);
}

TEST(a_program_reads_the_same)
{
	struct made made;
	struct range_change_view view;
	struct range_undone_view undone;
	struct golden golden;

	make(&made, wider);
	view = view_of(&made);
	golden_begin(&golden);
	range_change_json(&view, golden.out);
	undone = (struct range_undone_view){
		.snapshot = &made.machine,
		.confirmed = true,
		.from = made.plan.before,
		.to = made.plan.after,
		.file = "/etc/sysctl.d/60-portroom.conf",
	};
	range_undone_json(&undone, golden.out);
	golden_end(&golden, "range-change.json");
	end(&made);
}

TEST(what_was_confirmed_or_undone_is_told)
{
	struct snapshot machine = machine_new();
	struct range_undone_view view = {
		.snapshot = &machine,
		.from = { 20000, 60999 },
		.to = { 32768, 60999 },
		.file = "/etc/sysctl.d/60-portroom.conf",
	};
	struct golden golden;
	struct view_style style;

	golden_begin(&golden);
	style = (struct view_style){ .out = golden.out };
	range_undone_text(&view, &style);
	view.file = NULL;
	range_undone_text(&view, &style);
	view.confirmed = true;
	range_undone_text(&view, &style);
	view.file = "/etc/sysctl.d/60-portroom.conf";
	view.winner = "/etc/sysctl.d/99-other.conf";
	range_undone_text(&view, &style);
	golden_end(&golden, "range-undone.txt");
	snapshot_free(&machine);
}

SUITE(range_change, cmocka_unit_test(what_was_confirmed_or_undone_is_told),
      cmocka_unit_test(a_wider_range_shows_the_room_it_gives),
      cmocka_unit_test(a_try_says_how_to_keep_it),
      cmocka_unit_test(a_range_beside_the_old_one_leaves_ports_outside),
      cmocka_unit_test(a_program_reads_the_same));
