#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

static struct snapshot machine_with_a_listener(void)
{
	struct snapshot machine = machine_new();

	assert_true(
		port_set_parse(&machine.namespaces[0].settings.reserved, "40000-40009,40095"));
	hold(&machine, .first = 40095, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 812);
	hold(&machine, .first = 40050, .state = SOCKET_LISTEN, .local = "::", .pid = 812);
	hold(&machine, .first = 443, .state = SOCKET_LISTEN, .local = "0.0.0.0", .pid = 812);
	return machine;
}

static void shows(struct snapshot *machine, const char *name)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		range_text(machine, &style);
		golden_end(&golden, name);
	}
	snapshot_free(machine);
}

TEST(four_rows_and_who_sits_inside)
{
	struct snapshot machine = machine_with_a_listener();

	shows(&machine, "range.txt");
}

TEST(the_ports_of_a_process_are_one_line_reserved_ones_another)
{
	struct snapshot machine = machine_with_a_listener();
	uint32_t other = machine_add_netns(&machine);

	hold(&machine, .first = 39990, .count = 30, .state = SOCKET_BOUND, .pid = 900);
	hold(&machine, .first = 40030, .count = 5, .state = SOCKET_BOUND, .pid = 900);
	for (uint16_t port = 40000; port < 40100; port += 2)
		hold(&machine, .netns = other, .first = port, .state = SOCKET_BOUND,
		     .pid = 901);
	shows(&machine, "range-many.txt");
}

TEST(more_than_a_screen_of_programs_is_counted)
{
	struct snapshot machine = machine_new();

	for (uint16_t port = 40000; port < 40023; port++)
		hold(&machine, .first = port, .state = SOCKET_LISTEN, .pid = port);
	shows(&machine, "range-programs.txt");
}

TEST(json_lists_every_collision)
{
	struct snapshot machine = machine_with_a_listener();
	struct golden golden;

	golden_begin(&golden);
	range_json(&machine, golden.out);
	golden_end(&golden, "range.json");
	snapshot_free(&machine);
}

TEST(an_unreadable_range_has_no_numbers)
{
	struct snapshot machine = machine_new();
	struct golden golden;

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	machine.namespaces[0].settings.reserved_known = false;
	golden_begin(&golden);
	range_text(&machine, &(struct view_style){ .out = golden.out });
	range_json(&machine, golden.out);
	golden_end(&golden, "range-unknown.txt");
	snapshot_free(&machine);
}

SUITE(range, cmocka_unit_test(four_rows_and_who_sits_inside),
      cmocka_unit_test(the_ports_of_a_process_are_one_line_reserved_ones_another),
      cmocka_unit_test(more_than_a_screen_of_programs_is_counted),
      cmocka_unit_test(json_lists_every_collision),
      cmocka_unit_test(an_unreadable_range_has_no_numbers));
