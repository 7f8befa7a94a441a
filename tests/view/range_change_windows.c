#include "view/range_change_windows.h"

#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

#include <string.h>

/* 100 ports in each row, all of tcp ipv4 towards one destination, and a service beside them. */
struct made {
	struct snapshot machine;
	struct diagnosis diagnosis;
	struct windows_range_plan plan;
};

static void make_with(struct made *made, int services)
{
	struct windows_range_wish wish = { .first = 20000, .last = 65535, .force = true };
	struct error error;

	made->machine = machine_windows();
	hold(&made->machine, .first = 50000, .count = 100, .pid = 812);
	hold(&made->machine, .first = 20080, .count = services, .state = SOCKET_LISTEN,
	     .local = "0.0.0.0", .pid = 900);
	wish.rows[PROTOCOL_TCP][0] = wish.rows[PROTOCOL_UDP][1] = true;
	diagnosis_make(&made->diagnosis, &made->machine, &default_policy);
	assert_int_equal(windows_range_plan_make(&made->plan, &made->diagnosis, &wish, &error),
			 0);
}

static void make(struct made *made)
{
	make_with(made, 1);
}

static void end(struct made *made)
{
	diagnosis_free(&made->diagnosis);
	snapshot_free(&made->machine);
}

/* As asked for, and tcp ipv6 as well: one range for both families. */
static struct range_change_windows_view view_of(const struct made *made)
{
	struct range_change_windows_view view = {
		.snapshot = &made->machine,
		.plan = &made->plan,
		.done = true,
	};

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < WINDOWS_FAMILIES; i++)
			view.now[protocol][i] = made->plan.rows[protocol][i].after;
	view.now[PROTOCOL_TCP][1] = view.now[PROTOCOL_TCP][0];
	return view;
}

static void shows(const struct range_change_windows_view *view, const char *name)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		range_change_windows_text(view, &style);
		range_change_windows_result(view, &style);
		golden_end(&golden, name);
	}
}

TEST(a_change_of_rows_shows_what_each_gives)
{
	struct made made;
	struct range_change_windows_view view;

	make(&made);
	view = view_of(&made);
	shows(&view, "windows-range-set.txt");
	view.for_s = 60;
	shows(&view, "windows-range-try.txt");
	view.done = false;
	view.dry_run = true;
	shows(&view, "windows-range-dry-run.txt");
	end(&made);
}

/* Of tcp ipv4 the same as now, of udp ipv4 another, of udp ipv6 it is not known. */
static void fill_next(struct range_undone_windows_view *undone)
{
	undone->next_from[PROTOCOL_TCP][0] = undone->from[PROTOCOL_TCP][0];
	undone->next_to[PROTOCOL_TCP][0] = undone->to[PROTOCOL_TCP][0];
	undone->next_from[PROTOCOL_UDP][0] = (struct port_range){ 20000, 65535 };
	undone->next_to[PROTOCOL_UDP][0] = (struct port_range){ 49152, 65535 };
}

TEST(a_program_reads_rows)
{
	struct made made;
	struct range_change_windows_view view;
	struct range_undone_windows_view undone = { .confirmed = true, .persistent = true };
	struct golden golden;

	make(&made);
	view = view_of(&made);
	view.persistent = true;
	golden_begin(&golden);
	range_change_windows_json(&view, golden.out);
	undone.snapshot = &made.machine;
	memcpy(undone.to, view.now, sizeof undone.to);
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < WINDOWS_FAMILIES; i++)
			undone.from[protocol][i] = made.plan.rows[protocol][i].before;
	fill_next(&undone);
	range_undone_windows_json(&undone, golden.out);
	golden_end(&golden, "windows-range-change.json");
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct view_style style = golden_begin_screen(&golden, screen);

		range_undone_windows_text(&undone, &style);
		undone.confirmed = false;
		range_undone_windows_text(&undone, &style);
		undone.confirmed = true;
		golden_end(&golden, "windows-range-undone.txt");
	}
	end(&made);
}

/* A text names some of them and says so, a document all. */
TEST(services_are_told_however_many_there_are)
{
	struct made made;
	struct range_change_windows_view view;
	struct golden golden;
	struct view_style style;

	make_with(&made, 30);
	view = view_of(&made);
	style = golden_begin_screen(&golden, SCREEN_PIPE);
	range_change_windows_text(&view, &style);
	range_change_windows_json(&view, golden.out);
	memory_file_flush(&golden.file);
	assert_non_null(
		strstr(golden.file.text, "tcp ipv4 port 20099\n          and 10 more\n"));
	assert_null(strstr(golden.file.text, "port 20100"));
	assert_non_null(strstr(golden.file.text, "    20080,\n"));
	assert_non_null(strstr(golden.file.text, "    20109\n  ]"));
	memory_file_close(&golden.file);
	end(&made);
}

SUITE(range_change_windows, cmocka_unit_test(a_change_of_rows_shows_what_each_gives),
      cmocka_unit_test(a_program_reads_rows),
      cmocka_unit_test(services_are_told_however_many_there_are));
