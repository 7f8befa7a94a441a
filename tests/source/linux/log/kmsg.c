#include "source/linux/log/kmsg.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

struct taken {
	bool good;
	struct kmsg_record record;
	char bytes[512];
};

static void take(struct taken *taken, const char *text)
{
	size_t length = strlen(text);

	assert_in_range(length, 0, sizeof taken->bytes - 1);
	memset(taken->bytes, 'x', sizeof taken->bytes);
	memcpy(taken->bytes, text, length);
	taken->good = kmsg_parse(taken->bytes, length, &taken->record);
}

TEST(a_record_is_taken_apart)
{
	struct taken taken;

	take(&taken, "4,1204,75140900,-;nf_conntrack: table full, dropping packet\n");
	assert_true(taken.good);
	assert_int_equal(taken.record.level, 4);
	assert_int_equal(taken.record.facility, 0);
	assert_int_equal(taken.record.sequence, 1204);
	assert_int_equal(taken.record.microseconds, 75140900);
	assert_string_equal(taken.record.text, "nf_conntrack: table full, dropping packet");
}

TEST(further_fields_and_lines_are_left_out)
{
	struct taken taken;

	take(&taken, "6,1,2,c,caller=T1;eth0: up; no ports\n SUBSYSTEM=net\n DEVICE=n2\n");
	assert_true(taken.good);
	assert_string_equal(taken.record.text, "eth0: up; no ports");
}

TEST(what_a_program_wrote_has_another_facility)
{
	struct taken taken;

	take(&taken, "12,1,2,-;hello\n");
	assert_true(taken.good);
	assert_int_equal(taken.record.facility, 1);
	assert_int_equal(taken.record.level, 4);
}

TEST(escapes_are_undone_and_a_zero_ends_nothing)
{
	struct taken taken;

	take(&taken, "6,1,2,-;a\\x1b[2J\\x5cb\\x00c\\xzz\\x");
	assert_true(taken.good);
	assert_string_equal(taken.record.text, "a\033[2J\\b?c\\xzz\\x");
}

TEST(what_is_no_record_is_refused)
{
	static const char *const texts[] = {
		"",
		";",
		"6",
		"6,1,2",
		"6,1,2,-",
		"6,1;2,-;x",
		"x,1,2,-;x",
		"-6,1,2,-;x",
		"6,99999999999999999999999,2,-;x",
		"6,1,9999999999999999999,-;x",
		"6,,2,-;x",
	};
	struct taken taken;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		take(&taken, texts[i]);
		assert_that(!taken.good, "%s", texts[i]);
	}
}

SUITE(kmsg, cmocka_unit_test(a_record_is_taken_apart),
      cmocka_unit_test(further_fields_and_lines_are_left_out),
      cmocka_unit_test(what_a_program_wrote_has_another_facility),
      cmocka_unit_test(escapes_are_undone_and_a_zero_ends_nothing),
      cmocka_unit_test(what_is_no_record_is_refused));
