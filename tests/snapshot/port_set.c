#include "snapshot/port_set.h"

#include "noise.h"
#include "suite.h"

#include <string.h>

enum { PORTS = 65536, LARGEST_ARRAY = 1024 };

TEST(an_empty_set_has_nothing)
{
	struct port_set set = { 0 };

	assert_false(port_set_has(&set, 0));
	assert_false(port_set_has(&set, 65535));
	assert_int_equal(port_set_next(&set, 0), -1);
	assert_int_equal(port_set_count_between(&set, 0, 65535), 0);
	assert_false(port_set_remove(&set, 1));
	port_set_free(&set);
}

TEST(adding_says_whether_the_port_is_new)
{
	struct port_set set = { 0 };

	assert_true(port_set_add(&set, 40000));
	assert_false(port_set_add(&set, 40000));
	assert_int_equal(set.count, 1);
	port_set_free(&set);
}

TEST(removing_says_whether_the_port_was_there)
{
	struct port_set set = { 0 };

	port_set_add(&set, 40000);
	assert_false(port_set_remove(&set, 40001));
	assert_true(port_set_remove(&set, 40000));
	assert_false(port_set_remove(&set, 40000));
	assert_int_equal(set.count, 0);
	port_set_free(&set);
}

TEST(members_come_in_order_whatever_the_order_of_adding)
{
	static const uint16_t added[] = { 443, 65535, 0, 80, 40000, 1 };
	static const int expected[] = { 0, 1, 80, 443, 40000, 65535 };
	struct port_set set = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < 6; i++)
		port_set_add(&set, added[i]);
	port_set_each(port, &set)
		assert_int_equal(port, expected[count++]);
	assert_int_equal(count, 6);
	port_set_free(&set);
}

/* Every second port, so that neighbours are not members. */
static void fill(struct port_set *set, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		port_set_add(set, (uint16_t)(20000 + 2 * i));
}

static void assert_filled(const struct port_set *set, unsigned count)
{
	int expected = 20000;
	unsigned seen = 0;

	assert_int_equal(set->count, count);
	port_set_each(port, set) {
		assert_int_equal(port, expected);
		expected += 2;
		seen++;
	}
	assert_int_equal(seen, count);
	assert_int_equal(port_set_count_between(set, 0, 65535), count);
	assert_int_equal(port_set_count_between(set, 20000, 20009), 5);
}

TEST(the_1024th_port_still_goes_into_an_array)
{
	struct port_set set = { 0 };

	fill(&set, LARGEST_ARRAY);
	assert_int_not_equal(set.capacity, PORT_SET_BITMAP);
	assert_filled(&set, LARGEST_ARRAY);
	assert_false(port_set_add(&set, 20000));
	assert_int_not_equal(set.capacity, PORT_SET_BITMAP);
	port_set_free(&set);
}

TEST(the_1025th_port_makes_a_bitmap_with_the_same_members)
{
	struct port_set set = { 0 };

	fill(&set, LARGEST_ARRAY + 1);
	assert_int_equal(set.capacity, PORT_SET_BITMAP);
	assert_filled(&set, LARGEST_ARRAY + 1);
	assert_false(port_set_add(&set, 20000));
	assert_true(port_set_add(&set, 20001));
	assert_true(port_set_remove(&set, 20001));
	assert_false(port_set_remove(&set, 20001));
	assert_filled(&set, LARGEST_ARRAY + 1);
	port_set_free(&set);
}

TEST(all_ports_fit)
{
	struct port_set set = { 0 };

	for (unsigned port = PORTS; port-- > 0;)
		assert_true(port_set_add(&set, (uint16_t)port));
	assert_int_equal(set.count, PORTS);
	assert_int_equal(port_set_count_between(&set, 0, 65535), PORTS);
	assert_int_equal(port_set_next(&set, 65535), 65535);
	assert_int_equal(port_set_next(&set, 65536), -1);
	for (unsigned port = 0; port < PORTS; port++)
		assert_true(port_set_remove(&set, (uint16_t)port));
	assert_int_equal(set.count, 0);
	assert_int_equal(port_set_next(&set, 0), -1);
	port_set_free(&set);
}

static void assert_same(const struct port_set *set, const bool plain[PORTS])
{
	unsigned count = 0;

	for (unsigned port = 0; port < PORTS; port++) {
		assert_int_equal(port_set_has(set, (uint16_t)port), plain[port]);
		count += plain[port];
	}
	assert_int_equal(set->count, count);
}

static void assert_same_look_ups(const struct port_set *set, const bool plain[PORTS],
				 struct noise *noise)
{
	unsigned first = noise_below(noise, PORTS), last = noise_below(noise, PORTS),
		 count = 0;
	int next = -1;

	for (unsigned port = first; port < PORTS; port++) {
		if (plain[port]) {
			next = (int)port;
			break;
		}
	}
	for (unsigned port = first; port <= last; port++)
		count += plain[port];
	assert_int_equal(port_set_next(set, (int)first), next);
	assert_int_equal(port_set_count_between(set, (uint16_t)first, (uint16_t)last), count);
}

/* Adds for a while, then removes for a while, through both forms, over few ports and over all. */
static void compare_with_plain_array(unsigned ports, uint64_t seed)
{
	static bool plain[PORTS];
	struct noise noise = { seed };
	struct port_set set = { 0 };

	memset(plain, 0, sizeof plain);
	for (unsigned step = 0; step < 60000; step++) {
		unsigned port = noise_below(&noise, ports);
		bool add = noise_below(&noise, 4) ? step / 6000 % 2 == 0 : step / 6000 % 2;

		if (add)
			assert_int_equal(port_set_add(&set, (uint16_t)port), !plain[port]);
		else
			assert_int_equal(port_set_remove(&set, (uint16_t)port), plain[port]);
		plain[port] = add;
		if (step % 500 == 0)
			assert_same_look_ups(&set, plain, &noise);
		if (step % 6000 == 0)
			assert_same(&set, plain);
	}
	assert_same(&set, plain);
	port_set_free(&set);
}

TEST(an_array_behaves_like_a_plain_array_of_flags)
{
	compare_with_plain_array(1000, 11);
}

TEST(a_set_that_changes_its_form_behaves_like_a_plain_array_of_flags)
{
	compare_with_plain_array(2000, 12);
	compare_with_plain_array(PORTS, 13);
}

TEST(bounds_of_a_count_are_inclusive)
{
	struct port_set small = { 0 }, large = { 0 };

	for (unsigned port = 1000; port < 1010; port++)
		port_set_add(&small, (uint16_t)port);
	for (unsigned port = 1000; port < 5000; port++)
		port_set_add(&large, (uint16_t)port);
	for (struct port_set *set = &small;; set = &large) {
		assert_int_equal(port_set_count_between(set, 1000, 1000), 1);
		assert_int_equal(port_set_count_between(set, 999, 1003), 4);
		assert_int_equal(port_set_count_between(set, 1003, 1002), 0);
		if (set == &large)
			break;
	}
	assert_int_equal(port_set_count_between(&large, 1023, 1024), 2);
	assert_int_equal(port_set_count_between(&large, 1024, 1087), 64);
	assert_int_equal(port_set_count_between(&large, 4999, 65535), 1);
	port_set_free(&small);
	port_set_free(&large);
}

TEST(a_set_takes_in_all_of_another)
{
	struct port_set set = { 0 }, more = { 0 };

	port_set_add(&set, 1);
	port_set_add(&set, 3);
	port_set_add(&more, 3);
	port_set_add(&more, 5);
	port_set_add_all(&set, &more);
	assert_int_equal(set.count, 3);
	assert_true(port_set_has(&set, 1) && port_set_has(&set, 3) && port_set_has(&set, 5));
	assert_int_equal(more.count, 2);
	port_set_free(&set);
	port_set_free(&more);
}

/* Of either form into either form, so that one becomes a bitmap on the way, or is one. */
TEST(a_set_of_any_size_takes_in_all_of_another)
{
	const unsigned sizes[] = { 0, 10, LARGEST_ARRAY, 3000 };

	for (unsigned i = 0; i < 16; i++) {
		struct port_set set = { 0 }, more = { 0 };
		static bool plain[PORTS];

		memset(plain, 0, sizeof plain);
		for (unsigned n = 0; n < sizes[i / 4]; n++) {
			port_set_add(&set, (uint16_t)(20000 + 2 * n));
			plain[20000 + 2 * n] = true;
		}
		for (unsigned n = 0; n < sizes[i % 4]; n++) {
			port_set_add(&more, (uint16_t)(65535 - 3 * n));
			plain[65535 - 3 * n] = true;
		}
		port_set_add_all(&set, &more);
		assert_same(&set, plain);
		assert_int_equal(more.count, sizes[i % 4]);
		port_set_free(&set);
		port_set_free(&more);
	}
}

TEST(a_freed_set_is_empty_and_can_be_used_again)
{
	struct port_set set = { 0 };

	fill(&set, 3000);
	port_set_free(&set);
	assert_int_equal(set.count, 0);
	fill(&set, 10);
	assert_filled(&set, 10);
	port_set_free(&set);
}

static unsigned parsed_count(const char *text)
{
	struct port_set set = { 0 };
	unsigned count;

	assert_that(port_set_parse(&set, text), "'%s' is refused", text);
	count = set.count;
	port_set_free(&set);
	return count;
}

TEST(reserved_ports_are_read_as_linux_writes_them)
{
	struct port_set set = { 0 };

	assert_true(port_set_parse(&set, "80,40000-40009,40095\n"));
	assert_int_equal(set.count, 12);
	assert_true(port_set_has(&set, 80));
	assert_true(port_set_has(&set, 40000));
	assert_true(port_set_has(&set, 40009));
	assert_true(port_set_has(&set, 40095));
	assert_false(port_set_has(&set, 40010));
	assert_false(port_set_has(&set, 39999));
	port_set_free(&set);

	assert_int_equal(parsed_count("0"), 1);
	assert_int_equal(parsed_count("65535"), 1);
	assert_int_equal(parsed_count("0-65535\n"), 65536);
	assert_int_equal(parsed_count("5-5"), 1);
	assert_int_equal(parsed_count("1-10,5-15"), 15);
}

TEST(an_empty_line_reserves_nothing)
{
	assert_int_equal(parsed_count(""), 0);
	assert_int_equal(parsed_count("\n"), 0);
}

TEST(what_is_not_a_list_of_ports_is_refused)
{
	static const char *const table[] = {
		"65536",
		"0-65536",
		"70000-70001",
		"5-3",
		"-5",
		"5-",
		"5--6",
		"1-2-3",
		",",
		"1,,2",
		",1",
		" 1",
		"1 2",
		"1, 2",
		"1;2",
		"ten",
		"1,ten",
		"1-ten",
		"0x10",
		"+1",
		"18446744073709551617",
		"99999999999999999999999",
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct port_set set = { 0 };

		assert_that(!port_set_parse(&set, table[i]), "'%s' is taken", table[i]);
		port_set_free(&set);
	}
}

TEST(what_came_before_the_mistake_stays)
{
	struct port_set set = { 0 };

	assert_false(port_set_parse(&set, "80,443,x"));
	assert_int_equal(set.count, 2);
	port_set_free(&set);
}

SUITE(port_set, cmocka_unit_test(an_empty_set_has_nothing),
      cmocka_unit_test(adding_says_whether_the_port_is_new),
      cmocka_unit_test(removing_says_whether_the_port_was_there),
      cmocka_unit_test(members_come_in_order_whatever_the_order_of_adding),
      cmocka_unit_test(the_1024th_port_still_goes_into_an_array),
      cmocka_unit_test(the_1025th_port_makes_a_bitmap_with_the_same_members),
      cmocka_unit_test(all_ports_fit),
      cmocka_unit_test(an_array_behaves_like_a_plain_array_of_flags),
      cmocka_unit_test(a_set_that_changes_its_form_behaves_like_a_plain_array_of_flags),
      cmocka_unit_test(bounds_of_a_count_are_inclusive),
      cmocka_unit_test(a_set_takes_in_all_of_another),
      cmocka_unit_test(a_set_of_any_size_takes_in_all_of_another),
      cmocka_unit_test(a_freed_set_is_empty_and_can_be_used_again),
      cmocka_unit_test(reserved_ports_are_read_as_linux_writes_them),
      cmocka_unit_test(an_empty_line_reserves_nothing),
      cmocka_unit_test(what_is_not_a_list_of_ports_is_refused),
      cmocka_unit_test(what_came_before_the_mistake_stays), );
