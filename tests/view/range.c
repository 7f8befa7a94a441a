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

TEST(four_rows_and_who_sits_inside)
{
	struct snapshot machine = machine_with_a_listener();
	struct golden golden;

	golden_begin(&golden);
	range_text(&machine, &(struct view_style){ .out = golden.out });
	golden_end(&golden, "range.txt");
	snapshot_free(&machine);
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
      cmocka_unit_test(json_lists_every_collision),
      cmocka_unit_test(an_unreadable_range_has_no_numbers));
