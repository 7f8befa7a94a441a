#include "system/memory_file.h"

#include "suite.h"

#include <string.h>

TEST(what_is_written_is_in_memory)
{
	struct memory_file file;

	memory_file_open(&file);
	fputs("one\ntwo", file.out);
	memory_file_flush(&file);
	assert_int_equal(file.size, 7);
	assert_string_equal(file.text, "one\ntwo");
	memory_file_close(&file);
	assert_null(file.text);
}

TEST(nothing_is_an_empty_text)
{
	struct memory_file file;

	memory_file_open(&file);
	memory_file_flush(&file);
	assert_int_equal(file.size, 0);
	assert_string_equal(file.text, "");
	memory_file_close(&file);
}

TEST(writing_goes_on_after_a_look)
{
	struct memory_file file;

	memory_file_open(&file);
	fputs("one", file.out);
	memory_file_flush(&file);
	fputs(", two", file.out);
	memory_file_flush(&file);
	assert_string_equal(file.text, "one, two");
	memory_file_close(&file);
}

TEST(cleared_it_begins_anew_and_is_as_short_as_what_comes)
{
	struct memory_file file;

	memory_file_open(&file);
	fputs("a long beginning", file.out);
	memory_file_flush(&file);
	memory_file_clear(&file);
	fputs("short", file.out);
	memory_file_flush(&file);
	assert_int_equal(file.size, 5);
	assert_memory_equal(file.text, "short", 5);
	memory_file_close(&file);
}

TEST(bytes_of_every_value_are_kept)
{
	struct memory_file file;

	memory_file_open(&file);
	for (int i = 0; i < 256; i++)
		fputc(i, file.out);
	memory_file_flush(&file);
	assert_int_equal(file.size, 256);
	for (int i = 0; i < 256; i++)
		assert_int_equal((unsigned char)file.text[i], i);
	memory_file_close(&file);
}

SUITE(memory_file, cmocka_unit_test(what_is_written_is_in_memory),
      cmocka_unit_test(nothing_is_an_empty_text),
      cmocka_unit_test(writing_goes_on_after_a_look),
      cmocka_unit_test(cleared_it_begins_anew_and_is_as_short_as_what_comes),
      cmocka_unit_test(bytes_of_every_value_are_kept), );
