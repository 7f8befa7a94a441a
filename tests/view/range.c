#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/range.h"

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

/* Two files set the range, one could not be read, and portroom has been at it. */
static struct range_facts facts_of(const struct snapshot *machine)
{
	static const struct range_setter setters[] = {
		{ "/etc/sysctl.d/10-old.conf", "net.ipv4.ip_local_port_range", "20000 30000" },
		{ "/etc/sysctl.d/60-portroom.conf", "net.ipv4.ip_local_port_range",
		  "40000 40099", .wins = true },
	};
	static const char *const unread[] = {
		"/etc/sysctl.d/70-secret.conf: Permission denied"
	};

	return (struct range_facts){
		.snapshot = machine,
		.boot_known = true,
		.setters = setters,
		.setter_count = 2,
		.unread = unread,
		.unread_count = 1,
		.last = "by portroom, from 32768-60999 to 40000-40099; back by: portroom range "
			"undo",
	};
}

static void shows(struct snapshot *machine, const char *name)
{
	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		range_text(&(struct range_facts){ .snapshot = machine }, &style);
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

TEST(where_it_comes_from_is_told)
{
	struct snapshot machine = machine_with_a_listener();
	struct range_facts facts = facts_of(&machine);

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);

		range_text(&facts, &style);
		golden_end(&golden, "range-boot.txt");
	}
	snapshot_free(&machine);
}

TEST(no_file_is_the_default_of_the_kernel)
{
	struct snapshot machine = machine_new();
	const struct range_facts facts = { .snapshot = &machine, .boot_known = true };
	struct golden golden;

	golden_begin(&golden);
	range_text(&facts, &(struct view_style){ .out = golden.out });
	golden_end(&golden, "range-default.txt");
	snapshot_free(&machine);
}

TEST(json_lists_every_collision)
{
	struct snapshot machine = machine_with_a_listener();
	struct range_facts facts;
	struct golden golden;

	golden_begin(&golden);
	facts = facts_of(&machine);
	range_json(&facts, golden.out);
	golden_end(&golden, "range.json");
	snapshot_free(&machine);
}

TEST(an_unreadable_range_has_no_numbers)
{
	struct snapshot machine = machine_new();
	const struct range_facts facts = { .snapshot = &machine };
	struct golden golden;

	machine.namespaces[0].settings.range = (struct port_range){ 0 };
	machine.namespaces[0].settings.reserved_known = false;
	golden_begin(&golden);
	range_text(&facts, &(struct view_style){ .out = golden.out });
	range_json(&facts, golden.out);
	golden_end(&golden, "range-unknown.txt");
	snapshot_free(&machine);
}

SUITE(range, cmocka_unit_test(four_rows_and_who_sits_inside),
      cmocka_unit_test(the_ports_of_a_process_are_one_line_reserved_ones_another),
      cmocka_unit_test(more_than_a_screen_of_programs_is_counted),
      cmocka_unit_test(where_it_comes_from_is_told),
      cmocka_unit_test(no_file_is_the_default_of_the_kernel),
      cmocka_unit_test(json_lists_every_collision),
      cmocka_unit_test(an_unreadable_range_has_no_numbers));
