#include "diagnosis/machine.h"
#include "view/golden.h"
#include "view/view.h"

static const struct capacity_query query = {
	.kind = CAPACITY_CONNECT,
	.source = { FAMILY_IPV4, { 10, 0, 0, 1 } },
	.destination = { FAMILY_IPV4, { 10, 0, 9, 1 } },
	.port = 5432,
};

/* NULL: a machine whose range could not be read. */
static void text_of_shows(struct snapshot *machine, const struct capacity_query *asked,
			  const char *name)
{
	struct snapshot unread = machine_new();

	for (int screen = 0; screen < SCREEN_COUNT; screen++) {
		struct golden golden;
		struct view_style style = golden_begin_screen(&golden, screen);
		struct capacity capacity = { .known = false };

		if (machine)
			capacity = room(machine, .kind = CAPACITY_CONNECT,
					.own = asked->own_range);
		room_text(machine ? machine : &unread, &capacity, asked, false, &style);
		golden_end(&golden, name);
	}
	if (machine)
		snapshot_free(machine);
	snapshot_free(&unread);
}

static void text_shows(struct snapshot *machine, const char *name)
{
	text_of_shows(machine, &query, name);
}

TEST(the_number_stands_alone_on_the_first_line)
{
	struct snapshot machine = machine_new();

	hold(&machine, .count = 30, .pid = 812, .kind = CONNECT_OWNED);
	text_shows(&machine, "room-exact.txt");
}

TEST(an_interval_says_why)
{
	struct snapshot machine = machine_new();

	machine.namespaces[0].untested_why = "--passive leaves out the port test";
	hold(&machine, .count = 30, .remote = "10.0.9.9:80", .pid = 812, .kind = KIND_UNKNOWN);
	text_shows(&machine, "room-interval.txt");
}

TEST(what_could_not_be_read_is_unknown)
{
	text_shows(NULL, "room-unknown.txt");
}

TEST(bounds_that_the_kernel_ignores_are_named)
{
	struct capacity_query asked = query;
	struct snapshot machine = machine_new();

	asked.own_range = (struct port_range){ 1, 10 };
	text_of_shows(&machine, &asked, "room-ignored-range.txt");
}

TEST(a_wildcard_says_where_it_leads)
{
	static const struct capacity_query to_loopback = {
		.kind = CAPACITY_CONNECT,
		.source = { FAMILY_IPV4, { 127, 0, 0, 1 } },
		.destination = { FAMILY_IPV4, { 127, 0, 0, 1 } },
		.port = 5432,
	};
	const struct capacity capacity = {
		.known = true, .exact = true, .eligible = 100, .room_min = 100, .room_max = 100
	};
	struct snapshot machine = machine_new();
	struct golden golden;
	struct view_style style = golden_begin_screen(&golden, SCREEN_PIPE);

	room_text(&machine, &capacity, &to_loopback, true, &style);
	golden_end(&golden, "room-wildcard.txt");
	snapshot_free(&machine);
}

TEST(json_of_an_interval_has_no_room)
{
	struct snapshot machine = machine_new();
	struct capacity capacity = { .known = true,
				     .eligible = 100,
				     .room_min = 70,
				     .room_max = 100,
				     .why_not_exact = "a reason" };
	struct golden golden;

	golden_begin(&golden);
	room_json(&machine, &capacity, &query, golden.out);
	golden_end(&golden, "room-interval.json");
	snapshot_free(&machine);
}

SUITE(room, cmocka_unit_test(the_number_stands_alone_on_the_first_line),
      cmocka_unit_test(an_interval_says_why),
      cmocka_unit_test(what_could_not_be_read_is_unknown),
      cmocka_unit_test(bounds_that_the_kernel_ignores_are_named),
      cmocka_unit_test(a_wildcard_says_where_it_leads),
      cmocka_unit_test(json_of_an_interval_has_no_room));
