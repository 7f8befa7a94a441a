#include "diagnosis/windows_range_plan.h"

#include "diagnosis/machine.h"

#include <string.h>

/* The machine has the ports 50000 to 50099 in each row. */

static int plan(struct snapshot *machine, struct windows_range_plan *made,
		struct windows_range_wish wish, struct error *error)
{
	struct diagnosis diagnosis;
	int result;

	diagnosis_make(&diagnosis, machine, &default_policy);
	result = windows_range_plan_make(made, &diagnosis, &wish, error);
	/* Its destinations go with the diagnosis; the tests look at figures. */
	diagnosis_free(&diagnosis);
	return result;
}

static struct windows_range_wish one_row(int row, unsigned first, unsigned last)
{
	struct windows_range_wish wish = { .first = first, .last = last };

	wish.rows[row / WINDOWS_FAMILIES][row % WINDOWS_FAMILIES] = true;
	return wish;
}

static struct windows_range_wish all_rows(unsigned first, unsigned last)
{
	struct windows_range_wish wish = { .first = first, .last = last };

	memset(wish.rows, true, sizeof wish.rows);
	return wish;
}

static void assert_refused(struct snapshot *machine, struct windows_range_wish wish,
			   const char *because)
{
	struct windows_range_plan made;
	struct error error = { "" };

	assert_that(plan(machine, &made, wish, &error) == -1 && strstr(error.text, because),
		    "'%s' does not say '%s'", error.text, because);
}

static void assert_taken(struct snapshot *machine, struct windows_range_wish wish,
			 struct windows_range_plan *made)
{
	struct error error = { "" };

	assert_that(!plan(machine, made, wish, &error), "%s", error.text);
}

TEST(the_limits_hold_for_each_row_by_its_name)
{
	static const char *const names[] = { "tcp ipv4", "tcp ipv6", "udp ipv4", "udp ipv6" };
	struct snapshot machine = machine_windows();

	for (int row = 0; row < 4; row++) {
		struct windows_range_plan made;

		assert_refused(&machine, one_row(row, 1024, 65535), names[row]);
		assert_refused(&machine, one_row(row, 1024, 65535), "none below 1025");
		assert_refused(&machine, one_row(row, 20000, 20253), "fewer than 255");
		assert_refused(&machine, one_row(row, 20000, 65536), "end at 65535");
		assert_refused(&machine, one_row(row, 20000, 19999), "before the first");
		assert_refused(&machine, one_row(row, 70000, 80000), "first port 70000");
		assert_taken(&machine, one_row(row, 1025, 65535), &made);
		assert_taken(&machine, one_row(row, 20000, 20254), &made);
		assert_true(windows_range_plan_changes(&made));
		for (int other = 0; other < 4; other++)
			assert_int_equal(made.rows[other / 2][other % 2].wanted, other == row);
	}
	snapshot_free(&machine);
}

TEST(what_netsh_did_not_tell_has_no_way_back)
{
	struct snapshot machine = machine_windows();
	struct windows_range *range =
		windows_range_of(machine.windows, PROTOCOL_UDP, FAMILY_IPV6);
	struct windows_range_plan made;

	range->assumed = true;
	assert_refused(&machine, all_rows(20000, 60000), "udp ipv6");
	assert_refused(&machine, all_rows(20000, 60000), "no way back");
	assert_refused(&machine, all_rows(20000, 60000), "netsh did not tell it");
	assert_taken(&machine, one_row(0, 20000, 60000), &made);
	range->why_untold = "netsh was ended";
	assert_refused(&machine, all_rows(20000, 60000), "no way back to it: netsh was ended");
	range->assumed = false;
	range->family_unsaid = true;
	assert_refused(&machine, all_rows(20000, 60000), "no way back");
	range->family_unsaid = false;
	assert_taken(&machine, all_rows(20000, 60000), &made);
	snapshot_free(&machine);
}

TEST(sockets_that_were_not_read_are_told)
{
	struct snapshot machine = machine_windows();
	struct windows_range_wish wish = all_rows(20000, 60000);
	struct windows_range_plan made;

	machine.namespaces[0].udp_read = false;
	assert_refused(&machine, wish, "udp ipv4: not all sockets");
	assert_taken(&machine, one_row(0, 20000, 60000), &made);
	wish.force = true;
	assert_taken(&machine, wish, &made);
	snapshot_free(&machine);
}

TEST(excluded_ports_are_not_usable)
{
	struct snapshot machine = machine_windows();
	struct windows_range_plan made;

	assert_true(port_set_parse(&machine.windows->ranges[PROTOCOL_TCP][0].excluded,
				   "50000-50009,20000"));
	assert_taken(&machine, all_rows(20000, 50099), &made);
	assert_int_equal(made.rows[PROTOCOL_TCP][0].usable_before, 90);
	assert_int_equal(made.rows[PROTOCOL_TCP][0].usable_after, 30089);
	assert_int_equal(made.rows[PROTOCOL_UDP][0].usable_before, 100);
	snapshot_free(&machine);
}

TEST(fewer_ports_have_to_be_asked_for)
{
	struct snapshot machine = machine_windows();
	struct windows_range_wish wish = all_rows(20000, 20299);
	struct windows_range_plan made;

	machine.windows->ranges[PROTOCOL_TCP][1].range = (struct port_range){ 20000, 20300 };
	assert_refused(&machine, wish, "tcp ipv6: 20000-20299 would leave 300");
	wish.shrink = true;
	assert_taken(&machine, wish, &made);
	snapshot_free(&machine);
}

TEST(who_would_come_to_sit_in_the_range_is_told)
{
	struct snapshot machine = machine_windows();
	struct windows_range_wish wish = all_rows(20000, 50099);
	struct windows_range_plan made;

	hold(&machine, .state = SOCKET_LISTEN, .local = "0.0.0.0", .first = 20080, .pid = 900);
	hold(&machine, .state = SOCKET_LISTEN, .local = "127.0.0.1", .first = 20080,
	     .pid = 900);
	hold(&machine, .state = SOCKET_LISTEN, .local = "0.0.0.0", .first = 50050, .pid = 900);
	hold(&machine, .protocol = PROTOCOL_UDP, .state = SOCKET_UNCONNECTED,
	     .local = "::", .first = 21812, .pid = 900);
	assert_refused(&machine, wish, "2 ports of services");
	assert_refused(&machine, wish, "tcp 20080, udp 21812");
	wish.force = true;
	assert_taken(&machine, wish, &made);
	assert_int_equal(made.sitter_count, 2);
	/* Of the row of udp over IPv4 neither is. */
	assert_taken(&machine, one_row(2, 20000, 50099), &made);
	assert_int_equal(made.sitter_count, 0);
	/* One that is excluded is kept out already. */
	assert_true(
		port_set_parse(&machine.windows->ranges[PROTOCOL_TCP][0].excluded, "20080"));
	assert_taken(&machine, one_row(0, 20000, 50099), &made);
	snapshot_free(&machine);
}

/* However many: each port of a row once. */
TEST(all_who_would_come_to_sit_in_the_range_are_told)
{
	struct snapshot machine = machine_windows();
	struct windows_range_wish wish = all_rows(20000, 50099);
	struct windows_range_plan made;
	struct diagnosis diagnosis;
	struct error error;

	wish.force = true;
	hold(&machine, .state = SOCKET_LISTEN, .local = "0.0.0.0", .first = 21000, .count = 30,
	     .pid = 900);
	hold(&machine, .state = SOCKET_LISTEN, .local = "127.0.0.1", .first = 21010,
	     .count = 30, .pid = 900);
	hold(&machine, .state = SOCKET_LISTEN, .local = "::", .first = 21000, .pid = 900);
	diagnosis_make(&diagnosis, &machine, &default_policy);
	assert_int_equal(windows_range_plan_make(&made, &diagnosis, &wish, &error), 0);
	assert_int_equal(made.sitter_count, 41);
	assert_int_equal(made.sitters[39].port, 21039);
	assert_int_equal(made.sitters[40].port, 21000);
	assert_int_equal(made.sitters[40].family, FAMILY_IPV6);
	wish.force = false;
	assert_int_equal(windows_range_plan_make(&made, &diagnosis, &wish, &error), -1);
	assert_non_null(strstr(error.text, "41 ports of services"));
	assert_non_null(strstr(error.text, "tcp 21019, ...)"));
	diagnosis_free(&diagnosis);
	snapshot_free(&machine);
}

TEST(a_wider_row_gives_room)
{
	struct snapshot machine = machine_windows();
	struct windows_range_plan made;

	hold(&machine, .first = 50000, .count = 100, .pid = 812);
	assert_taken(&machine, one_row(0, 50000, 50299), &made);
	assert_int_equal(made.rows[PROTOCOL_TCP][0].room_before.room_max, 0);
	assert_int_equal(made.rows[PROTOCOL_TCP][0].room_after.room_max, 200);
	assert_int_equal(made.room_count, 1);
	assert_int_equal(made.left_outside, 0);
	assert_taken(&machine, one_row(0, 50050, 50349), &made);
	assert_int_equal(made.left_outside, 50);
	snapshot_free(&machine);
}

SUITE(windows_range_plan, cmocka_unit_test(the_limits_hold_for_each_row_by_its_name),
      cmocka_unit_test(what_netsh_did_not_tell_has_no_way_back),
      cmocka_unit_test(sockets_that_were_not_read_are_told),
      cmocka_unit_test(excluded_ports_are_not_usable),
      cmocka_unit_test(fewer_ports_have_to_be_asked_for),
      cmocka_unit_test(who_would_come_to_sit_in_the_range_is_told),
      cmocka_unit_test(all_who_would_come_to_sit_in_the_range_are_told),
      cmocka_unit_test(a_wider_row_gives_room));
