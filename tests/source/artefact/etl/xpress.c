#include "source/artefact/etl/xpress.h"
#include "suite.h"

#include <string.h>

/* [MS-XCA] 3.1, "abcdefghijklmnopqrstuvwxyz" and "abc" a hundred times. */
static const uint8_t letters[] = {
	0x3f, 0x00, 0x00, 0x00, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k',
	'l',  'm',  'n',  'o',	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
};
static const uint8_t hundred[] = { 0xff, 0xff, 0xff, 0x1f, 'a',	 'b', 'c',
				   0x17, 0x00, 0x0f, 0xff, 0x26, 0x01 };

TEST(bytes_that_do_not_repeat_come_back)
{
	uint8_t out[26];

	assert_int_equal(xpress_decompress(letters, sizeof letters, out, sizeof out), 26);
	assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz", 26);
}

TEST(a_match_reaches_into_what_it_writes_itself)
{
	uint8_t out[300];

	assert_int_equal(xpress_decompress(hundred, sizeof hundred, out, sizeof out), 300);
	for (size_t i = 0; i < sizeof out; i++)
		assert_int_equal(out[i], "abc"[i % 3]);
}

/* Windows writes a last word of flags that nothing uses. */
TEST(what_is_left_over_is_no_mistake)
{
	uint8_t in[sizeof letters + 4], out[26];

	memcpy(in, letters, sizeof letters);
	memset(in + sizeof letters, 0xff, 4);
	assert_int_equal(xpress_decompress(in, sizeof in, out, sizeof out), 26);
}

TEST(two_matches_share_the_byte_that_lengthens_them)
{
	/* A, a match of 3 + 7 + 2, B, one of 3 + 7 + 5: one byte has both, the first in its lower half. */
	static const uint8_t in[] = { 0, 0, 0, 0x50, 'A', 0x07, 0x00, 0x52, 'B', 0x07, 0x00 };
	uint8_t out[1 + 12 + 1 + 15];

	assert_int_equal(xpress_decompress(in, sizeof in, out, sizeof out), sizeof out);
	for (size_t i = 0; i < sizeof out; i++)
		assert_int_equal(out[i], i < 13 ? 'A' : 'B');
}

TEST(it_ends_where_the_input_does)
{
	uint8_t out[300];

	for (size_t cut = 0; cut < sizeof hundred; cut++)
		assert_in_range(xpress_decompress(hundred, cut, out, sizeof out), 0, 3);
	assert_int_equal(xpress_decompress(letters, 10, out, 26), 6);
}

TEST(no_match_reaches_before_the_beginning)
{
	static const uint8_t first[] = { 0xff, 0xff, 0xff, 0xff, 0, 0 };
	static const uint8_t second[] = { 0xff, 0xff, 0xff, 0x7f, 'A', 0x08, 0x00 };
	uint8_t out[8];

	assert_int_equal(xpress_decompress(first, sizeof first, out, sizeof out), 0);
	assert_int_equal(xpress_decompress(second, sizeof second, out, sizeof out), 1);
}

/* 16 bits, and 32 where those are 0; fewer than the shorter forms can say are refused. */
TEST(long_lengths_take_only_the_room_there_is)
{
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0x7f, 'A',  0x07, 0x00, 0x0f,
					0xff, 0,    0,	  0xff, 0xff, 0xff, 0xff };
	static const uint8_t wrong[] = { 0xff, 0xff, 0xff, 0x7f, 'A', 0x07,
					 0x00, 0x0f, 0xff, 21,	 0 };
	uint8_t out[1000];

	assert_int_equal(xpress_decompress(huge, sizeof huge, out, sizeof out), sizeof out);
	assert_int_equal(out[999], 'A');
	assert_int_equal(xpress_decompress(wrong, sizeof wrong, out, sizeof out), 1);
}

SUITE(etl_xpress, cmocka_unit_test(bytes_that_do_not_repeat_come_back),
      cmocka_unit_test(a_match_reaches_into_what_it_writes_itself),
      cmocka_unit_test(what_is_left_over_is_no_mistake),
      cmocka_unit_test(two_matches_share_the_byte_that_lengthens_them),
      cmocka_unit_test(it_ends_where_the_input_does),
      cmocka_unit_test(no_match_reaches_before_the_beginning),
      cmocka_unit_test(long_lengths_take_only_the_room_there_is));
